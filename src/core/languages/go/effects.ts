import type { Node } from "web-tree-sitter";
import { children, field } from "../../calls/syntax";
import type { Effect, Operation } from "../pack";
import { withoutVersion } from "./clients";
import { stringText } from "./strings";

/** What a Go statement does to variables. */
export function effects(node: Node): Effect[] {
  switch (node.type) {
    case "short_var_declaration":
      return assigned(listOf(node, "left"), listOf(node, "right"), node);
    case "assignment_statement":
      return assignment(node);
    case "const_spec":
    case "var_spec":
      return declared(node);
    case "import_spec":
      return imported(node);
    case "function_declaration":
      return target(field(node, "name"), { kind: "define", definition: node }, node);
    case "inc_statement":
    case "dec_statement":
      return obscured(children(node), node);
    // What a statement's head declares is only for the statement: outside of it, who reads the name is told nothing.
    case "if_statement":
    case "expression_switch_statement":
      return headOf(field(node, "initializer"));
    case "type_switch_statement":
      return [...headOf(field(node, "initializer")), ...obscured(listOf(node, "alias"), node)];
    case "for_statement":
      return children(node).flatMap((part) =>
        part.type === "range_clause"
          ? obscured(listOf(part, "left"), field(part, "right") ?? part)
          : part.type === "for_clause"
            ? headOf(field(part, "initializer"))
            : [],
      );
    case "communication_case":
      return children(node).flatMap((part) =>
        part.type === "receive_statement" ? obscured(listOf(part, "left"), part) : [],
      );
    case "expression_statement":
      return deleted(node);
    default:
      return [];
  }
}

/** The expressions of a field that holds a list of them. */
function listOf(node: Node, name: string): Node[] {
  const list = field(node, name);
  return list === null ? [] : list.type === "expression_list" ? children(list) : [list];
}

/** The name of a variable, or of a variable's member. */
function targetName(node: Node): string | undefined {
  if (node.type === "identifier") return node.text === "_" ? undefined : node.text;
  return node.type === "selector_expression" && field(node, "operand")?.type === "identifier" ? node.text : undefined;
}

function target(node: Node | null, operation: Operation, at: Node): Effect[] {
  const name = node === null ? undefined : targetName(node);
  return name === undefined ? [] : [{ target: name, within: [], operation, node: at }];
}

/** The variable that an expression leads into. */
function rootOf(node: Node): Node {
  let at = node;
  for (;;) {
    const inner = field(at, "operand") ?? (at.type === "parenthesized_expression" ? children(at)[0] : undefined);
    if (inner == null) return at;
    at = inner;
  }
}

const obscured = (nodes: readonly Node[], at: Node): Effect[] =>
  nodes.flatMap((node) => target(rootOf(node), { kind: "obscure" }, at));

const headOf = (initializer: Node | null): Effect[] =>
  initializer === null ? [] : obscured(listOf(initializer, "left"), initializer);

/** Changes a part of a variable: `params.Messages = append(…)`, `params.A.B = …`. */
function inner(container: Node, operation: Operation, at: Node): Effect[] {
  const within: string[] = [];
  let root = container;
  while (root.type === "selector_expression") {
    within.unshift(field(root, "field")?.text ?? "");
    root = field(root, "operand") ?? root;
  }
  return root.type === "identifier"
    ? [{ target: root.text, within, operation, node: at }]
    : target(rootOf(container), { kind: "obscure" }, at);
}

/** Names get as many values, or what one call, index or assertion gives: its value, and whether or how that failed. */
function assigned(left: readonly Node[], right: readonly Node[], at: Node): Effect[] {
  const isEach = left.length === right.length;
  return left.flatMap((name, index) => {
    const value = isEach || index === 0 ? right[index] : undefined;
    return value === undefined ? obscured([name], at) : assignedTo(name, value, at);
  });
}

function assignedTo(left: Node, value: Node, at: Node): Effect[] {
  const added = appendedTo(left, value);
  if (left.type === "index_expression") {
    const [object, key] = [field(left, "operand"), field(left, "index")];
    return object === null || key === null ? [] : inner(object, { kind: "set", key, value }, at);
  }
  if (left.type !== "identifier" && left.type !== "selector_expression") return obscured([left], at);
  if (added !== undefined)
    return added.flatMap((item) => {
      const spread = item.type === "variadic_argument" ? children(item)[0] : undefined;
      return inner(
        left,
        spread === undefined ? { kind: "append", value: item } : { kind: "extend", value: spread },
        at,
      );
    });
  const whole = target(left, { kind: "assign", value, path: [], fallback: null }, at);
  const object = field(left, "operand");
  const key = field(left, "field")?.text;
  // `params.Model = …` is at once a member's value and a change of `params`.
  return object === null || key === undefined ? whole : [...whole, ...inner(object, { kind: "set", key, value }, at)];
}

/** What is added in `items = append(items, …)`; undefined for other values. */
function appendedTo(left: Node, value: Node): Node[] | undefined {
  const list = value.type === "call_expression" ? field(value, "arguments") : null;
  if (list === null || field(value, "function")?.text !== "append") return undefined;
  const [first, ...added] = children(list);
  return first !== undefined && first.text === left.text ? added : undefined;
}

function assignment(node: Node): Effect[] {
  const [left, right] = [listOf(node, "left"), listOf(node, "right")];
  const operator = field(node, "operator")?.type;
  if (operator === "=") return assigned(left, right, node);
  const [name, value] = [left[0], right[0]];
  return operator === "+=" && name !== undefined && value !== undefined && targetName(name) !== undefined
    ? target(name, { kind: "add", value }, node)
    : obscured(left, node);
}

/** `var a, b = x, y`; without a value, a variable has its type's. */
function declared(node: Node): Effect[] {
  const names = node.childrenForFieldName("name").filter((name): name is Node => name !== null);
  const values = listOf(node, "value");
  if (values.length > 0) return assigned(names, values, node);
  const type = node.type === "var_spec" ? field(node, "type") : null;
  return type === null
    ? obscured(names, node)
    : names.flatMap((name) => target(name, { kind: "assign", value: type, path: [], fallback: null }, node));
}

/** What packages are called that their path doesn't name. */
const PACKAGES: Record<string, string> = { "openai-go": "openai", "go-openai": "openai" };

function imported(node: Node): Effect[] {
  const written = field(node, "path");
  const path = written === null ? undefined : stringText(written);
  if (path === undefined) return [];
  const module = withoutVersion(path);
  const last =
    module
      .replace(/\/v\d+$/, "")
      .split("/")
      .at(-1) ?? "";
  const usual = Object.hasOwn(PACKAGES, last) ? (PACKAGES[last] ?? last) : last.replace(/^go-|[-.]go$|\.v\d+$/g, "");
  const bound = field(node, "name")?.text ?? usual;
  return [{ target: bound, within: [], operation: { kind: "import", module, name: null }, node }];
}

/** `delete(options, "key")` */
function deleted(node: Node): Effect[] {
  const call = children(node)[0];
  const list = call?.type === "call_expression" ? field(call, "arguments") : null;
  const first = list === null ? undefined : children(list)[0];
  return call !== undefined && first !== undefined && /^(?:delete|clear)$/.test(field(call, "function")?.text ?? "")
    ? obscured([first], node)
    : [];
}
