import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { TelemetryError } from "../store";

/**
 * Makes a folder of this process's own for what isn't kept: in the system's folder for temporary files, or in this
 * user's caches where that can't be written. The caller removes it.
 * @throws TelemetryError `no-temporary-folder` where neither can be written.
 */
export function makeTemporaryFolder(name: string): string {
  const places = temporaryPlaces();
  for (const place of places) {
    try {
      return mkdtempSync(path.join(place, `prompt-cost-lens-${name}-`));
    } catch {
      // The next one may do.
    }
  }
  throw noTemporaryFolder(places);
}

export const noTemporaryFolder = (places: readonly string[]): TelemetryError =>
  new TelemetryError(
    "no-temporary-folder",
    `No folder for temporary files can be written: ${places.join(", ")}`,
    "Set TMPDIR to a folder that you can write to.",
  );

/** Where this process may keep temporary files, best first. */
export const temporaryPlaces = (): string[] => [
  os.tmpdir(),
  ...[process.env["XDG_RUNTIME_DIR"], process.env["XDG_CACHE_HOME"]].filter(
    (place): place is string => place !== undefined && path.isAbsolute(place),
  ),
  path.join(os.homedir(), ".cache"),
  // A bare container may have no home.
  ...(process.platform === "win32" ? [] : ["/tmp", "/dev/shm"]),
];
