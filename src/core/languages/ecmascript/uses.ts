import type { Node } from "web-tree-sitter";
import { methodNames } from "../../calls/apis";
import { children, field } from "../../calls/syntax";
import { propertyName, stringParts } from "./nodes";
import { MAX_PATTERN_DEPTH } from "../lowering";
import { type Key, type Naming, READ, type Use, changedSlot, fieldNaming, words } from "../use";

/** Functions that read what they are given, and neither change nor keep it. */
const READING = words(
  "stringify log info warn error debug table dir isArray keys structuredClone String Number Boolean freeze is has includes indexOf write deepEqual deepStrictEqual expect",
);
/** Functions whose result has the parts of what they are given. */
const COPYING = words("from values concat");
const COUNTING = /^_?(?:count|num|estimate)[A-Z_]/;

const GROWING = words("push unshift add");
const REPLACING = words("splice pop shift reverse sort fill copyWithin delete clear");
const COPIES = words("slice concat filter flat toSorted toReversed toSpliced with values");
const TAKING = words("at find findLast get");
const VISITING = words("forEach map flatMap some every");

/** What the code around an expression does with its value. */
export function use(node: Node): Use {
  const { parent } = node;
  if (parent === null) return READ;
  const isField = (name: string): boolean => field(parent, name)?.id === node.id;
  switch (parent.type) {
    case "parenthesized_expression":
    case "as_expression":
    case "satisfies_expression":
    case "non_null_expression":
    case "type_assertion":
    case "await_expression":
      return { kind: "passed", node: parent };
    case "ternary_expression":
      return isField("condition") ? READ : { kind: "passed", node: parent };
    case "binary_expression":
      return /^(?:\|\||&&|\?\?)$/.test(field(parent, "operator")?.type ?? "") ? { kind: "passed", node: parent } : READ;
    case "member_expression":
      return isField("object") ? member(parent) : READ;
    case "subscript_expression":
      return isField("object") ? { kind: "taken", node: parent, key: keyOf(field(parent, "index")) } : READ;
    case "arguments":
      return argument(parent, node);
    case "spread_element":
      return parent.parent?.type === "arguments"
        ? { kind: "taken", node: parent, key: null }
        : { kind: "copied", node: parent.parent ?? parent, levels: 1 };
    case "array":
      return { kind: "held", node: parent };
    case "pair":
      return isField("value") && parent.parent !== null ? { kind: "held", node: parent.parent } : READ;
    case "object":
      return node.type === "shorthand_property_identifier" ? { kind: "held", node: parent } : READ;
    case "variable_declarator":
      return isField("value") ? { kind: "named", names: namings(field(parent, "name"), [], null) } : READ;
    case "assignment_expression":
      return isField("right") ? assigned(field(parent, "left"), parent) : { kind: "assigned", node: parent };
    case "augmented_assignment_expression":
      if (!isField("right")) return changedSlot(parent);
      return /^(?:\|\||&&|\?\?)=$/.test(field(parent, "operator")?.type ?? "")
        ? assigned(field(parent, "left"), parent)
        : READ;
    case "update_expression":
      return changedSlot(parent);
    case "unary_expression":
      return field(parent, "operator")?.type === "delete" ? { kind: "assigned", node: parent } : READ;
    case "for_in_statement":
      return isField("right") && field(parent, "operator")?.type === "of"
        ? { kind: "named", names: namings(field(parent, "left"), [null], parent) }
        : READ;
    case "assignment_pattern":
    case "object_assignment_pattern":
      return isField("right") ? { kind: "named", names: namings(field(parent, "left"), [], null) } : READ;
    case "required_parameter":
    case "optional_parameter":
      return isField("value")
        ? { kind: "named", names: namings(field(parent, "pattern"), [], parent.parent?.parent ?? null) }
        : READ;
    case "public_field_definition":
    case "field_definition":
      return isField("value") ? { kind: "given", node: parent } : READ;
    case "return_statement":
      return { kind: "returned" };
    case "arrow_function":
      return isField("body") ? { kind: "returned" } : READ;
    case "yield_expression":
      return { kind: "given", node: parent };
    default:
      return READ;
  }
}

/** A key that is written out. */
function keyOf(node: Node | null | undefined): Key {
  if (node?.type === "number") return Number(node.text);
  return node?.type === "string" ? stringParts(node).join("") : null;
}

/** `value.name`: a property, or a method that is called. */
function member(expression: Node): Use {
  const name = field(expression, "property")?.text ?? "";
  const call = expression.parent;
  if (call?.type !== "call_expression" || field(call, "function")?.id !== expression.id)
    // `add = value.push`: a method that may be called elsewhere.
    return GROWING.has(name) || REPLACING.has(name)
      ? { kind: "given", node: expression }
      : { kind: "taken", node: expression, key: name };
  const list = field(call, "arguments");
  const first = list === null ? undefined : children(list)[0];
  if (GROWING.has(name)) return { kind: "changed", node: call, how: "grown", keys: [] };
  if (REPLACING.has(name)) return { kind: "changed", node: call, how: "replaced", keys: [] };
  if (name === "set") return { kind: "changed", node: call, how: "set", keys: [keyOf(first)] };
  if (TAKING.has(name)) return { kind: "taken", node: call, key: keyOf(first) };
  if (COPIES.has(name)) return { kind: "copied", node: call, levels: 1 };
  if (name === "entries") return { kind: "copied", node: call, levels: 2 };
  return VISITING.has(name) ? visited(call, first) : READ;
}

/** `value.forEach((item) => …)` */
function visited(call: Node, visitor: Node | undefined): Use {
  if (visitor === undefined || !/function|arrow/.test(visitor.type))
    return visitor?.type === "identifier" ? { kind: "given", node: call } : READ;
  const list = field(visitor, "parameters");
  const first = field(visitor, "parameter") ?? (list === null ? undefined : children(list)[0]);
  const pattern = first === undefined ? null : (field(first, "pattern") ?? first);
  return { kind: "named", names: namings(pattern, [null], visitor) };
}

function argument(list: Node, node: Node): Use {
  const call = list.parent;
  const callee = call === null ? null : (field(call, "function") ?? field(call, "constructor"));
  if (call === null || callee === null) return READ;
  const object = callee.type === "member_expression" ? field(callee, "object") : null;
  const called = (object === null ? callee : field(callee, "property"))?.text ?? "";
  const given = children(list);
  const index = given.findIndex((one) => one.id === node.id);
  if (callee.text === "Object.assign") return assignedInto(given, index, call);
  if (callee.text === "Object.entries") return { kind: "copied", node: call, levels: 2 };
  if ((GROWING.has(called) || called === "set") && object !== null) return held(object, call);
  if (READING.has(called) || COUNTING.test(called) || methodNames.includes(called)) return READ;
  if (COPYING.has(called)) return { kind: "copied", node: call, levels: 1 };
  // The API's method handed to a helper, with its request.
  if (given.some((one) => one.type === "member_expression" && methodNames.includes(field(one, "property")?.text ?? "")))
    return READ;
  return call.type === "new_expression" ? { kind: "given", node: call } : { kind: "argument", call, index, name: null };
}

/** `Object.assign(target, source)` */
function assignedInto(given: readonly Node[], index: number, call: Node): Use {
  const [first, ...sources] = given;
  if (index > 0) return first?.type === "object" ? { kind: "copied", node: call, levels: 1 } : READ;
  const entries = sources.flatMap((source) => (source.type === "object" ? children(source) : [source]));
  const isWritten = entries.every(({ type }) => type === "pair" || type === "shorthand_property_identifier");
  const keys = entries.map((entry) => {
    const key = field(entry, "key");
    const name = key === null ? entry.text : propertyName(key);
    return typeof name === "string" ? name : null;
  });
  return { kind: "changed", node: call, how: isWritten ? "set" : "grown", keys: isWritten ? keys : [] };
}

function assigned(left: Node | null, node: Node): Use {
  if (left?.type !== "member_expression" && left?.type !== "subscript_expression")
    return { kind: "named", names: namings(left, [], null) };
  // What other files import isn't followed.
  if (/^(?:module\.)?exports\b/.test(left.text)) return READ;
  const object = field(left, "object");
  if (object?.type === "this") return { kind: "named", names: [thisField(left)] };
  return object === null ? { kind: "given", node } : held(object, node);
}

const thisField = (expression: Node): Naming => fieldNaming(expression, "class_body");

/** The value is put into a variable's, at some depth. */
function held(container: Node, node: Node): Use {
  let around = 1;
  for (let at = container; ; around++) {
    if (at.type === "identifier") return { kind: "named", names: [{ name: at, keys: [], around, within: null }] };
    const object = /^(?:member|subscript|non_null)_expression$/.test(at.type)
      ? (field(at, "object") ?? children(at)[0])
      : null;
    if (object === null || object === undefined) return { kind: "given", node };
    if (object.type === "this") return { kind: "named", names: [{ ...thisField(at), around }] };
    at = object;
  }
}

/** The names that a pattern binds, each with its way into the value. */
function namings(node: Node | null, keys: readonly Key[], within: Node | null, depth = 0): Naming[] {
  if (node === null || depth > MAX_PATTERN_DEPTH) return [];
  const inner = (one: Node | null, key?: Key): Naming[] =>
    namings(one, key === undefined ? keys : [...keys, key], within, depth + 1);
  switch (node.type) {
    case "identifier":
      return [{ name: node, keys, around: 0, within }];
    case "shorthand_property_identifier_pattern":
      return [{ name: node, keys: [...keys, node.text], around: 0, within }];
    case "pair_pattern": {
      const key = field(node, "key");
      const name = key === null ? null : propertyName(key);
      return inner(field(node, "value"), typeof name === "string" ? name : null);
    }
    case "assignment_pattern":
    case "object_assignment_pattern":
      return inner(field(node, "left"));
    case "array_pattern":
      return children(node).flatMap((one, index) => inner(one, index));
    case "lexical_declaration":
    case "variable_declaration":
    case "object_pattern":
      return children(node).flatMap((one) => inner(one));
    case "variable_declarator":
      return inner(field(node, "name"));
    default:
      return [];
  }
}
