import type { Node } from "web-tree-sitter";
import { methodsOf } from "../../calls/apis";
import { children, field } from "../../calls/syntax";
import { type Key, type Naming, READ, type Use } from "../use";
import { apis } from "./clients";
import { stringText } from "./strings";

/** Functions that read what they are given, and neither change nor keep it. */
const READING =
  /^(?:len|cap|print|println|panic|min|max|string|(?:fmt|log|slog|strings|strconv|errors)\.\w+|json\.Marshal(?:Indent)?|\w+\.(?:String|Int|Bool|Float|F|NewOpt))$/;
/** Functions of openai-go that put what they are given into a part of a request. */
const HOLDING = /^\w+\.(?:\w+Message|\w+ContentPart|\w+ParamOf\w+|ChatCompletionFunctionTool)$/;
const methods = new Set(methodsOf(apis));

/** Nodes in which a value is only looked at. */
const LOOKS =
  /^(?:(?:if|for|expression|expression_switch|type_switch|inc|dec)_statement|for_clause|(?:expression|type)_case|const_spec|(?:variadic_)?parameter_declaration|binary_expression|qualified_type|field_declaration|(?:function|method)_declaration|keyed_element)$/;

/** What the code around an expression does with its value. What isn't known here may do anything with it. */
export function use(node: Node): Use {
  const { parent } = node;
  if (parent === null) return READ;
  const isField = (name: string): boolean => field(parent, name)?.id === node.id;
  switch (parent.type) {
    case "parenthesized_expression":
    case "unary_expression":
    case "type_assertion_expression":
    case "type_conversion_expression":
    case "composite_literal":
      return { kind: "passed", node: parent };
    case "selector_expression":
      return isField("operand") ? member(parent) : READ;
    case "index_expression":
      return isField("operand") ? { kind: "taken", node: parent, key: keyOf(field(parent, "index")) } : READ;
    case "call_expression":
      return READ; // It is called.
    case "argument_list":
      return argument(parent, node);
    case "literal_element":
      return element(parent);
    case "expression_list":
      return listed(parent, node);
    case "range_clause":
      return isField("right") ? ranged(parent) : READ;
    default:
      return LOOKS.test(parent.type) ? READ : { kind: "given", node: parent };
  }
}

function keyOf(node: Node | null): Key {
  if (node?.type === "int_literal") return Number(node.text);
  return node !== null && /string_literal$/.test(node.type) ? (stringText(node) ?? null) : null;
}

/** `value.Name`: a field, or a method, which may change what it is of. */
function member(selector: Node): Use {
  const { parent } = selector;
  return parent?.type === "call_expression" && field(parent, "function")?.id === selector.id
    ? { kind: "given", node: parent }
    : { kind: "taken", node: selector, key: field(selector, "field")?.text ?? null };
}

function argument(list: Node, node: Node): Use {
  const call = list.parent;
  const callee = call === null ? null : field(call, "function");
  if (call === null || callee === null) return READ;
  const name = callee.text;
  const index = children(list).findIndex((one) => one.id === node.id);
  if (name === "append")
    // The new list has the same parts; how long the old one is stays as it was.
    return index === 0 || node.type === "variadic_argument"
      ? { kind: "copied", node: call, levels: 1 }
      : { kind: "held", node: call };
  if (name === "copy" || name === "delete" || name === "clear")
    return index === 0 ? { kind: "changed", node: call, how: "replaced", keys: [] } : READ;
  if (READING.test(name) || methods.has(field(callee, "field")?.text ?? "")) return READ;
  if (HOLDING.test(name)) return { kind: "held", node: call };
  return { kind: "given", node: call };
}

/** A part of a literal. */
function element(literalElement: Node): Use {
  const { parent } = literalElement;
  const isKeyed = parent?.type === "keyed_element";
  if (isKeyed && field(parent, "key")?.id === literalElement.id) return READ;
  const body = isKeyed ? parent.parent : parent;
  if (body?.type !== "literal_value") return { kind: "given", node: literalElement };
  return { kind: "held", node: body.parent?.type === "composite_literal" ? body.parent : body };
}

/** One of the values on the right, or of the targets on the left, of an assignment. */
function listed(list: Node, node: Node): Use {
  const statement = list.parent;
  if (statement === null) return READ;
  const isLeft = field(statement, "left")?.id === list.id;
  switch (statement.type) {
    case "return_statement":
      return { kind: "returned" };
    case "assignment_statement":
    case "short_var_declaration":
      return isLeft ? { kind: "assigned", node: statement } : named(namesOf(statement), list, node);
    case "var_spec":
      return named(
        statement.childrenForFieldName("name").filter((name): name is Node => name !== null),
        list,
        node,
      );
    case "range_clause":
      return { kind: "assigned", node: statement };
    default:
      return LOOKS.test(statement.type) ? READ : { kind: "given", node: statement };
  }
}

function namesOf(statement: Node): Node[] {
  const left = field(statement, "left");
  return left === null ? [] : children(left);
}

function named(names: readonly Node[], list: Node, node: Node): Use {
  const values = children(list);
  const name = names[values.findIndex((value) => value.id === node.id)];
  const naming = name === undefined ? undefined : namingOf(name);
  return naming === undefined ? { kind: "given", node: list } : { kind: "named", names: [naming] };
}

/** The variable that a value is put into, at some depth. */
function namingOf(target: Node): Naming | undefined {
  let around = 0;
  for (let at: Node | null = target; at !== null; at = field(at, "operand"), around++) {
    if (at.type === "identifier") return { name: at, keys: [], around, within: null };
    if (at.type !== "selector_expression" && at.type !== "index_expression") return undefined;
  }
  return undefined;
}

/** `for _, item := range items` */
function ranged(clause: Node): Use {
  const [, item] = namesOf(clause);
  if (item?.type !== "identifier") return READ;
  return { kind: "named", names: [{ name: item, keys: [null], around: 0, within: clause.parent }] };
}
