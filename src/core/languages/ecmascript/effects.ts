import type { Node } from "web-tree-sitter";
import { children, field } from "../../calls/syntax";
import { propertyName, spreadOf, stringParts } from "./nodes";
import { MAX_PATTERN_DEPTH } from "../lowering";
import type { Effect, Operation } from "../pack";

const LIST_METHODS: Record<string, "append" | "prepend"> = { push: "append", unshift: "prepend" };
const OBSCURING = new Set(["splice", "pop", "shift", "reverse", "sort", "fill", "copyWithin"]);

/** What a statement does to variables. */
export function effects(node: Node): Effect[] {
  switch (node.type) {
    case "export_statement":
      return exported(node);
    case "variable_declarator":
      return declarator(node);
    case "assignment_expression":
      return assignment(node);
    case "augmented_assignment_expression":
      return augmented(node);
    case "update_expression":
      return target(field(node, "argument"), { kind: "obscure" }, node);
    case "call_expression":
      return mutation(node);
    case "import_statement":
      return imports(node);
    case "function_declaration":
    case "generator_function_declaration":
    case "class_declaration":
    case "abstract_class_declaration":
    case "enum_declaration":
      return target(field(node, "name"), { kind: "define", definition: node }, node);
    case "for_in_statement":
      return patternNames(field(node, "left")).map((name) => ({
        target: name,
        within: [],
        operation: { kind: "obscure" },
        node: field(node, "right") ?? node,
      }));
    case "catch_clause":
      return patternNames(field(node, "parameter")).map((name) => ({
        target: name,
        within: [],
        operation: { kind: "obscure" },
        node,
      }));
    default:
      return [];
  }
}

function targetName(node: Node): string | undefined {
  if (node.type === "identifier" || node.type === "type_identifier") return node.text;
  const object = node.type === "member_expression" ? field(node, "object") : null;
  return object?.type === "this" || object?.type === "identifier" ? node.text : undefined;
}

function target(node: Node | null, operation: Operation, at: Node): Effect[] {
  const name = node === null ? undefined : targetName(node);
  return name === undefined ? [] : [{ target: name, within: [], operation, node: at }];
}

/** The effect of changing a part of a variable: `params.messages.push(…)`, `params.a.b = …`. */
function inner(object: Node, operation: Operation, at: Node): Effect[] {
  const within: string[] = [];
  let root = object;
  for (;;) {
    const isMember = root.type === "member_expression";
    const key = isMember
      ? field(root, "property")?.text
      : root.type === "subscript_expression"
        ? keyText(field(root, "index"))
        : undefined;
    if (key === undefined || (isMember && field(root, "object")?.type === "this")) break;
    within.unshift(key);
    root = field(root, "object") ?? root;
  }
  const name = targetName(root);
  return name === undefined
    ? target(rootOf(object), { kind: "obscure" }, at)
    : [{ target: name, within, operation, node: at }];
}

const keyText = (index: Node | null): string | undefined =>
  index?.type === "string" ? stringParts(index).join("") : undefined;

const rootOf = (node: Node): Node => {
  let at = node;
  for (let object = field(at, "object"); object !== null && targetName(at) === undefined; object = field(at, "object"))
    at = object;
  return at;
};

/** All names that a pattern binds. */
function patternNames(node: Node | null, depth = 0): string[] {
  if (node === null || depth > MAX_PATTERN_DEPTH) return [];
  if (/^(shorthand_property_)?identifier(_pattern)?$/.test(node.type)) return [node.text];
  if (node.type === "pair_pattern") return patternNames(field(node, "value"), depth + 1);
  if (node.type === "assignment_pattern" || node.type === "object_assignment_pattern")
    return patternNames(field(node, "left"), depth + 1);
  return children(node).flatMap((inner) => patternNames(inner, depth + 1));
}

/** Names that a destructuring pattern binds, each with its way into the value and its default. */
export function destructure(
  pattern: Node,
  value: Node,
  at: Node,
  path: readonly (string | number)[] = [],
  fallback: Node | null = null,
  depth = 0,
): Effect[] {
  if (depth > MAX_PATTERN_DEPTH) return [];
  switch (pattern.type) {
    case "identifier":
    case "shorthand_property_identifier_pattern": {
      const way = pattern.type === "identifier" ? path : [...path, pattern.text];
      return [
        { target: pattern.text, within: [], operation: { kind: "assign", value, path: way, fallback }, node: at },
      ];
    }
    case "pair_pattern": {
      const key = field(pattern, "key");
      const inner = field(pattern, "value");
      const name = key === null ? "" : propertyName(key);
      return inner === null || typeof name !== "string"
        ? []
        : destructure(inner, value, at, [...path, name], null, depth + 1);
    }
    case "assignment_pattern":
    case "object_assignment_pattern": {
      const left = field(pattern, "left");
      return left === null ? [] : destructure(left, value, at, path, field(pattern, "right"), depth + 1);
    }
    case "object_pattern":
      return children(pattern).flatMap((part) => destructure(part, value, at, path, null, depth + 1));
    case "array_pattern":
      return children(pattern).flatMap((part, index) =>
        destructure(part, value, at, [...path, index], null, depth + 1),
      );
    default:
      return patternNames(pattern).map((name) => ({
        target: name,
        within: [],
        operation: { kind: "obscure" },
        node: at,
      }));
  }
}

function declarator(node: Node): Effect[] {
  const pattern = field(node, "name");
  const value = field(node, "value");
  return pattern === null || value === null ? [] : destructure(pattern, value, node);
}

function exported(node: Node): Effect[] {
  const value = field(node, "value");
  if (value !== null)
    return [{ target: "default", within: [], operation: { kind: "assign", value, path: [], fallback: null }, node }];
  const module = field(node, "source");
  const names = children(node).find((part) => part.type === "export_clause");
  if (module === null) return [];
  const from = stringParts(module).join("");
  if (names === undefined)
    return [{ target: "*", within: [], operation: { kind: "import", module: from, name: "*" }, node }];
  return children(names).map((one): Effect => {
    const name = field(one, "name")?.text ?? "";
    return {
      target: field(one, "alias")?.text ?? name,
      within: [],
      operation: { kind: "import", module: from, name },
      node,
    };
  });
}

function assignment(node: Node): Effect[] {
  const left = field(node, "left");
  const value = field(node, "right");
  if (left === null || value === null) return [];
  if (left.type === "object_pattern" || left.type === "array_pattern") return destructure(left, value, node);
  const object = field(left, "object");
  const key = field(left, "property") ?? field(left, "index");
  const whole = target(left, { kind: "assign", value, path: [], fallback: null }, node);
  // `params.model = …` is at once a member's value and a change of `params`.
  if (object === null || key === null || object.type === "this") return whole;
  return [
    ...whole,
    ...inner(object, { kind: "set", key: left.type === "member_expression" ? key.text : key, value }, node),
  ];
}

function augmented(node: Node): Effect[] {
  const left = field(node, "left");
  const value = field(node, "right");
  if (left === null || value === null) return [];
  const isSum = field(node, "operator")?.type === "+=";
  return target(
    targetName(left) === undefined ? rootOf(left) : left,
    isSum && targetName(left) !== undefined ? { kind: "add", value } : { kind: "obscure" },
    node,
  );
}

function mutation(node: Node): Effect[] {
  const callee = field(node, "function");
  const list = field(node, "arguments");
  const given = list === null ? [] : children(list);
  if (callee?.text === "Object.assign" && given[0] !== undefined) {
    return given.slice(1).flatMap((value) => target(given[0] ?? null, { kind: "merge", value }, node));
  }
  const object = callee?.type === "member_expression" ? field(callee, "object") : null;
  const method = callee === null ? "" : (field(callee, "property")?.text ?? "");
  if (object === null) return [];
  const kind = Object.hasOwn(LIST_METHODS, method) ? LIST_METHODS[method] : undefined;
  if (kind === undefined && !OBSCURING.has(method)) return [];
  if (kind === undefined) return inner(object, { kind: "obscure" }, node);
  return (kind === "prepend" ? [...given].reverse() : given).flatMap((item) => {
    const { spread, value } = spreadOf(item);
    return inner(object, { kind: spread ? (kind === "append" ? "extend" : "obscure") : kind, value }, node);
  });
}

function imports(node: Node): Effect[] {
  const source = field(node, "source");
  const clause = children(node).find((part) => part.type === "import_clause");
  if (source === null || clause === undefined) return [];
  const module = stringParts(source).join("");
  return children(clause).flatMap((part): Effect[] => {
    const effect = (bound: string, name: string | null): Effect => ({
      target: bound,
      within: [],
      operation: { kind: "import", module, name },
      node,
    });
    if (part.type === "identifier") return [effect(part.text, "default")];
    if (part.type === "namespace_import") return [effect(children(part)[0]?.text ?? "", null)];
    return children(part).map((one) => {
      const name = field(one, "name")?.text ?? "";
      return effect(field(one, "alias")?.text ?? name, name);
    });
  });
}
