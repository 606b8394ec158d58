import { LONGEST_CODE } from "../calls/files";
import { mayHaveCalls, pathWords } from "../calls/words";
import type { LanguagePack } from "../languages/pack";
import { languageOfFile, languages } from "../languages/registry";
import { type Within, decode, readBytes } from "../files/readFile";

/** A file's text where it may hold calls, or why it is not read further. */
export type Source = { kind: "text"; text: string } | { kind: "no calls" } | { kind: "skipped"; reason: SkipReason };

export type SkipReason = "binary" | "minified" | "overLong" | "unreadable";

/** The languages that a file's code may be in: several for a notebook. */
function packsOf(file: string): readonly LanguagePack[] {
  const pack = languageOfFile(file);
  return pack === undefined ? languages : [pack];
}

const words = new Map(languages.map((pack) => [pack, pathWords(pack).map((word) => Buffer.from(word))]));

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
  const packs = packsOf(file);
  if (!isWide && !packs.some((pack) => words.get(pack)?.some((word) => buffer.includes(word))))
    return { kind: "no calls" };
  const decoded = decode(bytes);
  if ("unreadable" in decoded) return { kind: "skipped", reason: "binary" };
  return packs.some((pack) => mayHaveCalls(decoded.text, pack))
    ? { kind: "text", text: decoded.text }
    : { kind: "no calls" };
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
