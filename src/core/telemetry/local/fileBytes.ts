import { closeSync, constants, openSync, readSync } from "node:fs";

/** Bytes of an open file; fewer where it ends before. @throws what the file system throws. */
export function bytesAt(handle: number, at: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(handle, buffer, 0, length, at));
}

/** A file's first bytes; fewer where it is shorter. @throws what the file system throws. */
export function beginningOf(file: string, length: number): Buffer {
  // A pipe in its place would be waited for.
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return bytesAt(handle, 0, length);
  } finally {
    closeSync(handle);
  }
}
