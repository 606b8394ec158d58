import os from "node:os";
import path from "node:path";

/** Where the command line keeps its store, unless it is told of another: the system's folder for a user's data. */
export function defaultStoreFile(environment: NodeJS.ProcessEnv = process.env): string {
  const home = os.homedir();
  const data =
    process.platform === "win32"
      ? (environment["LOCALAPPDATA"] ?? path.join(home, "AppData", "Local"))
      : process.platform === "darwin"
        ? path.join(home, "Library", "Application Support")
        : environment["XDG_DATA_HOME"] || path.join(home, ".local", "share");
  return path.join(data, "prompt-cost-lens", STORE_FILE);
}

export const STORE_FILE = "spans.sqlite";
