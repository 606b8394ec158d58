import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import path from "node:path";

/** The files that calls and prompts are read from. */
export interface Files {
  /** Absolute paths of the workspace's folders. */
  readonly roots: readonly string[];
  /** A file's text; undefined where it is missing, too large, or not text. */
  read(file: string): string | undefined;
}

/** Larger files are neither code that a person wrote nor a prompt that a model takes. */
const LARGEST_FILE = 4 * 1024 * 1024;

/** Longer code is generated; parsing it would hold up everything else. UTF-16 units. */
export const LONGEST_CODE = 2_000_000;

/** Why a file is not read. */
export type Unreadable = "missing" | "too large" | "binary";

/** Reads a text file from disk. UTF-16 is told by its byte order mark; what is left of a UTF-8 mark is taken off. */
export function readTextFile(file: string): { text: string } | { unreadable: Unreadable } {
  const bytes = readBytes(file);
  return bytes instanceof Uint8Array ? decode(bytes) : { unreadable: bytes };
}

/** A file's bytes, or why they can't be had. */
export function readBytes(file: string): Uint8Array | Unreadable {
  let handle: number;
  try {
    handle = openSync(file, "r");
  } catch {
    return "missing";
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) return "missing";
    if (stat.size > LARGEST_FILE) return "too large";
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(handle, bytes, length, bytes.length - length, length);
    return bytes.subarray(0, length);
  } catch {
    return "missing";
  } finally {
    closeSync(handle);
  }
}

const utf8 = new TextDecoder("utf-8");

/** The text of a file's bytes. */
export function decode(bytes: Uint8Array): { text: string } | { unreadable: Unreadable } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: new TextDecoder("utf-16le").decode(bytes) };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: new TextDecoder("utf-16be").decode(bytes) };
  return bytes.subarray(0, 8192).includes(0) ? { unreadable: "binary" } : { text: utf8.decode(bytes) };
}

/** Files on disk, read once until they are said to have changed; open documents come before the disk. */
export class DiskFiles implements Files {
  private readonly cache = new Map<string, string | undefined>();
  private readonly open = new Map<string, string>();

  constructor(public roots: readonly string[]) {}

  read(file: string): string | undefined {
    const open = this.open.get(file);
    if (open !== undefined) return open;
    if (this.cache.has(file)) return this.cache.get(file);
    const result = readTextFile(file);
    const text = "text" in result ? result.text : undefined;
    this.cache.set(file, text);
    return text;
  }

  /** Takes the text of a document that is open in an editor; undefined where it was closed. */
  setOpen(file: string, text: string | undefined): void {
    if (text === undefined) this.open.delete(file);
    else this.open.set(file, text);
    this.cache.delete(file);
  }

  /** Forgets a file, or everything below a folder. */
  forget(changed: string): void {
    const below = changed + path.sep;
    for (const file of this.cache.keys()) if (file === changed || file.startsWith(below)) this.cache.delete(file);
  }
}
