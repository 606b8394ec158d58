import type { Node } from "web-tree-sitter";
import type { Argument, Entry, Expression, TextPart } from "../expression";
import { children, field } from "../syntax";
import { pythonEscapes } from "./escapes";
import type { Effect, Language, LanguageRules, Operation, Parameter } from "./language";
import query from "./python.scm";

export const python: Language = {
  id: "python",
  grammar: "tree-sitter-python",
  extensions: [".py", ".pyi", ".pyw"],
  query,
  rules: rules(),
};

const UNWRAPPED = new Set(["parenthesized_expression", "await", "named_expression", "type"]);

function lower(node: Node): Expression {
  switch (node.type) {
    case "string":
      return { kind: "text", node, parts: stringParts(node) };
    case "concatenated_string":
      return { kind: "text", node, parts: children(node).flatMap((part) => (part.type === "string" ? stringParts(part) : [])) };
    case "integer":
      return numberOf(node, Number(node.text.replaceAll("_", "")));
    case "float":
      return numberOf(node, Number.parseFloat(node.text.replaceAll("_", "")));
    case "true":
    case "false":
      return { kind: "plain", node, value: node.type === "true" };
    case "none":
      return { kind: "plain", node, value: null };
    case "identifier":
      return { kind: "name", node, name: node.text };
    case "attribute": {
      const object = field(node, "object");
      const name = field(node, "attribute");
      return object === null || name === null ? opaque(node) : { kind: "member", node, object, name: name.text };
    }
    case "subscript": {
      const object = field(node, "value");
      const index = field(node, "subscript");
      return object === null || index === null ? opaque(node) : { kind: "index", node, object, index };
    }
    case "call":
      return lowerCall(node);
    case "list":
    case "tuple":
      return { kind: "list", node, items: children(node).map((item) => spreadOf(item, "list_splat")) };
    case "dictionary":
      return lowerDictionary(node);
    case "binary_operator":
      return lowerBinary(node);
    case "boolean_operator": {
      const left = field(node, "left");
      const right = field(node, "right");
      if (left === null || right === null || field(node, "operator")?.type !== "or") return opaque(node);
      return { kind: "fallback", node, left, right };
    }
    default: {
      const inner = UNWRAPPED.has(node.type) ? children(node).at(-1) : undefined;
      return inner === undefined ? opaque(node) : { kind: "same", node, inner };
    }
  }
}

const opaque = (node: Node): Expression => ({ kind: "opaque", node });
const numberOf = (node: Node, value: number): Expression => (Number.isFinite(value) ? { kind: "plain", node, value } : opaque(node));

function spreadOf(node: Node, splat: string): { spread: boolean; value: Node } {
  const inner = node.type === splat ? children(node)[0] : undefined;
  return { spread: inner !== undefined, value: inner ?? node };
}

function stringParts(node: Node): TextPart[] {
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
      const hasFormat = children(part).some((inner) => inner.type === "format_specifier" || inner.type === "type_conversion");
      if (value !== undefined) parts.push({ value, format: hasFormat ? part.text : null });
    }
  }
  return parts;
}

function lowerCall(node: Node): Expression {
  const callee = field(node, "function");
  const list = field(node, "arguments");
  if (callee === null || list === null) return opaque(node);
  const items = list.type === "argument_list" ? children(list) : [];
  return { kind: "call", node, callee, arguments: items.map(lowerArgument), isNew: false };
}

function lowerArgument(node: Node): Argument {
  if (node.type === "keyword_argument") {
    return { name: field(node, "name")?.text ?? "", spread: null, value: field(node, "value") ?? node };
  }
  const inner = children(node)[0];
  if (node.type === "dictionary_splat" && inner !== undefined) return { name: null, spread: "record", value: inner };
  if (node.type === "list_splat" && inner !== undefined) return { name: null, spread: "list", value: inner };
  return { name: null, spread: null, value: node };
}

function lowerDictionary(node: Node): Expression {
  const entries = children(node).flatMap((entry): Entry[] => {
    const inner = children(entry)[0];
    if (entry.type === "dictionary_splat" && inner !== undefined) return [{ key: null, value: inner }];
    const key = field(entry, "key");
    const value = field(entry, "value");
    return key === null || value === null ? [] : [{ key, value }];
  });
  return { kind: "record", node, entries };
}

function lowerBinary(node: Node): Expression {
  const left = field(node, "left");
  const right = field(node, "right");
  if (left === null || right === null) return opaque(node);
  switch (field(node, "operator")?.type) {
    case "+":
      return { kind: "sum", node, operands: sumOperands(node) };
    case "%":
      return { kind: "percent", node, left, right };
    case "*":
      return { kind: "repeat", node, left, right };
    case "/":
      return { kind: "join-path", node, left, right };
    case "|":
      return { kind: "record", node, entries: [left, right].map((value) => ({ key: null, value })) };
    default:
      return opaque(node);
  }
}

/** Sums nest to the left, as deep as they are long: unrolled without recursion. */
function sumOperands(node: Node): Node[] {
  const operands: Node[] = [];
  let at: Node | null = node;
  while (at !== null && at.type === "binary_operator" && field(at, "operator")?.type === "+") {
    const right = field(at, "right");
    if (right !== null) operands.push(right);
    at = field(at, "left");
  }
  if (at !== null) operands.push(at);
  return operands.reverse();
}

const LIST_METHODS: Record<string, "append" | "extend" | "merge"> = { append: "append", extend: "extend", update: "merge" };
const OBSCURING = new Set(["pop", "remove", "clear", "reverse", "sort", "popitem", "setdefault", "insert"]);

function effects(node: Node): Effect[] {
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
      return targets(field(node, "left")).flatMap((name) => target(name, { kind: "obscure" }, field(node, "right") ?? node));
    case "with_item":
      return withItem(node);
    case "delete_statement":
      return children(node).flatMap((deleted) => target(rootOf(deleted), { kind: "obscure" }, node));
    case "except_clause":
      return children(node).filter((part) => part.type === "as_pattern").flatMap((part) => target(aliasOf(part), { kind: "obscure" }, part));
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
  return name === undefined ? target(rootOf(object), { kind: "obscure" }, at) : [{ target: name, within, operation, node: at }];
}

const rootOf = (node: Node): Node => {
  let at = node;
  for (let object = field(at, "value") ?? field(at, "object"); object !== null && targetName(at) === undefined; object = field(at, "value") ?? field(at, "object")) at = object;
  return at;
};

const targets = (node: Node | null): Node[] => (node === null ? [] : node.type === "identifier" ? [node] : children(node).flatMap(targets));

function assignment(node: Node): Effect[] {
  const left = field(node, "left");
  const value = field(node, "right");
  if (left === null || value === null) return [];
  // a = b = value
  const chained = value.type === "assignment" ? assignment(value) : [];
  const last = value.type === "assignment" ? (field(value, "right") ?? value) : value;
  if (left.type === "subscript") {
    const key = field(left, "subscript");
    const object = field(left, "value");
    if (object === null || key === null) return chained;
    return [...chained, ...inner(object, { kind: "set", key, value: last }, node)];
  }
  if (left.type === "pattern_list" || left.type === "tuple_pattern" || left.type === "list_pattern") {
    return children(left).flatMap((name, index) => target(name, { kind: "assign", value: last, path: [index], fallback: null }, node));
  }
  return [...chained, ...target(left, { kind: "assign", value: last, path: [], fallback: null }, node)];
}

function augmented(node: Node): Effect[] {
  const left = field(node, "left");
  const value = field(node, "right");
  if (left === null || value === null) return [];
  const operator = field(node, "operator")?.type;
  if (left.type === "subscript") return target(rootOf(left), { kind: "obscure" }, node);
  return target(left, operator === "+=" ? { kind: "add", value } : operator === "|=" ? { kind: "merge", value } : { kind: "obscure" }, node);
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
  if (isInsertAtFront) return inner(object, { kind: "prepend", value: second }, node);
  if (kind === undefined || first === undefined || given.length > 1 || first.type === "keyword_argument") return inner(object, { kind: "obscure" }, node);
  return inner(object, { kind, value: first }, node);
}

function importModule(name: Node, statement: Node): Effect {
  const aliased = name.type === "aliased_import";
  const module = (aliased ? field(name, "name") : name)?.text ?? "";
  const bound = aliased ? (field(name, "alias")?.text ?? "") : (module.split(".")[0] ?? "");
  return { target: bound, within: [], operation: { kind: "import", module: aliased ? module : bound, name: null }, node: statement };
}

function importFrom(node: Node): Effect[] {
  const from = field(node, "module_name");
  const module = from?.text ?? "";
  return children(node)
    .filter((name) => name.id !== from?.id)
    .flatMap((name): Effect[] => {
      if (name.type === "aliased_import") {
        const original = field(name, "name")?.text ?? "";
        return [{ target: field(name, "alias")?.text ?? original, within: [], operation: { kind: "import", module, name: original }, node }];
      }
      if (name.type === "dotted_name") return [{ target: name.text, within: [], operation: { kind: "import", module, name: name.text }, node }];
      return name.type === "wildcard_import" ? [{ target: "*", within: [], operation: { kind: "import", module, name: "*" }, node }] : [];
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

function parameters(fn: Node): Parameter[] {
  const list = field(fn, "parameters");
  return (list === null ? [] : children(list)).flatMap((node): Parameter[] => {
    const named = field(node, "name") ?? (node.type === "identifier" ? node : children(node)[0]);
    const name = named?.type === "identifier" ? named.text : (named?.text.replace(/^\*+/, "") ?? "");
    return [{ name, fallback: field(node, "value"), node, type: field(node, "type")?.text ?? null, isField: false }];
  });
}

function rules(): LanguageRules {
  return {
    lower,
    effects,
    parameters,
    isFunction: (node) => node.type === "function_definition" || node.type === "lambda",
    isClass: (node) => node.type === "class_definition",
    isBranch: (node) => /^(if|elif|else|for|while|try|except|finally|match|case)_/.test(node.type) || node.type === "except_group_clause",
    isLoop: (node) => node.type === "for_statement" || node.type === "while_statement",
    mayReassign: (_name, text) => text.includes("global "),
    isReassignment: (name) => name.parent?.type === "global_statement",
    declares: () => false,
    boundInside: (node) => {
      if (node.type === "lambda") return parameters(node).map((parameter) => parameter.name);
      if (!/comprehension$|^generator_expression$/.test(node.type)) return [];
      return children(node).filter((part) => part.type === "for_in_clause").flatMap((part) => targets(field(part, "left")).map((name) => name.text));
    },
    isSelf: (name) => name === "self" || name === "cls",
    fields: (classNode) => {
      const body = field(classNode, "body");
      const statements = body === null ? [] : children(body).filter((member) => member.type === "expression_statement");
      return statements.flatMap(children).flatMap(effects);
    },
    methods: (classNode) => {
      const body = field(classNode, "body");
      const members = body === null ? [] : children(body);
      return members.map((member) => field(member, "definition") ?? member).filter((member) => member.type === "function_definition");
    },
    isConstructor: (method) => /^__(init|post_init|new)__$/.test(field(method, "name")?.text ?? ""),
    partStart: /^(?:async\s+def\b|def\b|class\b|@|if\b|for\b|while\b|try\b|with\b|import\b|from\b|[A-Za-z_][\w.]*\s*[=(:[.])/,
    innerPartStart: /^\s*(?:async\s+def\b|def\b|class\b)/,
  };
}

