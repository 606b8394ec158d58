import type { Node } from "web-tree-sitter";
import { methodNames } from "../apis";
import { field } from "../syntax";

/** Functions that read what they are given, and neither change nor keep it. */
const READING = new Set(
  "stringify log info warn error debug isArray from keys values entries structuredClone String Number Boolean".split(
    " ",
  ),
);

/** Whether an expression that names a variable hands what it holds to code that isn't followed. */
export function escapes(name: Node): boolean {
  let at = name;
  while (/^(parenthesized|as|satisfies|non_null)_expression$/.test(at.parent?.type ?? "")) at = at.parent ?? at;
  const { parent } = at;
  switch (parent?.type) {
    case "arguments":
      return !isReading(parent.parent);
    case "pair":
      return field(parent, "value")?.id === at.id && !isSent(parent.parent);
    case "object":
      return at.type === "shorthand_property_identifier" && !isSent(parent);
    case "variable_declarator":
      return field(parent, "value")?.id === at.id;
    case "assignment_expression":
      return field(parent, "right")?.id === at.id;
    case "arrow_function":
      return field(parent, "body")?.id === at.id;
    case "return_statement":
    case "array":
      return true;
    default:
      return false;
  }
}

/** An object that is the argument of a call which only reads, or of the API's own. */
const isSent = (object: Node | null): boolean =>
  object?.parent?.type === "arguments" && isReading(object.parent.parent);

/** A call that only reads, or the API's own, which sends what it gets. */
function isReading(call: Node | null): boolean {
  const callee = call === null ? null : (field(call, "function") ?? field(call, "constructor"));
  const method = callee?.type === "member_expression" ? field(callee, "property")?.text : callee?.text;
  return method !== undefined && (READING.has(method) || methodNames.includes(method));
}
