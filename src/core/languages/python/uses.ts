import type { Node } from "web-tree-sitter";
import { methodNames } from "../../calls/apis";
import { children, field } from "../../calls/syntax";
import { stringParts } from "./strings";
import { type Key, type Naming, READ, type Use, changedSlot, fieldNaming, words } from "../use";

/** Functions that read what they are given, and neither change nor keep it. */
const READING = words(
  "len print pprint pformat str repr dumps dump any all sum min max isinstance type id hash format bool deepcopy info debug warning error exception log write writelines extend update encode hasattr getattr",
);
/** Functions whose result has the parts of what they are given. */
const COPYING = words("list dict tuple set frozenset sorted copy iter reversed filter deque");
const COUNTING = /^_?(?:count|num|estimate)_/;

const GROWING = words("append extend insert add");
const REPLACING = words("pop popitem remove clear sort reverse discard");
const HOLDING = words("append insert add setdefault");

/** What the code around an expression does with its value. */
export function use(node: Node): Use {
  const { parent } = node;
  if (parent === null) return READ;
  const isField = (name: string): boolean => field(parent, name)?.id === node.id;
  switch (parent.type) {
    case "parenthesized_expression":
    case "await":
    case "boolean_operator":
      return { kind: "passed", node: parent };
    case "conditional_expression":
      return children(parent)[1]?.id === node.id ? READ : { kind: "passed", node: parent };
    case "binary_operator":
      return { kind: "copied", node: parent, levels: 1 };
    case "attribute":
      return isField("object") ? member(parent) : READ;
    case "subscript":
      return isField("value") ? item(parent) : READ;
    case "argument_list":
      return argument(parent, node, null);
    case "call":
      // f(item for item in value)
      return isField("arguments") ? argument(node, node, null) : READ;
    case "keyword_argument":
      return isField("value") && parent.parent !== null
        ? argument(parent.parent, parent, field(parent, "name")?.text ?? null)
        : READ;
    case "list_splat":
    case "dictionary_splat":
      return parent.parent?.type === "argument_list"
        ? { kind: "taken", node: parent, key: null }
        : { kind: "copied", node: parent.parent ?? parent, levels: 1 };
    case "list":
    case "set":
    case "tuple":
    case "expression_list":
      return { kind: "held", node: parent };
    case "pair":
      return isField("value") && parent.parent !== null ? { kind: "held", node: parent.parent } : READ;
    case "assignment":
      return isField("right") ? named(parent) : { kind: "assigned", node: parent };
    case "named_expression":
      return named(parent);
    case "augmented_assignment":
      if (isField("right")) return READ;
      return /^(?:\+|\|)=$/.test(field(parent, "operator")?.type ?? "") && node.type === "identifier"
        ? { kind: "changed", node: parent, how: "grown", keys: [] }
        : changedSlot(parent);
    case "delete_statement":
      return { kind: "assigned", node: parent };
    case "for_statement":
      return isField("right") ? { kind: "named", names: namings(field(parent, "left"), [null], parent) } : READ;
    case "for_in_clause":
      return isField("right") ? { kind: "named", names: namings(field(parent, "left"), [null], parent.parent) } : READ;
    case "list_comprehension":
    case "set_comprehension":
    case "generator_expression":
      return isField("body") ? { kind: "held", node: parent } : READ;
    case "default_parameter":
    case "typed_default_parameter":
      return isField("value")
        ? { kind: "named", names: namings(field(parent, "name"), [], parent.parent?.parent ?? null) }
        : READ;
    case "return_statement":
      return { kind: "returned" };
    case "lambda":
      return isField("body") ? { kind: "returned" } : READ;
    case "yield":
      return { kind: "given", node: parent };
    default:
      return READ;
  }
}

/** `value[key]`, or a stretch of a list: a new one where it is read. */
function item(subscript: Node): Use {
  const key = field(subscript, "subscript");
  if (key?.type !== "slice") return { kind: "taken", node: subscript, key: keyOf(key) };
  const { parent } = subscript;
  const isRead =
    parent === null || !/assignment$|^delete_/.test(parent.type) || field(parent, "right")?.id === subscript.id;
  return isRead
    ? { kind: "copied", node: subscript, levels: 1 }
    : { kind: "changed", node: parent, how: "replaced", keys: [] };
}

/** A key that is written out. */
function keyOf(node: Node | null | undefined): Key {
  if (node?.type === "integer") return Number(node.text);
  const parts = node?.type === "string" ? stringParts(node) : [];
  return parts.length === 1 && typeof parts[0] === "string" ? parts[0] : null;
}

/** `value.name`: a member, or a method that is called. */
function member(attribute: Node): Use {
  const name = field(attribute, "attribute")?.text ?? "";
  const call = attribute.parent;
  if (call?.type !== "call" || field(call, "function")?.id !== attribute.id) return memberRead(attribute, name);
  const list = field(call, "arguments");
  const given = list === null ? [] : children(list);
  if (name === "get" || name === "setdefault") return { kind: "taken", node: call, key: keyOf(given[0]) };
  if (name === "copy" || name === "values") return { kind: "copied", node: call, levels: 1 };
  if (name === "items") return { kind: "copied", node: call, levels: 2 };
  if (name === "update") {
    const isNamed = given.length > 0 && given.every((one) => one.type === "keyword_argument");
    return isNamed
      ? { kind: "changed", node: call, how: "set", keys: given.map((one) => field(one, "name")?.text ?? null) }
      : { kind: "changed", node: call, how: "grown", keys: [] };
  }
  if (GROWING.has(name)) return { kind: "changed", node: call, how: "grown", keys: [] };
  return REPLACING.has(name) ? { kind: "changed", node: call, how: "replaced", keys: [] } : READ;
}

/** `value.name`: a part, or (`add = value.append`) a method that may be called elsewhere. */
const memberRead = (attribute: Node, name: string): Use =>
  GROWING.has(name) || REPLACING.has(name)
    ? { kind: "given", node: attribute }
    : { kind: "taken", node: attribute, key: name };

function argument(list: Node, node: Node, name: string | null): Use {
  const call = list.parent;
  const callee = call === null ? null : field(call, "function");
  if (call === null || callee === null) return READ;
  const object = callee.type === "attribute" ? field(callee, "object") : null;
  const called = (object === null ? callee : field(callee, "attribute"))?.text ?? "";
  if (HOLDING.has(called) && object !== null) {
    const names = holder(object);
    return names === undefined ? { kind: "given", node: call } : { kind: "named", names };
  }
  if (READING.has(called) || COUNTING.test(called) || methodNames.includes(called)) return READ;
  if (COPYING.has(called)) return { kind: "copied", node: call, levels: 1 };
  if (called === "next") return { kind: "taken", node: call, key: null };
  if (called === "enumerate" || called === "zip") return { kind: "copied", node: call, levels: 2 };
  const positional = children(list).filter((one) => one.type !== "keyword_argument");
  // The API's method handed to a helper, with its request: asyncio.to_thread(client.chat.completions.create, messages=…)
  if (positional.some((one) => one.type === "attribute" && methodNames.includes(field(one, "attribute")?.text ?? "")))
    return READ;
  return { kind: "argument", call, index: positional.findIndex((one) => one.id === node.id), name };
}

/** A value with more names at once is no person's. */
const MAX_NAMES = 20;

/** `a = b = value` */
function named(assignment: Node): Use {
  const names: Naming[] = [];
  for (let at = assignment; ; at = at.parent) {
    const left = field(at, "left") ?? field(at, "name");
    // A class's attribute is reached in more ways than by its name.
    if (left === null || at.parent?.parent?.parent?.type === "class_definition") return { kind: "given", node: at };
    const found = left.type === "subscript" || left.type === "attribute" ? target(left) : namings(left, [], null);
    if (found === undefined) return { kind: "given", node: at };
    names.push(...found);
    if (names.length > MAX_NAMES) return { kind: "given", node: at };
    if (at.parent?.type !== "assignment") return { kind: "named", names };
  }
}

/** A field of `self`, or a part of a variable. */
function target(left: Node): Naming[] | undefined {
  const object = field(left, "object") ?? field(left, "value");
  if (left.type === "attribute" && /^(?:self|cls)$/.test(object?.text ?? "")) return [selfField(left)];
  return object === null ? undefined : holder(object);
}

const selfField = (attribute: Node): Naming => fieldNaming(attribute, "class_definition");

/** The variable that a value is put into, at some depth; undefined where it is none. */
function holder(container: Node): Naming[] | undefined {
  let around = 1;
  for (let at = container; ; around++) {
    if (at.type === "identifier") return [{ name: at, keys: [], around, within: null }];
    const object = at.type === "attribute" ? field(at, "object") : at.type === "subscript" ? field(at, "value") : null;
    if (object === null) return undefined;
    if (at.type === "attribute" && /^(?:self|cls)$/.test(object.text)) return [{ ...selfField(at), around }];
    at = object;
  }
}

/** The names that a target binds, each with its way into the value. */
function namings(node: Node | null, keys: readonly Key[], within: Node | null): Naming[] {
  if (node === null) return [];
  if (node.type === "identifier") return [{ name: node, keys, around: 0, within }];
  if (!/^(?:pattern_list|tuple_pattern|list_pattern|list_splat_pattern)$/.test(node.type)) return [];
  return children(node).flatMap((one, index) => namings(one, [...keys, index], within));
}
