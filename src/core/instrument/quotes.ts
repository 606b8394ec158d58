import type { Node } from "web-tree-sitter";
import { ancestors } from "../calls/syntax";

/** The quotes that the strings of some code have more often; those of documentation don't count. */
export function quoteOf(code: readonly Node[]): string {
  const strings = code
    .flatMap((node) => node.descendantsOfType("string"))
    .map((node) => /^[A-Za-z]*("""|'''|["'])/.exec(node?.text.slice(0, 6) ?? "")?.[1]);
  return strings.filter((quote) => quote === "'").length > strings.filter((quote) => quote === '"').length ? "'" : '"';
}

/**
 * The quotes that a text inside of the f-strings around a node may have: Python before 3.12 wants others than theirs.
 * Undefined outside of f-strings, null where they use both.
 */
export function quoteInside(node: Node): string | null | undefined {
  const used = new Set(
    [...ancestors(node)].flatMap((around) =>
      around.type === "string" && around.firstChild?.type === "string_start" ? [around.firstChild.text.slice(-1)] : [],
    ),
  );
  if (used.size === 0) return undefined;
  return used.size > 1 ? null : used.has('"') ? "'" : '"';
}

/**
 * A text as a string literal, whatever is in it: what ends a line or a string, control characters and halves of surrogate
 * pairs, which no file in UTF-8 can hold, are escaped. @param isAscii the file's encoding is not UTF-8 for its readers.
 */
export function literal(value: string, quote: string, style: "python" | "script", isAscii = false): string {
  const escaped = value
    .replace(/[\\"']/g, (sign) => (sign === "\\" || sign === quote ? `\\${sign}` : sign))
    .replace(/[\p{Cc}\u2028\u2029\p{Cs}]/gu, (sign) => SHORT[sign] ?? unicode(sign));
  const text = isAscii
    ? escaped.replace(/[^\0-\x7f]/gu, (sign) =>
        sign.length > 1 && style === "python" ? longUnicode(sign) : [...sign.split("")].map(unicode).join(""),
      )
    : escaped;
  return `${quote}${text}${quote}`;
}

const SHORT: Partial<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const unicode = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
const longUnicode = (sign: string): string => `\\U${(sign.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`;
