import { existsSync, mkdirSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import path from "node:path";
import { Connection } from "./connection";
import { TelemetryError } from "../store";
import { LAYOUT_VERSION, createTables, upgradeTables } from "./layout";

/** What a database was opened as: new, as it was, or new because the old one could not be read. */
export interface OpenDatabase {
  database: Connection;
  /** Where an unreadable one was put, or null. */
  setAside: string | null;
}

/**
 * Opens the store for this process alone: whoever calls this holds the store's ownership (see `ownership.ts`), so a
 * lock that lies there is that of a process which died. Write-ahead logging keeps what was committed through a
 * killed process; the rollback journal of node-sqlite3-wasm does not (its lock check takes its own lock for another's).
 * @throws TelemetryError where the folder can't be written or the database is of a newer version.
 */
export function openDatabase(file: string): OpenDatabase {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    rmSync(`${file}.lock`, { recursive: true, force: true });
    return { database: openFile(file), setAside: null };
  } catch (error) {
    if (error instanceof TelemetryError) throw error;
    if (!isDamage(error)) throw failureOf(error, file);
    const setAside = `${file}.damaged-${new Date().toISOString().replace(/[:.]/g, "-")}`;
    for (const ending of ["", "-wal"])
      if (existsSync(`${file}${ending}`)) renameSync(`${file}${ending}`, `${setAside}${ending}`);
    rmSync(`${file}.lock`, { recursive: true, force: true });
    return { database: openFile(file), setAside };
  }
}

function openFile(file: string): Connection {
  const database = new Connection(file);
  try {
    // Order matters: without shared memory, only an exclusive connection can use the write-ahead log.
    database.get("PRAGMA locking_mode = EXCLUSIVE");
    database.get("PRAGMA page_size = 8192");
    database.get("PRAGMA auto_vacuum = INCREMENTAL");
    database.get("PRAGMA journal_mode = WAL");
    database.get("PRAGMA synchronous = FULL");
    database.get("PRAGMA cache_size = -65536");
    database.get("PRAGMA wal_autocheckpoint = 4000");
    const version = Number(database.get("PRAGMA user_version")?.["user_version"] ?? 0);
    if (version > LAYOUT_VERSION)
      throw new TelemetryError(
        "newer-store",
        `The local store was written by a newer version of Prompt Cost Lens: ${file}`,
        "Update the extension, or name another file.",
      );
    // Version 1 was never released.
    if (version < 2) {
      if (database.all("SELECT name FROM sqlite_schema").length > 0) throw new Error("file is not a database of spans");
      createTables(database);
    } else if (version < LAYOUT_VERSION) {
      upgradeTables(database);
    }
    checkTables(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Reads something of every table: damage in the tree's upper pages shows at once, and not in the middle of an answer. */
function checkTables(database: Connection): void {
  for (const table of ["series", "user", "span", "day"]) database.get(`SELECT * FROM ${table} LIMIT 1`);
  const problem = database.get("PRAGMA quick_check(1)")?.["quick_check"];
  if (problem !== "ok") throw new Error(`malformed: ${String(problem)}`);
}

/** Whether SQLite says that the file itself is broken. */
export const isDamage = (error: unknown): boolean =>
  error instanceof Error &&
  /malformed|not a database|no such table|no such column|disk image|has no column/i.test(error.message);

/** In words, what keeps the database from being opened or written. */
export function failureOf(error: unknown, file: string): TelemetryError {
  const folder = path.dirname(file);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = error instanceof Error ? error.message : String(error);
  if (/full/i.test(text) || code === "ENOSPC" || !hasSpace(folder))
    return new TelemetryError(
      "disk-full",
      `The disk that holds the local store is full: ${folder}`,
      "Free some space; spans are taken again as soon as there is some.",
      true,
    );
  if (/locked|busy/i.test(text))
    return new TelemetryError(
      "locked",
      `Another program holds the local store: ${file}`,
      "Close the other program; it is tried again by itself.",
      true,
    );
  if (/readonly|read-only|unable to open|permission/i.test(text) || ["EACCES", "EPERM", "EROFS"].includes(code))
    return new TelemetryError(
      "read-only",
      `The local store can't be written: ${file}`,
      `Give yourself the right to write in ${folder}, or name another file.`,
    );
  return new TelemetryError(
    "store-failed",
    `The local store failed: ${text} (${file})`,
    "Show the log for details; Clear Local Store starts anew.",
    true,
  );
}

function hasSpace(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > 1_000_000;
  } catch {
    return true;
  }
}

/** Bytes on disk. */
export function sizeOf(file: string): number {
  return ["", "-wal"].reduce(
    (sum, ending) => sum + (existsSync(`${file}${ending}`) ? statSync(`${file}${ending}`).size : 0),
    0,
  );
}
