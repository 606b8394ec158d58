import type { Node } from "web-tree-sitter";
import type { Argument, Expression } from "../../calls/expression";
import { apis } from "../../calls/apis";
import { children, field } from "../../calls/syntax";
import { indexOf, memberOf, numberOf, opaque } from "../lowering";
import { returnedIn } from "../returned";
import { sumOperands } from "../sums";
import query from "./methods.scm";
import { destructure, effects } from "./effects";
import { propertyName, spreadOf, stringParts } from "./nodes";
import { functions } from "./functions";
import { importCandidates } from "./imports";
import { use } from "./uses";
import type { Effect, LanguagePack, LanguageRules, Parameter } from "../pack";
import { makesContainer, mayAssign, mayMatter } from "../mentions";
import { namesTaken } from "../taken";

export const typescript: LanguagePack = {
  id: "typescript",
  identifiers: ["typescript"],
  grammar: "tree-sitter-typescript",
  extensions: [".ts", ".mts", ".cts"],
  query,
  rules: rules(),
  apis,
  functions,
  constantOf: null,
  bodyOf: null,
  importCandidates,
  request: 0,
  readsPlainLineEnds: false,
  emptyIsFalse: false,
  replacesOnce: true,
  takesFieldsByName: false,
  instrumenting: { style: "script" },
};
export const tsx: LanguagePack = {
  ...typescript,
  identifiers: ["typescriptreact"],
  grammar: "tree-sitter-tsx",
  extensions: [".tsx"],
};
export const javascript: LanguagePack = {
  ...typescript,
  id: "javascript",
  identifiers: ["javascript", "javascriptreact"],
  grammar: "tree-sitter-javascript",
  extensions: [".js", ".mjs", ".cjs", ".jsx"],
};

const UNWRAPPED_FIRST = new Set([
  "parenthesized_expression",
  "await_expression",
  "as_expression",
  "satisfies_expression",
  "non_null_expression",
]);

function lower(node: Node): Expression {
  switch (node.type) {
    case "string":
    case "template_string":
      return { kind: "text", node, parts: stringParts(node) };
    case "number":
      return numberOf(node, Number(node.text.replaceAll("_", "")));
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
    case "member_expression":
      return memberOf(node, "object", "property");
    case "subscript_expression":
      return indexOf(node, "object", "index");
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

function lowerBinary(node: Node): Expression {
  const left = field(node, "left");
  const right = field(node, "right");
  if (left === null || right === null) return opaque(node);
  switch (field(node, "operator")?.type) {
    case "+":
      return { kind: "sum", node, operands: sumOperands(node) };
    case "||":
      return { kind: "fallback", node, left, right, isNullish: false };
    case "??":
      return { kind: "fallback", node, left, right, isNullish: true };
    default:
      return opaque(node);
  }
}

function parameters(fn: Node): Parameter[] {
  const single = field(fn, "parameter");
  const list = field(fn, "parameters");
  const nodes = single !== null ? [single] : list === null ? [] : children(list);
  return nodes.flatMap((node): Parameter[] => {
    const pattern = field(node, "pattern") ?? (node.type === "assignment_pattern" ? field(node, "left") : node);
    const fallback = field(node, "value") ?? (node.type === "assignment_pattern" ? field(node, "right") : null);
    const type = field(node, "type")?.text.replace(/^:\s*/, "") ?? null;
    const isField =
      children(node).some((part) => part.type === "accessibility_modifier" || part.type === "readonly") ||
      /^readonly\b/.test(node.text);
    if (pattern === null) return [];
    if (pattern.type === "identifier") return [{ name: pattern.text, fallback, node, type, isWhole: true, isField }];
    // `function f({ model = "gpt-4o" })`: each name of the pattern is a parameter with its own default.
    return destructure(pattern, pattern, pattern).flatMap((effect): Parameter[] =>
      effect.operation.kind === "assign"
        ? [
            {
              name: effect.target,
              fallback: effect.operation.fallback,
              node,
              type: null,
              isWhole: false,
              isField: false,
            },
          ]
        : [],
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

/** `name = …`, or a pattern with the name in it: `({ name } = …)`. */
function isReassignment(name: Node): boolean {
  let at = name;
  while (/^(?:object|array|pair|rest|assignment|object_assignment)_pattern$/.test(at.parent?.type ?? ""))
    at = at.parent ?? at;
  return /assignment_expression$/.test(at.parent?.type ?? "") && field(at.parent ?? at, "left")?.id === at.id;
}

/** The module of `require("fs")`. */
function requiredModule(value: Node): string | undefined {
  const callee = value.type === "call_expression" ? field(value, "function") : null;
  const argument = callee?.text === "require" ? field(value, "arguments")?.namedChild(0) : null;
  return argument?.type === "string" ? argument.text.slice(1, -1) : undefined;
}

/** A function's, a method's or a class's; also that of the variable that an arrow function is kept in. */
function definedName(node: Node): string | null {
  const isNamed =
    node.type === "variable_declarator"
      ? /^(arrow_function|function_expression)$/.test(field(node, "value")?.type ?? "")
      : /^(function_declaration|generator_function_declaration|method_definition|class_declaration)$/.test(node.type);
  return isNamed ? (field(node, "name")?.text ?? null) : null;
}

function isFunction(node: Node): boolean {
  return FUNCTIONS.has(node.type);
}

function rules(): LanguageRules {
  return {
    lower,
    mayAssign,
    mayMatter,
    makesContainer,
    sharesValues: true,
    isDefault: () => false,
    nameOf: (node) => (node.type === "meta_property" ? "import.meta" : undefined),
    requiredModule,
    effects,
    parameters,
    returned: (fn) => {
      const body = field(fn, "body");
      return body === null ? [] : body.type === "statement_block" ? returnedIn(body, isFunction) : [body];
    },
    sides: (node) =>
      node.type === "ternary_expression"
        ? ["consequence", "alternative"].flatMap((name) => field(node, name) ?? [])
        : [],
    isFunction,
    bases: (classNode) => {
      const heritage = children(classNode).find(({ type }) => type === "class_heritage");
      const [first] = heritage === undefined ? [] : children(heritage);
      const base = first?.type === "extends_clause" ? field(first, "value") : first;
      return base === undefined || base === null || base.type === "implements_clause" ? [] : [base];
    },
    isClass: (node) => /^(abstract_)?class(_declaration)?$/.test(node.type),
    isBranch: (node) =>
      /^(if|for|for_in|while|do|try|switch)_statement$|^(else|catch|finally)_clause$|^switch_(case|default|body)$/.test(
        node.type,
      ),
    isLoop: (node) => /^(for|for_in|while|do)_statement$/.test(node.type),
    holdsStatements: (node) => /_statement$|_clause$|_declaration$|^statement_block$|^switch_|^ERROR$/.test(node.type),
    isWrapper: (node) =>
      /^(parenthesized_expression|non_null_expression|as_expression|satisfies_expression|instantiation_expression)$/.test(
        node.type,
      ),
    isPattern: (node) => node.type.endsWith("_pattern"),
    isEnum: (node) => node.type === "enum_declaration",
    enumMember: (node, name) => {
      const body = field(node, "body");
      const member = body === null ? undefined : children(body).find((one) => field(one, "name")?.text === name);
      return member === undefined ? null : field(member, "value");
    },
    isBlockScoped: (node) => node.type === "variable_declarator" && node.parent?.type === "lexical_declaration",
    isInPlace: (node) => /call|assignment|delete|expression/.test(node.type),
    isAnnouncement: () => false,
    wrapsDefinition: (node) => node.type === "export_statement",
    definedName,
    namesTaken: (method) =>
      method.type === "shorthand_property_identifier_pattern"
        ? [method.text]
        : namesTaken(method, {
            assignment: /^(?:variable_declarator|assignment_expression)$/,
            passedOn:
              /^(?:parenthesized_expression|as_expression|non_null_expression|call_expression|arguments|member_expression|satisfies_expression)$/,
          }),
    mayReassign: (name, text) => !new RegExp(`\\bconst\\s+${name.replace(/[^\w]/g, "\\$&")}\\b`).test(text),
    isReassignment,
    declares: (fn, name) =>
      parameters(fn).some((parameter) => parameter.name === name) ||
      new RegExp(`\\b(?:const|let|var)\\s+(?:[^=;]{0,200}\\W)?${name.replace(/[^\w]/g, "\\$&")}\\b`).test(fn.text),
    use,
    boundInside: () => [],
    isSelf: (name) => name === "this",
    fields: (classNode) => {
      const body = field(classNode, "body");
      return (body === null ? [] : children(body)).flatMap((member): Effect[] => {
        if (!/field_definition$/.test(member.type)) return [];
        const name = field(member, "name") ?? field(member, "property");
        const value = field(member, "value");
        return name === null || value === null
          ? []
          : [
              {
                target: name.text,
                within: [],
                operation: { kind: "assign", value, path: [], fallback: null },
                node: member,
              },
            ];
      });
    },
    methods: (classNode) => {
      const body = field(classNode, "body");
      return (body === null ? [] : children(body)).flatMap((member) => {
        if (member.type === "method_definition") return [member];
        const value = /field_definition$/.test(member.type) ? field(member, "value") : null;
        return value !== null && FUNCTIONS.has(value.type) ? [value] : [];
      });
    },
    isConstructor: (method) => field(method, "name")?.text === "constructor",
    generatedConstructor: () => null,
    partStart:
      /^(?:export\b|import\b|function\b|async\b|class\b|abstract\b|const\b|let\b|var\b|interface\b|type\b|enum\b|if\b|for\b|while\b|try\b|await\b|declare\b|@|[A-Za-z_$][\w$.]*\s*[=(.])/,
    innerPartStart:
      /^\s*(?:(?:public|private|protected|static|async|override|readonly|get|set)\s+)*(?:function\b|(?!(?:if|for|while|switch|catch|return)\b)[\w$]+\s*(?:<[^>]*>)?\([^;]*\)\s*(?::[^;{]*)?\{\s*$)/,
  };
}
