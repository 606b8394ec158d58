import { pathWords } from "../calls/apis";
import { LARGEST_FILE, decode, readBytes } from "../calls/files";

/** A file's text where it may hold calls, or why it is not read further. */
export type Source = { kind: "text"; text: string } | { kind: "no calls" } | { kind: "skipped"; reason: SkipReason };

export type SkipReason = "binary" | "minified" | "overLong" | "unreadable";

/** Longer code is generated; parsing it would hold up everything else. UTF-16 units. */
export const LONGEST_CODE = 2_000_000;

const words = pathWords.map((word) => Buffer.from(word));
/** The same words in UTF-16, which editors on Windows still write. */
const wideWords = pathWords.map((word) => Buffer.from(word, "utf16le"));

/** Reads a file's bytes and looks for a word of the APIs before anything else: most files have none. */
export function readSource(file: string): Source {
  const bytes = readBytes(file);
  if (typeof bytes === "string") return { kind: "skipped", reason: bytes === "too large" ? "overLong" : bytes === "binary" ? "binary" : "unreadable" };
  if (bytes.length > LONGEST_CODE || bytes.length > LARGEST_FILE) return { kind: "skipped", reason: "overLong" };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (!isWide && buffer.subarray(0, 8192).includes(0)) return { kind: "skipped", reason: "binary" };
  if (/\.[cm]?jsx?$/i.test(file) && isMinified(buffer)) return { kind: "skipped", reason: "minified" };
  if (!isWide && !words.some((word) => buffer.includes(word))) return { kind: "no calls" };
  const decoded = decode(bytes);
  if ("unreadable" in decoded) return { kind: "skipped", reason: "binary" };
  const bare = decoded.text;
  if (isWide && !wideWords.some((word) => buffer.includes(word)) && !pathWords.some((word) => bare.includes(word))) return { kind: "no calls" };
  return { kind: "text", text: bare };
}

/** People's lines are shorter than this on average. */
const LONG_LINES = 250;

function isMinified(buffer: Buffer): boolean {
  if (buffer.length < 4096) return false;
  const enough = buffer.length / LONG_LINES;
  let lines = 0;
  for (let at = buffer.indexOf(10); at >= 0; at = buffer.indexOf(10, at + 1)) if (++lines > enough) return false;
  return true;
}
