import type { Node } from "web-tree-sitter";
import type { Argument, Element, Expression } from "../../calls/expression";
import { children, field } from "../../calls/syntax";
import { indexOf, memberOf, numberOf, opaque } from "../lowering";
import { sumOperands } from "../sums";
import { stringText } from "./strings";

const same = (node: Node, inner: Node | null | undefined): Expression =>
  inner == null ? opaque(node) : { kind: "same", node, inner };

/** A syntax node's expression. */
export function lower(node: Node): Expression {
  switch (node.type) {
    case "interpreted_string_literal":
    case "raw_string_literal": {
      const text = stringText(node);
      return text === undefined ? opaque(node) : { kind: "text", node, parts: text === "" ? [] : [text] };
    }
    case "int_literal":
    case "float_literal":
      return numberOf(node, valueOf(node));
    case "true":
    case "false":
      return { kind: "plain", node, value: node.type === "true" };
    case "nil":
      return { kind: "plain", node, value: null };
    case "identifier":
      return { kind: "name", node, name: node.text };
    case "selector_expression":
      return memberOf(node, "operand", "field");
    case "index_expression":
      return indexOf(node, "operand", "index");
    case "call_expression":
      return lowerCall(node);
    case "composite_literal": {
      const body = field(node, "body");
      return body === null ? opaque(node) : lowerLiteral(node, body, field(node, "type"));
    }
    case "literal_value":
      return lowerLiteral(node, node, elidedType(node));
    case "binary_expression":
      return field(node, "operator")?.type === "+" ? { kind: "sum", node, operands: sumOperands(node) } : opaque(node);
    case "unary_expression":
      return lowerUnary(node);
    case "parenthesized_expression":
    case "literal_element":
      return same(node, children(node)[0]);
    case "type_assertion_expression":
    case "type_conversion_expression":
      return same(node, field(node, "operand"));
    default:
      return zeroOf(node);
  }
}

/** What a variable without a value has, by its type. */
function zeroOf(node: Node): Expression {
  switch (node.type) {
    case "slice_type":
      return { kind: "list", node, items: [] };
    case "map_type":
      return { kind: "record", node, entries: [] };
    case "qualified_type":
      return { kind: "record", node, entries: [], isStruct: true };
    case "pointer_type":
      return { kind: "plain", node, value: null };
    case "type_identifier":
      return node.text === "string" ? { kind: "text", node, parts: [] } : opaque(node);
    default:
      return opaque(node);
  }
}

/** `0755` is octal. */
function valueOf(node: Node): number {
  const text = node.text.replaceAll("_", "");
  return /^0\d+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
}

function lowerUnary(node: Node): Expression {
  const operand = field(node, "operand");
  const operator = field(node, "operator")?.type ?? "";
  if (operator === "&" || operator === "*") return same(node, operand);
  const inner = operator === "-" && operand !== null ? lower(operand) : null;
  return inner?.kind === "plain" && typeof inner.value === "number"
    ? { kind: "plain", node, value: -inner.value }
    : opaque(node);
}

function lowerCall(node: Node): Expression {
  const callee = field(node, "function");
  const list = field(node, "arguments");
  if (callee === null || list === null) return opaque(node);
  const given = children(list);
  const [first, ...others] = given;
  if (callee.type === "identifier" && first !== undefined) {
    if (callee.text === "append")
      return { kind: "list", node, items: [{ spread: true, value: first }, ...others.map(elementOf)] };
    if (callee.text === "make") return lowerMake(node, first, others);
    if (callee.text === "new") return zeroOf(first);
  }
  return {
    kind: "call",
    node,
    callee,
    isNew: false,
    arguments: given.map((item): Argument => {
      const { spread, value } = elementOf(item);
      return { name: null, spread: spread ? "list" : null, value };
    }),
  };
}

/** `make([]T, 0, capacity)`, `make(map[K]V)` */
function lowerMake(node: Node, type: Node, [length]: readonly Node[]): Expression {
  if (type.type === "map_type") return { kind: "record", node, entries: [] };
  return type.type === "slice_type" && length?.text === "0" ? { kind: "list", node, items: [] } : opaque(node);
}

/** `items...` */
function elementOf(node: Node): Element {
  const inner = node.type === "variadic_argument" ? children(node)[0] : undefined;
  return { spread: inner !== undefined, value: inner ?? node };
}

/** A literal's value: of a struct where its keys are names, of a map where its type says so, else a list. */
function lowerLiteral(node: Node, body: Node, type: Node | null): Expression {
  const elements = children(body);
  const keyed = elements.filter((element) => element.type === "keyed_element");
  const isMap = type?.type === "map_type";
  if (elements.length === 0) {
    if (type?.type === "slice_type" || type?.type === "array_type") return { kind: "list", node, items: [] };
    return { kind: "record", node, entries: [], ...(isMap ? {} : { isStruct: true }) };
  }
  if (keyed.length === 0)
    return isMap ? opaque(node) : { kind: "list", node, items: elements.map((value) => ({ spread: false, value })) };
  // `[]T{2: x}`, and what mixes both.
  if (keyed.length < elements.length || type?.type === "slice_type" || type?.type === "array_type") return opaque(node);
  const keys = keyed.map((element) => field(element, "key"));
  const isStruct = !isMap && keys.every((key) => children(key ?? body)[0]?.type === "identifier");
  const entries = keyed.flatMap((element, index) => {
    const [key, value] = [keys[index], field(element, "value")];
    return key == null || value === null ? [] : [{ key: isStruct ? key.text : key, value }];
  });
  return { kind: "record", node, entries, ...(isStruct ? { isStruct } : {}) };
}

/** The type of a literal that leaves it out: that of the parts of the literal around it; null for structs. */
function elidedType(body: Node): Node | null {
  const element = body.parent;
  const around = element?.parent?.type === "keyed_element" ? element.parent.parent : element?.parent;
  if (around?.type !== "literal_value") return null;
  const outer = around.parent?.type === "composite_literal" ? field(around.parent, "type") : elidedType(around);
  const inner = outer === null ? null : (field(outer, "element") ?? field(outer, "value"));
  return inner?.type === "pointer_type" ? (children(inner)[0] ?? null) : inner;
}
