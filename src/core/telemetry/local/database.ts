import { existsSync, renameSync, rmSync, rmdirSync, statfsSync, statSync } from "node:fs";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { Connection } from "./connection";
import { TelemetryError } from "../store";
import { createTables, upgradeTables } from "./layout";
import { META_SCHEMA } from "./meta";
import { layOut } from "./privateView";
import { APPLICATION_ID, STORE_VERSION, foreign, inspectStore, makeFolder, syncFolder } from "./storeFile";
import { makeTemporaryFolder } from "./temporaryFolder";
import { checkTables, isDamage, isLogTorn } from "./integrity";

/** Pages (of 8 KB) after which the write-ahead log is moved into the database. */
const CHECKPOINT_PAGES = 1000;

/** Of the database's pages, kept in memory. */
const CACHE_KIB = 65_536;

/** What a database was opened as: as it was, or new because there was none or the old one could not be read. */
export interface OpenDatabase {
  database: Connection;
  /** Where an unreadable one was put, or null. */
  setAside: string | null;
  /** Whether the last transaction was only partly in the log, and was left out. */
  wasTorn: boolean;
}

/**
 * Opens the store for this process alone: whoever calls this holds the store's ownership (see `ownership.ts`), so a
 * lock that lies there is that of a process which died. Write-ahead logging keeps what was committed through a
 * killed process; the rollback journal of node-sqlite3-wasm does not (its lock check takes its own lock for another's).
 * @param isAfterKill the last owner was killed, and the machine has not been started again since
 * @throws TelemetryError where the folder can't be written, the file is no store, or it is of a newer version.
 */
export function openDatabase(file: string, isAfterKill: boolean): OpenDatabase {
  try {
    return { ...openOrCreate(file, isAfterKill), setAside: null };
  } catch (error) {
    if (error instanceof TelemetryError) throw error;
    if (!isDamage(error)) throw failureOf(error, file);
    const setAside = putAside(file);
    return { ...openOrCreate(file, isAfterKill), setAside };
  }
}

function openOrCreate(file: string, isAfterKill: boolean): { database: Connection; wasTorn: boolean } {
  makeFolder(path.dirname(file));
  const found = inspectStore(file);
  if (found.kind === "missing") create(file);
  // SQLite would delete the log of an empty file, and overwrite what lies behind damage in a log.
  else if (found.isCut) throw new Error("malformed: nothing is left of the file");
  const wasTorn = isLogTorn(file, isAfterKill);
  removeDriversLock(file);
  const isUnmarked = found.kind === "store" && !found.hasId;
  if (isUnmarked) refuseStranger(file);
  const database = openFile(file);
  try {
    if (isUnmarked) database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    if (versionOf(database) < STORE_VERSION) upgradeTables(database);
    database.exec(META_SCHEMA);
    checkTables(database);
    return { database, wasTorn };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The driver's lock is an empty folder; anything else of that name is somebody's. */
function removeDriversLock(file: string): void {
  try {
    rmdirSync(`${file}.lock`);
  } catch {
    // There is none, or it isn't the driver's.
  }
}

/** Makes a store under another name, and gives it its own when it is whole: a power cut leaves all of it or nothing. */
function create(file: string): void {
  // A log without its database would be read into the new one.
  if (existsSync(`${file}-wal`)) putAside(file);
  const unfinished = `${file}.new-${randomBytes(6).toString("hex")}`;
  newStore(unfinished).close();
  renameSync(unfinished, file);
  syncFolder(path.dirname(file));
}

/** A store without calls, in a file that doesn't exist. The caller closes it. @throws what SQLite throws */
export function newStore(file: string): Connection {
  const database = openFile(file);
  try {
    createTables(database);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
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
    database.get(`PRAGMA cache_size = ${-CACHE_KIB}`);
    database.get(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The layout that the database has; its header on the disk may be older than its log. */
export const versionOf = (database: Connection): number =>
  Number(database.get("PRAGMA user_version")?.["user_version"] ?? 0);

/** The first stores had no mark; other programs may number their databases as they did. Looks without writing. */
function refuseStranger(file: string): void {
  const folder = makeTemporaryFolder("look");
  try {
    const view = path.join(folder, "spans.sqlite");
    layOut(file, view);
    const database = new Connection(view, { readOnly: true });
    try {
      database.get("PRAGMA locking_mode = EXCLUSIVE");
      refuseOtherTables(database, file);
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws TelemetryError `not-a-store` where the database lacks a table of a store. @param file for the message */
export function refuseOtherTables(database: Connection, file: string): void {
  const columns = database.all(
    "SELECT t.name AS name, group_concat(c.name) AS columns FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' GROUP BY t.name",
  );
  const isThere = (table: string, column: string): boolean =>
    columns.some((one) => one["name"] === table && String(one["columns"]).split(",").includes(column));
  if (
    !isThere("span", "trace") ||
    !isThere("series", "feature") ||
    !isThere("user", "name") ||
    !isThere("day", "columns")
  )
    throw foreign(file, "is another program's database");
}

/** Renames a store that can't be read, with its log; nothing of it is lost. @returns its new name. */
export function putAside(file: string): string {
  const aside = `${file}.damaged-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  for (const ending of ["", "-wal"])
    if (existsSync(`${file}${ending}`)) renameSync(`${file}${ending}`, `${aside}${ending}`);
  removeDriversLock(file);
  return aside;
}

/** In words, what keeps the database from being opened or written. */
export function failureOf(error: unknown, file: string): TelemetryError {
  const folder = path.dirname(file);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = error instanceof Error ? error.message : String(error);
  if (/full/i.test(text) || code === "ENOSPC" || !hasSpace(folder))
    return new TelemetryError(
      "disk-full",
      `The disk that holds the local store is full: ${folder}`,
      "Free some space; spans are stored again as soon as there is some.",
      true,
    );
  if (/locked|busy/i.test(text))
    return new TelemetryError(
      "locked",
      `Another program holds the local store: ${file}`,
      "Close the other program. Retrying automatically.",
      true,
    );
  if (
    /readonly|read-only|unable to open|permission/i.test(text) ||
    ["EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR"].includes(code)
  )
    return new TelemetryError(
      "read-only",
      `The local store can't be written: ${file}`,
      `Give yourself the right to write in ${folder}, or name another file.`,
    );
  return new TelemetryError(
    "store-failed",
    `The local store failed: ${text} (${file})`,
    "Show the log for details, or clear the local store.",
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

/** Bytes on disk, of the database and of its write-ahead log. */
export function sizeOf(file: string): { database: number; log: number } {
  const bytes = (name: string): number => statSync(name, { throwIfNoEntry: false })?.size ?? 0;
  return { database: bytes(file), log: bytes(`${file}-wal`) };
}
