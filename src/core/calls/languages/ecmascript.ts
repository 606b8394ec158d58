import type { Node } from "web-tree-sitter";
import type { Argument, Expression, TextPart } from "../expression";
import { children, field } from "../syntax";
import query from "./ecmascript.scm";
import { ecmascriptEscapes } from "./escapes";
import type { Effect, Language, LanguageRules, Operation, Parameter } from "./language";

export const typescript: Language = { id: "typescript", grammar: "tree-sitter-typescript", extensions: [".ts", ".mts", ".cts"], query, rules: rules() };
export const tsx: Language = { ...typescript, grammar: "tree-sitter-tsx", extensions: [".tsx"] };
export const javascript: Language = { ...typescript, id: "javascript", grammar: "tree-sitter-javascript", extensions: [".js", ".mjs", ".cjs", ".jsx"] };

const UNWRAPPED_FIRST = new Set(["parenthesized_expression", "await_expression", "as_expression", "satisfies_expression", "non_null_expression"]);

function lower(node: Node): Expression {
  switch (node.type) {
    case "string":
    case "template_string":
      return { kind: "text", node, parts: stringParts(node) };
    case "number":
      return numberOf(node);
    case "true":
    case "false":
      return { kind: "plain", node, value: node.type === "true" };
    case "null":
    case "undefined":
      return { kind: "plain", node, value: null };
    case "identifier":
    case "shorthand_property_identifier":
    case "this":
      return { kind: "name", node, name: node.text };
    case "member_expression": {
      const object = field(node, "object");
      const name = field(node, "property");
      return object === null || name === null ? opaque(node) : { kind: "member", node, object, name: name.text };
    }
    case "subscript_expression": {
      const object = field(node, "object");
      const index = field(node, "index");
      return object === null || index === null ? opaque(node) : { kind: "index", node, object, index };
    }
    case "call_expression":
    case "new_expression":
      return lowerCall(node);
    case "array":
      return { kind: "list", node, items: children(node).map((item) => spreadOf(item)) };
    case "object":
      return lowerObject(node);
    case "binary_expression":
      return lowerBinary(node);
    case "type_assertion": {
      const inner = children(node).at(-1);
      return inner === undefined ? opaque(node) : { kind: "same", node, inner };
    }
    default: {
      const inner = UNWRAPPED_FIRST.has(node.type) ? children(node)[0] : undefined;
      return inner === undefined ? opaque(node) : { kind: "same", node, inner };
    }
  }
}

const opaque = (node: Node): Expression => ({ kind: "opaque", node });

function numberOf(node: Node): Expression {
  const value = Number(node.text.replaceAll("_", ""));
  return Number.isFinite(value) ? { kind: "plain", node, value } : opaque(node);
}

function spreadOf(node: Node): { spread: boolean; value: Node } {
  const inner = node.type === "spread_element" ? children(node)[0] : undefined;
  return { spread: inner !== undefined, value: inner ?? node };
}

function stringParts(node: Node): TextPart[] {
  const parts: TextPart[] = [];
  let cursor = node.startIndex + 1;
  const source = node.text;
  const literal = (from: number, to: number): void => {
    // A template's line ends are \n whatever the file has (ECMA-262, 12.9.6).
    if (to > from) parts.push(ecmascriptEscapes(source.slice(from - node.startIndex, to - node.startIndex).replaceAll("\r\n", "\n")));
  };
  for (const part of children(node)) {
    if (part.type !== "template_substitution") continue;
    literal(cursor, part.startIndex);
    const value = children(part)[0];
    if (value !== undefined) parts.push({ value, format: null });
    cursor = part.endIndex;
  }
  literal(cursor, node.endIndex - 1);
  return parts;
}

function lowerCall(node: Node): Expression {
  const isNew = node.type === "new_expression";
  const callee = field(node, isNew ? "constructor" : "function");
  const list = field(node, "arguments");
  if (callee === null) return opaque(node);
  if (list?.type === "template_string") return { kind: "tagged", node, tag: callee, text: list };
  const items = list === null ? [] : children(list);
  return {
    kind: "call",
    node,
    callee,
    isNew,
    arguments: items.map((item): Argument => {
      const { spread, value } = spreadOf(item);
      return { name: null, spread: spread ? "list" : null, value };
    }),
  };
}

function lowerObject(node: Node): Expression {
  const entries = children(node).map((entry) => {
    if (entry.type === "shorthand_property_identifier") return { key: entry.text, value: entry };
    const { spread, value } = spreadOf(entry);
    if (spread) return { key: null, value };
    const key = field(entry, "key");
    if (entry.type !== "pair") return { key: field(entry, "name")?.text ?? "", value: entry };
    return { key: key === null ? "" : propertyName(key), value: field(entry, "value") ?? entry };
  });
  return { kind: "record", node, entries };
}

function propertyName(key: Node): string | Node {
  if (key.type === "computed_property_name") return children(key)[0] ?? key;
  return key.type === "string" ? stringParts(key).join("") : key.text;
}

function lowerBinary(node: Node): Expression {
  const left = field(node, "left");
  const right = field(node, "right");
  if (left === null || right === null) return opaque(node);
  switch (field(node, "operator")?.type) {
    case "+":
      return { kind: "sum", node, operands: sumOperands(node) };
    case "||":
    case "??":
      return { kind: "fallback", node, left, right };
    default:
      return opaque(node);
  }
}

/** Sums nest to the left, as deep as they are long: unrolled without recursion. */
function sumOperands(node: Node): Node[] {
  const operands: Node[] = [];
  let at: Node | null = node;
  while (at !== null && at.type === "binary_expression" && field(at, "operator")?.type === "+") {
    const right = field(at, "right");
    if (right !== null) operands.push(right);
    at = field(at, "left");
  }
  if (at !== null) operands.push(at);
  return operands.reverse();
}

const LIST_METHODS: Record<string, "append" | "prepend"> = { push: "append", unshift: "prepend" };
const OBSCURING = new Set(["splice", "pop", "shift", "reverse", "sort", "fill", "copyWithin"]);

function effects(node: Node): Effect[] {
  switch (node.type) {
    case "export_statement":
      return exported(node);
    case "variable_declarator":
      return declarator(node);
    case "assignment_expression":
      return assignment(node);
    case "augmented_assignment_expression":
      return augmented(node);
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
      return patternNames(field(node, "left")).map((name) => ({ target: name, within: [], operation: { kind: "obscure" }, node: field(node, "right") ?? node }));
    case "catch_clause":
      return patternNames(field(node, "parameter")).map((name) => ({ target: name, within: [], operation: { kind: "obscure" }, node }));
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
    const key = isMember ? field(root, "property")?.text : root.type === "subscript_expression" ? keyText(field(root, "index")) : undefined;
    if (key === undefined || (isMember && field(root, "object")?.type === "this")) break;
    within.unshift(key);
    root = field(root, "object") ?? root;
  }
  const name = targetName(root);
  return name === undefined ? target(rootOf(object), { kind: "obscure" }, at) : [{ target: name, within, operation, node: at }];
}

const keyText = (index: Node | null): string | undefined => (index?.type === "string" ? stringParts(index).join("") : undefined);

const rootOf = (node: Node): Node => {
  let at = node;
  for (let object = field(at, "object"); object !== null && targetName(at) === undefined; object = field(at, "object")) at = object;
  return at;
};

/** All names that a pattern binds. */
function patternNames(node: Node | null): string[] {
  if (node === null) return [];
  if (/^(shorthand_property_)?identifier(_pattern)?$/.test(node.type)) return [node.text];
  if (node.type === "pair_pattern") return patternNames(field(node, "value"));
  if (node.type === "assignment_pattern" || node.type === "object_assignment_pattern") return patternNames(field(node, "left"));
  return children(node).flatMap(patternNames);
}

/** Names that a destructuring pattern binds, each with its way into the value and its default. */
function destructure(pattern: Node, value: Node, at: Node, path: readonly (string | number)[] = [], fallback: Node | null = null): Effect[] {
  switch (pattern.type) {
    case "identifier":
    case "shorthand_property_identifier_pattern": {
      const way = pattern.type === "identifier" ? path : [...path, pattern.text];
      return [{ target: pattern.text, within: [], operation: { kind: "assign", value, path: way, fallback }, node: at }];
    }
    case "pair_pattern": {
      const key = field(pattern, "key");
      const inner = field(pattern, "value");
      const name = key === null ? "" : propertyName(key);
      return inner === null || typeof name !== "string" ? [] : destructure(inner, value, at, [...path, name]);
    }
    case "assignment_pattern":
    case "object_assignment_pattern": {
      const left = field(pattern, "left");
      return left === null ? [] : destructure(left, value, at, path, field(pattern, "right"));
    }
    case "object_pattern":
      return children(pattern).flatMap((part) => destructure(part, value, at, path));
    case "array_pattern":
      return children(pattern).flatMap((part, index) => destructure(part, value, at, [...path, index]));
    default:
      return patternNames(pattern).map((name) => ({ target: name, within: [], operation: { kind: "obscure" }, node: at }));
  }
}

function declarator(node: Node): Effect[] {
  const pattern = field(node, "name");
  const value = field(node, "value");
  return pattern === null || value === null ? [] : destructure(pattern, value, node);
}

function exported(node: Node): Effect[] {
  const value = field(node, "value");
  if (value !== null) return [{ target: "default", within: [], operation: { kind: "assign", value, path: [], fallback: null }, node }];
  const module = field(node, "source");
  const names = children(node).find((part) => part.type === "export_clause");
  if (module === null) return [];
  const from = stringParts(module).join("");
  if (names === undefined) return [{ target: "*", within: [], operation: { kind: "import", module: from, name: "*" }, node }];
  return children(names).map((one): Effect => {
    const name = field(one, "name")?.text ?? "";
    return { target: field(one, "alias")?.text ?? name, within: [], operation: { kind: "import", module: from, name }, node };
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
  return [...whole, ...inner(object, { kind: "set", key: left.type === "member_expression" ? key.text : key, value }, node)];
}

function augmented(node: Node): Effect[] {
  const left = field(node, "left");
  const value = field(node, "right");
  if (left === null || value === null) return [];
  const isSum = field(node, "operator")?.type === "+=";
  return target(targetName(left) === undefined ? rootOf(left) : left, isSum && targetName(left) !== undefined ? { kind: "add", value } : { kind: "obscure" }, node);
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
    const effect = (bound: string, name: string | null): Effect => ({ target: bound, within: [], operation: { kind: "import", module, name }, node });
    if (part.type === "identifier") return [effect(part.text, "default")];
    if (part.type === "namespace_import") return [effect(children(part)[0]?.text ?? "", null)];
    return children(part).map((one) => {
      const name = field(one, "name")?.text ?? "";
      return effect(field(one, "alias")?.text ?? name, name);
    });
  });
}

function parameters(fn: Node): Parameter[] {
  const single = field(fn, "parameter");
  const list = field(fn, "parameters");
  const nodes = single !== null ? [single] : list === null ? [] : children(list);
  return nodes.flatMap((node): Parameter[] => {
    const pattern = field(node, "pattern") ?? (node.type === "assignment_pattern" ? field(node, "left") : node);
    const fallback = field(node, "value") ?? (node.type === "assignment_pattern" ? field(node, "right") : null);
    const type = field(node, "type")?.text.replace(/^:\s*/, "") ?? null;
    const isField = children(node).some((part) => part.type === "accessibility_modifier" || part.type === "readonly") || /^readonly\b/.test(node.text);
    if (pattern === null) return [];
    if (pattern.type === "identifier") return [{ name: pattern.text, fallback, node, type, isField }];
    // `function f({ model = "gpt-4o" })`: each name of the pattern is a parameter with its own default.
    return destructure(pattern, pattern, pattern).flatMap((effect): Parameter[] =>
      effect.operation.kind === "assign" ? [{ name: effect.target, fallback: effect.operation.fallback, node, type: null, isField: false }] : [],
    );
  });
}

const FUNCTIONS = new Set([
  "function_declaration",
  "function_expression",
  "function",
  "arrow_function",
  "method_definition",
  "generator_function",
  "generator_function_declaration",
]);

function rules(): LanguageRules {
  return {
    lower,
    effects,
    parameters,
    isFunction: (node) => FUNCTIONS.has(node.type),
    isClass: (node) => /^(abstract_)?class(_declaration)?$/.test(node.type),
    isBranch: (node) => /^(if|for|for_in|while|do|try|switch)_statement$|^(else|catch|finally)_clause$|^switch_(case|default|body)$/.test(node.type),
    isLoop: (node) => /^(for|for_in|while|do)_statement$/.test(node.type),
    mayReassign: (name, text) => !new RegExp(`\\bconst\\s+${name.replace(/[^\w]/g, "\\$&")}\\b`).test(text),
    isReassignment: (name) => /assignment_expression$/.test(name.parent?.type ?? "") && field(name.parent ?? name, "left")?.id === name.id,
    declares: (fn, name) => parameters(fn).some((parameter) => parameter.name === name) || new RegExp(`\\b(?:const|let|var)\\s+(?:[^=;]*\\W)?${name.replace(/[^\w]/g, "\\$&")}\\b`).test(fn.text),
    boundInside: () => [],
    isSelf: (name) => name === "this",
    fields: (classNode) => {
      const body = field(classNode, "body");
      return (body === null ? [] : children(body)).flatMap((member): Effect[] => {
        if (!/field_definition$/.test(member.type)) return [];
        const name = field(member, "name") ?? field(member, "property");
        const value = field(member, "value");
        return name === null || value === null ? [] : [{ target: name.text, within: [], operation: { kind: "assign", value, path: [], fallback: null }, node: member }];
      });
    },
    methods: (classNode) => {
      const body = field(classNode, "body");
      return body === null ? [] : children(body).filter((member) => member.type === "method_definition");
    },
    isConstructor: (method) => field(method, "name")?.text === "constructor",
    partStart: /^(?:export\b|import\b|function\b|async\b|class\b|abstract\b|const\b|let\b|var\b|interface\b|type\b|enum\b|if\b|for\b|while\b|try\b|await\b|declare\b|@|[A-Za-z_$][\w$.]*\s*[=(.])/,
    innerPartStart: /^\s*(?:(?:public|private|protected|static|async|override|readonly|get|set)\s+)*(?:function\b|(?!(?:if|for|while|switch|catch|return)\b)[\w$]+\s*(?:<[^>]*>)?\([^;]*\)\s*(?::[^;{]*)?\{\s*$)/,
  };
}
