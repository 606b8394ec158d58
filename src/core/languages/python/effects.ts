import type { Node } from "web-tree-sitter";
import { children, field } from "../../calls/syntax";
import { MAX_PATTERN_DEPTH } from "../lowering";
import type { Effect, Operation } from "../pack";
import { stringParts } from "./strings";

const LIST_METHODS: Record<string, "append" | "extend" | "merge"> = {
  append: "append",
  extend: "extend",
  update: "merge",
};
const OBSCURING = new Set(["pop", "remove", "clear", "reverse", "sort", "popitem", "setdefault", "insert"]);

/** What a Python statement does to variables. */
export function effects(node: Node): Effect[] {
  switch (node.type) {
    case "assignment":
      return assignment(node);
    case "augmented_assignment":
      return augmented(node);
    case "call":
      return mutation(node);
    case "import_statement":
      return children(node).map((name) => importModule(name, node));
    case "import_from_statement":
      return importFrom(node);
    case "function_definition":
    case "class_definition":
      return target(field(node, "name"), { kind: "define", definition: node }, node);
    case "for_statement":
      return targets(field(node, "left")).flatMap((name) =>
        target(name, { kind: "obscure" }, field(node, "right") ?? node),
      );
    case "with_item":
      return withItem(node);
    case "delete_statement":
      return children(node).flatMap((deleted) => target(rootOf(deleted), { kind: "obscure" }, node));
    case "except_clause":
      return children(node)
        .filter((part) => part.type === "as_pattern")
        .flatMap((part) => target(aliasOf(part), { kind: "obscure" }, part));
    default:
      return [];
  }
}

/** The variable's name: an identifier, or a member of `self`. */
function targetName(node: Node): string | undefined {
  if (node.type === "identifier") return node.text;
  if (node.type === "attribute" && field(node, "object")?.type === "identifier") return node.text;
  return undefined;
}

function target(node: Node | null, operation: Operation, at: Node): Effect[] {
  const name = node === null ? undefined : targetName(node);
  return name === undefined ? [] : [{ target: name, within: [], operation, node: at }];
}

/** The effect of changing a part of a variable: `params["messages"].append(…)`, `params["a"]["b"] = …`. */
function inner(object: Node, operation: Operation, at: Node): Effect[] {
  const within: string[] = [];
  let root = object;
  while (root.type === "subscript") {
    const key = field(root, "subscript");
    const parts = key?.type === "string" ? stringParts(key) : [];
    if (parts.length !== 1 || typeof parts[0] !== "string") return target(rootOf(object), { kind: "obscure" }, at);
    within.unshift(parts[0]);
    root = field(root, "value") ?? root;
  }
  const name = targetName(root);
  return name === undefined
    ? target(rootOf(object), { kind: "obscure" }, at)
    : [{ target: name, within, operation, node: at }];
}

const rootOf = (node: Node): Node => {
  let at = node;
  for (
    let object = field(at, "value") ?? field(at, "object");
    object !== null && targetName(at) === undefined;
    object = field(at, "value") ?? field(at, "object")
  )
    at = object;
  return at;
};

/** The names that a target binds. */
export const targets = (node: Node | null, depth = 0): Node[] =>
  node === null || depth > MAX_PATTERN_DEPTH
    ? []
    : node.type === "identifier"
      ? [node]
      : children(node).flatMap((inner) => targets(inner, depth + 1));

function assignment(node: Node): Effect[] {
  // a = b = value
  const chain = [node];
  let last = field(node, "right");
  while (last?.type === "assignment") {
    chain.push(last);
    last = field(last, "right");
  }
  const value = last;
  return value === null ? [] : chain.reverse().flatMap((one) => assignmentTo(field(one, "left"), value, one));
}

function assignmentTo(left: Node | null, value: Node, node: Node): Effect[] {
  if (left === null) return [];
  if (left.type === "subscript") {
    const key = field(left, "subscript");
    const object = field(left, "value");
    if (object === null || key === null) return [];
    return inner(object, { kind: "set", key, value }, node);
  }
  if (left.type === "pattern_list" || left.type === "tuple_pattern" || left.type === "list_pattern") {
    return children(left).flatMap((name, index) =>
      target(name, { kind: "assign", value, path: [index], fallback: null }, node),
    );
  }
  return target(left, { kind: "assign", value, path: [], fallback: null }, node);
}

function augmented(node: Node): Effect[] {
  const left = field(node, "left");
  const value = field(node, "right");
  if (left === null || value === null) return [];
  const operator = field(node, "operator")?.type;
  if (left.type === "subscript") return target(rootOf(left), { kind: "obscure" }, node);
  return target(
    left,
    operator === "+=" ? { kind: "add", value } : operator === "|=" ? { kind: "merge", value } : { kind: "obscure" },
    node,
  );
}

function mutation(node: Node): Effect[] {
  const callee = field(node, "function");
  if (callee?.type !== "attribute") return [];
  const object = field(callee, "object");
  const method = field(callee, "attribute")?.text ?? "";
  const list = field(node, "arguments");
  const given = list === null ? [] : children(list);
  const [first, second] = given;
  if (object === null) return [];
  const isInsertAtFront = method === "insert" && first?.text === "0" && second !== undefined;
  const kind = Object.hasOwn(LIST_METHODS, method) ? LIST_METHODS[method] : undefined;
  if (kind === undefined && !isInsertAtFront && !OBSCURING.has(method)) return [];
  if (method === "update" && given.length > 0 && given.every((argument) => argument.type === "keyword_argument")) {
    return given.flatMap((argument) => {
      const value = field(argument, "value");
      return value === null
        ? []
        : inner(object, { kind: "set", key: field(argument, "name")?.text ?? "", value }, node);
    });
  }
  if (isInsertAtFront) return inner(object, { kind: "prepend", value: second }, node);
  if (kind === undefined || first === undefined || given.length > 1 || first.type === "keyword_argument")
    return inner(object, { kind: "obscure" }, node);
  return inner(object, { kind, value: first }, node);
}

function importModule(name: Node, statement: Node): Effect {
  const aliased = name.type === "aliased_import";
  const module = (aliased ? field(name, "name") : name)?.text ?? "";
  const bound = aliased ? (field(name, "alias")?.text ?? "") : (module.split(".")[0] ?? "");
  return {
    target: bound,
    within: [],
    operation: { kind: "import", module: aliased ? module : bound, name: null },
    node: statement,
  };
}

function importFrom(node: Node): Effect[] {
  const from = field(node, "module_name");
  const module = from?.text ?? "";
  return children(node)
    .filter((name) => name.id !== from?.id)
    .flatMap((name): Effect[] => {
      if (name.type === "aliased_import") {
        const original = field(name, "name")?.text ?? "";
        return [
          {
            target: field(name, "alias")?.text ?? original,
            within: [],
            operation: { kind: "import", module, name: original },
            node,
          },
        ];
      }
      if (name.type === "dotted_name")
        return [{ target: name.text, within: [], operation: { kind: "import", module, name: name.text }, node }];
      return name.type === "wildcard_import"
        ? [{ target: "*", within: [], operation: { kind: "import", module, name: "*" }, node }]
        : [];
    });
}

const aliasOf = (pattern: Node): Node | null => {
  const alias = field(pattern, "alias");
  return alias === null ? null : (children(alias)[0] ?? alias);
};

function withItem(node: Node): Effect[] {
  const pattern = field(node, "value") ?? children(node)[0];
  if (pattern?.type !== "as_pattern") return [];
  const value = children(pattern)[0];
  return value === undefined ? [] : target(aliasOf(pattern), { kind: "assign", value, path: [], fallback: null }, node);
}
