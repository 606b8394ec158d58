import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { TelemetryError } from "../store";
import { beginningOf } from "./fileBytes";
import { firstPageInLog } from "./writeAheadLog";

/** "PCLS", in the header of every store (PRAGMA application_id): nobody else's database is ever opened as ours. */
export const APPLICATION_ID = 0x50434c53;

/** The layout that this version writes (PRAGMA user_version). Version 2 had no application id. */
export const STORE_VERSION = 3;
const FIRST_KNOWN_VERSION = 2;

const MAX_MARK_BYTES = 4096;

/** What lies under a store's name. */
export type StoreFile =
  | { kind: "missing" }
  | {
      kind: "store";
      version: number;
      hasId: boolean;
      /** Nothing is left of the file itself: what it held is lost but for what its log holds. */
      isCut: boolean;
    };

/**
 * Looks at what a path holds, and changes nothing.
 * @throws TelemetryError `not-a-store` where it is anything but a store or nothing, `newer-store`, `read-only`.
 */
export function inspectStore(file: string): StoreFile {
  const header = headerOf(file);
  if (header === null) return { kind: "missing" };
  if (header.length === 0) return { kind: "store", version: STORE_VERSION, hasId: true, isCut: true };
  if (header.length < 100 || !(isMarked(header) || isDatabase(header)))
    throw foreign(
      file,
      "is no database",
      ` If it was a store, prompt-cost store recover --db ${file} saves what can be read.`,
    );
  const version = header.readUInt32BE(60);
  // With our mark, a damaged beginning is that of a store.
  if (isMarked(header)) {
    if (version > STORE_VERSION)
      throw new TelemetryError(
        "newer-store",
        `The local store was written by a newer version of Prompt Cost Lens: ${file}`,
        "Update the extension, or name another file.",
      );
    return { kind: "store", version, hasId: true, isCut: false };
  }
  // The first stores had no id, and some of them all of their tables in the log. What they hold is looked at later.
  if (applicationId(header) === 0 && (version === FIRST_KNOWN_VERSION || (version === 0 && hasLog(file))))
    return { kind: "store", version, hasId: false, isCut: false };
  throw foreign(file, "is another program's database");
}

/** What lies under the name of a store to recover, of which the header may be damaged, too. */
export type DamagedFile = { kind: "missing" } | { kind: "store"; isMarked: boolean };

/** @throws TelemetryError `not-a-store` where it can't be a damaged store, `read-only`. */
export function inspectDamaged(file: string): DamagedFile {
  const header = headerOf(file);
  if (header === null) return { kind: "missing" };
  if (header.length === 0 || isMarked(header)) return { kind: "store", isMarked: true };
  if (isDatabase(header) && applicationId(header) !== 0) throw foreign(file, "is another program's database");
  return { kind: "store", isMarked: false };
}

const isDatabase = (header: Buffer): boolean => header.toString("latin1", 0, 16) === "SQLite format 3\0";
const applicationId = (header: Buffer): number => (header.length < 72 ? 0 : header.readUInt32BE(68));
const isMarked = (header: Buffer): boolean => applicationId(header) === APPLICATION_ID;

/**
 * The first 100 bytes of a regular file, beside which no log is anything else; none of a store that was cut to nothing,
 * null where there is no file.
 */
function headerOf(file: string): Buffer | null {
  let stat;
  try {
    stat = statSync(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT") return hasLog(file) && isCutStore(file) ? Buffer.alloc(0) : null;
    throw new TelemetryError("read-only", `${file} can't be read (${String(code)}).`, "Check the path and its rights.");
  }
  if (!stat.isFile()) throw foreign(file, stat.isDirectory() ? "is a folder" : "is no regular file");
  const log = lstatSync(`${file}-wal`, { throwIfNoEntry: false });
  if (log?.isFile() === false) throw foreign(`${file}-wal`, "is no regular file");
  const header = readHeader(file);
  if (header.length === 0 && !isCutStore(file)) throw foreign(file, "is empty");
  return header;
}

/** Whether a log lies beside it that holds something. */
function hasLog(file: string): boolean {
  const stat = lstatSync(`${file}-wal`, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size > 0;
}

/** Whether an empty or missing file was a store: its log or the mark of an owner that was killed says so. */
function isCutStore(file: string): boolean {
  const mark = `${file}.owner`;
  if (lstatSync(mark, { throwIfNoEntry: false })?.isFile() === true && isOwnersMark(mark)) return true;
  const first = firstPageInLog(file);
  return first !== null && isDatabase(first) && isMarked(first);
}

const isOwnersMark = (mark: string): boolean =>
  statSync(mark).size < MAX_MARK_BYTES && /^\{"host":/.test(readFileSync(mark, "utf8"));

/** @throws TelemetryError `not-a-store` where another program's file lies where the owner's mark would. */
export function refuseForeignMark(mark: string): void {
  const stat = lstatSync(mark, { throwIfNoEntry: false });
  if (stat === undefined || (stat.isFile() && stat.size === 0)) return;
  // The first versions wrote the path of a socket there.
  const isOurs =
    stat.isFile() &&
    stat.size < MAX_MARK_BYTES &&
    (isOwnersMark(mark) || /^\S*prompt-cost-lens\S*\.sock$/.test(readFileSync(mark, "utf8")));
  if (!isOurs) throw foreign(mark, "is another program's file");
}

export const foreign = (file: string, what: string, hint = ""): TelemetryError =>
  new TelemetryError(
    "not-a-store",
    `${file} ${what}, not a store of Prompt Cost Lens. It was left as it is.`,
    `Name another file, or move this one away.${hint}`,
  );

export const damagedStore = (file: string): TelemetryError =>
  new TelemetryError(
    "damaged",
    `The local store is damaged: ${file}`,
    `Save what can be read with prompt-cost store recover --db ${file}. Whoever receives next sets the damaged file aside.`,
  );

function readHeader(file: string): Buffer {
  try {
    return beginningOf(file, 100);
  } catch {
    throw new TelemetryError("read-only", `${file} can't be read.`, "Give yourself the right to read it.");
  }
}

/** The file behind links: its log and marks lie beside the file itself, whatever it was called by. */
export function resolveStore(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}

/**
 * Makes a folder that only this user can enter, and those above it. Node's own `recursive` never ends where the system
 * says that an existing folder isn't there, as /proc does.
 * @throws what the file system throws.
 */
export function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = path.dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it in the meantime.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/** Makes a folder's entries durable. Windows has no such thing. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Tells a file from another one that has taken its name; null where there is none. */
export function identityOf(file: string): string | null {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}
