import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  const bytes = readFileSync(file);
  return bytes.equals(Buffer.from(text)) || bytes.equals(Buffer.from(MARK + text));
}

/** Writes all files, or none: where one has changed meanwhile or can't be written, those before it are put back. @throws UsageError */
export function writeAll(writes: ReadonlyMap<string, Write>): void {
  const done: [string, Buffer | null][] = [];
  try {
    for (const [file, { before, after }] of writes) {
      const bytes = existsSync(file) ? readFileSync(file) : null;
      if ((bytes === null ? null : decodes(bytes)) !== before) throw new Error(`${file} has changed meanwhile`);
      done.push([file, bytes]);
      if (after === null) rmSync(file);
      else writeFileSync(file, bytes?.subarray(0, 3).equals(Buffer.from(MARK)) === true ? MARK + after : after);
    }
  } catch (error) {
    for (const [file, bytes] of done) {
      if (bytes === null) rmSync(file, { force: true });
      else if (!readFileSync(file).equals(bytes)) writeFileSync(file, bytes);
    }
    throw new UsageError(`nothing was written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
