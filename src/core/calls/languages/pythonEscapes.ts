import type { Node } from "web-tree-sitter";
import { methodNames } from "../apis";
import { field } from "../syntax";

/** Functions that read what they are given, and neither change nor keep it. */
const READING = new Set(
  "len print str repr dumps list dict tuple set frozenset sorted copy deepcopy enumerate zip any all sum min max isinstance type id hash format iter reversed bool info debug warning error exception log".split(
    " ",
  ),
);

/** Whether an expression that names a variable hands what it holds to code that isn't followed. */
export function escapes(name: Node): boolean {
  const { parent } = name;
  switch (parent?.type) {
    case "argument_list":
      return !isReading(parent.parent);
    case "keyword_argument":
      return field(parent, "value")?.id === name.id && !isReading(parent.parent?.parent ?? null);
    case "assignment":
    case "named_expression":
      return (field(parent, "right") ?? field(parent, "value"))?.id === name.id;
    case "pair":
    case "default_parameter":
    case "typed_default_parameter":
      return field(parent, "value")?.id === name.id;
    case "return_statement":
    case "yield":
    case "list":
    case "set":
    case "tuple":
    case "expression_list":
      return true;
    default:
      return false;
  }
}

/** A call that only reads, or the API's own, which sends what it gets. */
function isReading(call: Node | null): boolean {
  const callee = call === null ? null : field(call, "function");
  const method = callee?.type === "attribute" ? field(callee, "attribute")?.text : callee?.text;
  return method !== undefined && (READING.has(method) || methodNames.includes(method));
}
