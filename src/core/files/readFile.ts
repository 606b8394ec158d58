import {
  type Stats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
} from "node:fs";
import { lstat, open, realpath } from "node:fs/promises";
import path from "node:path";

/**
 * The one door through which files of a repository are read. A repository may hold anything under any name: a link to
 * a device that never ends, a pipe that nobody writes to, a link out of the workspace. Only regular files are opened,
 * without waiting, and what was opened is compared with what was looked at.
 */

/** Where a file must really lie: in one of these folders, or anywhere where a person has named it. */
export type Within = readonly string[] | "anywhere";

/** Why a file is not read; each follows "it is". */
export type Unreadable = "missing" | "not a regular file" | "outside the workspace" | "too large" | "binary";

/** Larger files are neither code that a person wrote nor a prompt that a model takes. Bytes. */
export const MAX_FILE_SIZE = 4 * 1024 * 1024;

/** Never waits for a pipe's writer, and never follows a link that was put there after the check. Windows has neither. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** A file's bytes, or why they can't be had. @param maxSize in bytes. */
export function readBytes(file: string, within: Within, maxSize = MAX_FILE_SIZE): Uint8Array | Unreadable {
  let handle: number | undefined;
  try {
    const real = realpathSync.native(file);
    const seen = lstatSync(real);
    const problem = problemOf(seen, maxSize) ?? placeProblem(real, within, realpathSync.native);
    if (problem !== null) return problem;
    handle = openSync(real, FLAGS);
    const opened = fstatSync(handle);
    if (!isSame(seen, opened) || realpathSync.native(file) !== real) return "not a regular file";
    const changed = problemOf(opened, maxSize);
    if (changed !== null) return changed;
    const bytes = new Uint8Array(opened.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(handle, bytes, length, bytes.length - length, length);
    return bytes.subarray(0, length);
  } catch {
    return "missing";
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** The same without blocking the extension host. */
export async function readBytesAsync(
  file: string,
  within: Within,
  maxSize = MAX_FILE_SIZE,
): Promise<Uint8Array | Unreadable> {
  try {
    const real = await realpath(file);
    const seen = await lstat(real);
    const problem = problemOf(seen, maxSize) ?? placeProblem(real, within, realpathSync.native);
    if (problem !== null) return problem;
    const handle = await open(real, FLAGS);
    try {
      const opened = await handle.stat();
      if (!isSame(seen, opened) || (await realpath(file)) !== real) return "not a regular file";
      const changed = problemOf(opened, maxSize);
      if (changed !== null) return changed;
      const { buffer, bytesRead } = await handle.read(new Uint8Array(opened.size), 0, opened.size, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return "missing";
  }
}

const problemOf = (stat: Stats, maxSize: number): Unreadable | null =>
  !stat.isFile() ? "not a regular file" : stat.size > maxSize ? "too large" : null;

function placeProblem(real: string, within: Within, realOf: (folder: string) => string): Unreadable | null {
  if (within === "anywhere") return null;
  const isInside = within.some((folder) => {
    try {
      return isBelow(real, realOf(folder));
    } catch {
      return false; // A folder that is gone holds nothing.
    }
  });
  return isInside ? null : "outside the workspace";
}

const isSame = (a: Stats, b: Stats): boolean => a.dev === b.dev && a.ino === b.ino;

/** Whether a path lies below a folder, both absolute. */
export const isBelow = (file: string, folder: string): boolean =>
  file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);

/** Reads a text file. UTF-16 is told by its byte order mark; a UTF-8 mark is taken off. @param maxSize in bytes. */
export function readTextFile(
  file: string,
  within: Within,
  maxSize = MAX_FILE_SIZE,
): { text: string } | { unreadable: Unreadable } {
  return textOf(readBytes(file, within, maxSize));
}

/** The same without blocking the extension host. */
export const readTextFileAsync = async (
  file: string,
  within: Within,
): Promise<{ text: string } | { unreadable: Unreadable }> => textOf(await readBytesAsync(file, within));

/** A text file's text; undefined where it can't be read. */
export function textIfReadable(file: string, within: Within): string | undefined {
  const content = readTextFile(file, within);
  return "text" in content ? content.text : undefined;
}

const textOf = (bytes: Uint8Array | Unreadable): { text: string } | { unreadable: Unreadable } =>
  bytes instanceof Uint8Array ? decode(bytes) : { unreadable: bytes };

const utf8 = new TextDecoder("utf-8");

/** The text of a file's bytes. */
export function decode(bytes: Uint8Array): { text: string } | { unreadable: Unreadable } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: new TextDecoder("utf-16le").decode(bytes) };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: new TextDecoder("utf-16be").decode(bytes) };
  return bytes.subarray(0, 8192).includes(0) ? { unreadable: "binary" } : { text: utf8.decode(bytes) };
}

/** What standard input holds, in UTF-8. @throws where it can't be read. */
export const readStandardInput = (): string => readFileSync(0, "utf8");
