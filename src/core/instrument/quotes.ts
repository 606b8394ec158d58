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
