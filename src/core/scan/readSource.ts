import { methodNames, pathWords } from "../calls/apis";
import { LONGEST_CODE } from "../calls/files";
import { type Within, decode, readBytes } from "../files/readFile";

/** A file's text where it may hold calls, or why it is not read further. */
export type Source = { kind: "text"; text: string } | { kind: "no calls" } | { kind: "skipped"; reason: SkipReason };

export type SkipReason = "binary" | "minified" | "overLong" | "unreadable";

const words = pathWords.map((word) => Buffer.from(word));

/** Reads a file's bytes and looks for a word of the APIs before anything else: most files have none. */
export function readSource(file: string, within: Within): Source {
  const bytes = readBytes(file, within);
  if (typeof bytes === "string")
    return {
      kind: "skipped",
      reason: bytes === "too large" ? "overLong" : bytes === "binary" ? "binary" : "unreadable",
    };
  if (bytes.length > LONGEST_CODE) return { kind: "skipped", reason: "overLong" };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (!isWide && buffer.subarray(0, 8192).includes(0)) return { kind: "skipped", reason: "binary" };
  if (/\.[cm]?jsx?$/i.test(file) && isMinified(buffer)) return { kind: "skipped", reason: "minified" };
  if (!isWide && !words.some((word) => buffer.includes(word))) return { kind: "no calls" };
  const decoded = decode(bytes);
  if ("unreadable" in decoded) return { kind: "skipped", reason: "binary" };
  return mayHaveCalls(decoded.text) ? { kind: "text", text: decoded.text } : { kind: "no calls" };
}

/** An API's name as a member, a key or a class, and a method: without both there is nothing to parse for. */
const memberPattern = new RegExp(
  `(?:\\.|\\[\\s*["'\`]|[{,]\\s*)(?:${pathWords.join("|")})\\b|\\b(?:${pathWords.filter((word) => /^[A-Z]/.test(word)).join("|")})\\b`,
);
const methodPattern = new RegExp(`\\b(?:${methodNames.join("|")})\\b`);

/** Whether a text is worth parsing. */
export const mayHaveCalls = (text: string): boolean => methodPattern.test(text) && memberPattern.test(text);

/** People's lines are shorter than this on average. */
const LONG_LINES = 250;

function isMinified(buffer: Buffer): boolean {
  if (buffer.length < 4096) return false;
  const enough = buffer.length / LONG_LINES;
  let lines = 0;
  for (let at = buffer.indexOf(10); at >= 0; at = buffer.indexOf(10, at + 1)) if (++lines > enough) return false;
  return true;
}
