import type { Node } from "web-tree-sitter";

/** Before a name on its line, where it is bound: nothing, other targets, `for`, `as`, `import`. */
const BINDS_BEFORE = /^[ \t]*(?:[\w.]+(?:\[[^\]]*\])?[ \t]*[,=][ \t]*|[(*[][ \t]*)*$/;
const BINDS_BY_WORD = /\b(?:for\b(?![^\n]*\bin\b)|import\b)[\w.*()[\], \t]*$|\bas[ \t]+$/;
const BINDS_BEHIND = /^[ \t]*(?:,[^=\n]{0,200}|[)\]][ \t]*|:[^=\n]{0,100})?=(?!=)/;

/** Whether a function binds a name: looked for in its text, line by line. */
export function declares(fn: Node, name: string): boolean {
  const { text } = fn;
  let isBound = false;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    const before = text.slice(Math.max(text.lastIndexOf("\n", at) + 1, at - 200), at);
    if (/[\w.]$/.test(before)) continue;
    if (/^[ \t]*(?:global|nonlocal)\b/.test(before)) return false;
    if (isBound) continue;
    const isTarget =
      BINDS_BEFORE.test(before) && BINDS_BEHIND.test(text.slice(at + name.length, at + name.length + 220));
    // On a line of its own, a call's keyword looks like an assignment.
    const from = fn.startIndex + at;
    isBound =
      BINDS_BY_WORD.test(before) ||
      (isTarget && fn.descendantForIndex(from, from + name.length)?.parent?.type !== "keyword_argument");
  }
  return isBound;
}
