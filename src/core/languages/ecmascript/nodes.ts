import type { Node } from "web-tree-sitter";
import type { TextPart } from "../../calls/expression";
import { children } from "../../calls/syntax";
import { ecmascriptEscapes } from "../escapes";
import { spreadIn } from "../lowering";

/** The parts of a string or template, its escapes replaced: text, and what is put in. */
export function stringParts(node: Node): TextPart[] {
  const parts: TextPart[] = [];
  let cursor = node.startIndex + 1;
  const source = node.text;
  const literal = (from: number, to: number): void => {
    // A template's line ends are \n whatever the file has (ECMA-262, 12.9.6).
    if (to > from)
      parts.push(
        ecmascriptEscapes(source.slice(from - node.startIndex, to - node.startIndex).replaceAll("\r\n", "\n")),
      );
  };
  for (const part of children(node)) {
    if (part.type !== "template_substitution") continue;
    literal(cursor, part.startIndex);
    const value = children(part)[0];
    if (value !== undefined) parts.push({ value, format: null });
    cursor = part.endIndex;
  }
  literal(cursor, node.endIndex - 1);
  return parts;
}

/** An item or argument, and whether it is spread. */
export const spreadOf = (node: Node): { spread: boolean; value: Node } => spreadIn(node, "spread_element");

/** The name of a property; a node where it is computed. */
export function propertyName(key: Node): string | Node {
  if (key.type === "computed_property_name") return children(key)[0] ?? key;
  return key.type === "string" ? stringParts(key).join("") : key.text;
}
