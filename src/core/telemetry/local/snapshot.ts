import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { TelemetryError } from "../store";
import { connectToOwner } from "./ownership";
import { Guest } from "./guest";
import { z } from "zod";
import { STORE_VERSION, inspectStore, resolveStore } from "./storeFile";

/** How often reading begins again where the store changes meanwhile. */
const MAX_TRIES = 5;

/**
 * Gives a store's content to a reader that changes nothing of it: neither its bytes nor its folder. A running owner is
 * asked for a copy; without one, the reader gets the file itself under another name, with a copy of its log.
 * @param read gets the path of a store to open read-only; it is gone afterwards.
 * @throws TelemetryError `no-store` where there is none, `not-a-store`, or what the owner answers.
 */
export async function withSnapshot<T>(file: string, read: (snapshot: string) => T): Promise<T> {
  const target = resolveStore(file);
  const found = inspectStore(target);
  if (found.kind === "missing") throw noStore(file);
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-lens-read-"));
  try {
    const snapshot = path.join(folder, "spans.sqlite");
    const connection = await connectToOwner(target);
    if (connection !== null) {
      const guest = new Guest(connection);
      try {
        await guest.ask({ kind: "backup", to: snapshot }, z.unknown());
      } finally {
        guest.close();
      }
      return read(snapshot);
    }
    // One of an older layout is brought to today's before it is read: that needs a copy.
    return readInPlace(target, snapshot, found.version < STORE_VERSION ? copyFileSync : linkOrCopy, read);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const noStore = (file: string): TelemetryError =>
  new TelemetryError(
    "no-store",
    `There is no local store yet: ${file}`,
    "Start receiving (prompt-cost receive, or the Prompt Cost view), or name another file with --db.",
  );

/** Reads the files as they lie there; again where an owner has come and changed them in the meantime. */
function readInPlace<T>(
  target: string,
  snapshot: string,
  bring: (from: string, to: string) => void,
  read: (snapshot: string) => T,
): T {
  for (let tries = 1; ; tries++) {
    const before = stateOf(target);
    for (const ending of ["", "-wal", ".lock"]) rmSync(`${snapshot}${ending}`, { recursive: true, force: true });
    bring(target, snapshot);
    if (existsSync(`${target}-wal`)) copyFileSync(`${target}-wal`, `${snapshot}-wal`);
    let result: T;
    try {
      result = read(snapshot);
    } catch (error) {
      if (stateOf(target) === before || tries >= MAX_TRIES) throw error;
      continue;
    }
    if (stateOf(target) === before) return result;
    if (tries >= MAX_TRIES)
      throw new TelemetryError("busy", "The local store keeps changing while it is read.", "Try again.", true);
  }
}

/** A link costs nothing however large the store is; SQLite looks for the log beside the link. */
function linkOrCopy(target: string, snapshot: string): void {
  try {
    symlinkSync(target, snapshot);
  } catch {
    // Windows lets few users make links.
    copyFileSync(target, snapshot);
  }
}

const stateOf = (target: string): string =>
  ["", "-wal"]
    .map((ending) => statSync(`${target}${ending}`, { throwIfNoEntry: false }))
    .map((stat) => (stat === undefined ? "none" : `${stat.ino}:${stat.size}:${stat.mtimeMs}`))
    .join(" ");
