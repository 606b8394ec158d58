import type { Node } from "web-tree-sitter";

const simple: Record<string, string> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/**
 * A string literal's text; undefined where its bytes are no text of whole characters (The Go Programming Language
 * Specification, "String literals": octal and \x escapes stand for bytes, raw strings have no carriage returns).
 */
export function stringText(node: Node): string | undefined {
  const source = node.text.slice(1, -1);
  if (node.type === "raw_string_literal") return source.replaceAll("\r", "");
  if (!source.includes("\\")) return source;
  let isText = true;
  const text = source.replace(
    /\\(?:x([\da-fA-F]{2})|([0-7]{3})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^]))/g,
    (whole, hex?: string, octal?: string, short?: string, long?: string, one = "") => {
      const byte = hex === undefined ? Number.parseInt(octal ?? "0", 8) : Number.parseInt(hex, 16);
      const code = short ?? long;
      if (code !== undefined) {
        const value = Number.parseInt(code, 16);
        if (value <= 0x10ffff) return String.fromCodePoint(value);
      }
      if (hex !== undefined || octal !== undefined) {
        isText &&= byte < 0x80;
        return String.fromCharCode(byte);
      }
      return Object.hasOwn(simple, one) ? (simple[one] ?? whole) : whole;
    },
  );
  return isText ? text : undefined;
}
