import type { Node } from "web-tree-sitter";
import type { TextPart } from "../../calls/expression";
import { children, field } from "../../calls/syntax";
import { pythonEscapes } from "../escapes";

/** The parts of a Python string, its escapes replaced: text, and what an f-string puts in. */
export function stringParts(node: Node): TextPart[] {
  const prefix = /^[a-zA-Z]*/.exec(node.child(0)?.text ?? "")?.[0].toLowerCase() ?? "";
  const decode = (source: string): string => {
    const braces = prefix.includes("f") ? source.replaceAll("{{", "{").replaceAll("}}", "}") : source;
    // Source lines may end in \r\n; Python reads them as \n.
    const lines = braces.replaceAll("\r\n", "\n");
    return prefix.includes("r") ? lines : pythonEscapes(lines);
  };
  const parts: TextPart[] = [];
  for (const part of children(node)) {
    if (part.type === "string_content") parts.push(decode(part.text));
    else if (part.type === "escape_interpolation") parts.push(part.text.slice(0, 1));
    else if (part.type === "interpolation") {
      const value = field(part, "expression") ?? children(part)[0];
      const hasFormat = children(part).some(
        (inner) => inner.type === "format_specifier" || inner.type === "type_conversion",
      );
      if (value !== undefined) parts.push({ value, format: hasFormat ? part.text : null });
    }
  }
  return parts;
}
