import { randomUUID } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { readBytes } from "../core/files/readFile";
import { refusalToWrite, statOf } from "../core/instrument/writable";
import { UsageError } from "./usageError";

/** A file's text before and after; null where there is no file. */
export interface Write {
  before: string | null;
  after: string | null;
}

const MARK = "\uFEFF";
const decodes = (bytes: Buffer): string => new TextDecoder().decode(bytes);

/** Whether a file would keep every byte that isn't edited: a text in UTF-8, with or without a byte order mark. */
export function canKeepBytes(file: string, text: string): boolean {
  const bytes = readBytes(file, "anywhere");
  return bytes instanceof Uint8Array && [text, MARK + text].some((one) => Buffer.from(one).equals(bytes));
}

/** A file's new content beside it, not yet in its place. */
interface Prepared {
  file: string;
  /** What the file has held; null where there was none. */
  bytes: Buffer | null;
  mode: number | undefined;
  /** Null where the file goes. */
  temporary: string | null;
}

/**
 * Writes all files, or none. All are written beside their places first and then moved there, so that no file is ever
 * half written; where one is a link, has changed in the meantime or can't be moved, those before it are put back.
 * @param root the project's folder: nothing outside of it is written. @throws UsageError
 */
export function writeAll(writes: ReadonlyMap<string, Write>, root: string): void {
  const prepared: Prepared[] = [];
  const placed: Prepared[] = [];
  try {
    for (const [file, write] of writes) prepared.push(prepare(file, write, root));
    for (const one of prepared) {
      if (one.temporary === null) rmSync(one.file);
      else renameSync(one.temporary, one.file);
      placed.push(one);
    }
  } catch (error) {
    for (const { temporary } of prepared) if (temporary !== null) rmSync(temporary, { force: true });
    for (const { file, bytes, mode } of placed) {
      if (bytes === null) rmSync(file, { force: true });
      else renameSync(writeBeside(file, bytes, mode), file);
    }
    throw new UsageError(`nothing was written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function prepare(file: string, { before, after }: Write, root: string): Prepared {
  const refusal = refusalToWrite(file, root);
  if (refusal !== null) throw new Error(refusal);
  const current = readExisting(file);
  if ((current === null ? null : decodes(current.bytes)) !== before)
    throw new Error(`${file} has changed in the meantime`);
  const { bytes, mode } = current ?? { bytes: null, mode: undefined };
  const hasMark = bytes?.subarray(0, 3).equals(Buffer.from(MARK)) === true;
  const temporary = after === null ? null : writeBeside(file, Buffer.from(hasMark ? MARK + after : after), mode);
  return { file, bytes, mode, temporary };
}

/** Systems without links in their files (Windows) have no such flag. */
const NO_FOLLOW = (constants.O_NOFOLLOW as number | undefined) ?? 0;

function readExisting(file: string): { bytes: Buffer; mode: number } | null {
  if (statOf(file) === null) return null;
  const handle = openSync(file, constants.O_RDONLY | NO_FOLLOW);
  try {
    return { bytes: readFileSync(handle), mode: fstatSync(handle).mode & 0o7777 };
  } finally {
    closeSync(handle);
  }
}

/** Writes a new file in the same folder. @returns its path. */
function writeBeside(file: string, bytes: Buffer, mode: number | undefined): string {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID().slice(0, 8)}.tmp`);
  const handle = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, 0o666);
  try {
    writeFileSync(handle, bytes);
    if (mode !== undefined) fchmodSync(handle, mode);
    fsyncSync(handle);
    return temporary;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}
