import type { Node } from "web-tree-sitter";
import type { Argument, Entry, Expression } from "../../calls/expression";
import { apis } from "../../calls/apis";
import { children, field } from "../../calls/syntax";
import type { LanguagePack, LanguageRules, Parameter } from "../pack";
import { indexOf, memberOf, numberOf, opaque, spreadIn } from "../lowering";
import { makesContainer, mayAssign, mayMatter } from "../mentions";
import { namesTaken } from "../taken";
import { functions } from "./functions";
import { importCandidates } from "./imports";
import { returnedIn } from "../returned";
import { sumOperands } from "../sums";
import query from "./methods.scm";
import { generatedConstructor } from "./classes";
import { effects, targets } from "./effects";
import { declares } from "./names";
import { stringParts } from "./strings";
import { use } from "./uses";

export const python: LanguagePack = {
  id: "python",
  identifiers: ["python"],
  grammar: "tree-sitter-python",
  extensions: [".py", ".pyi", ".pyw"],
  query,
  rules: rules(),
  apis,
  functions,
  constantOf: null,
  bodyOf: null,
  importCandidates,
  request: "keywords",
  readsPlainLineEnds: true,
  emptyIsFalse: true,
  replacesOnce: false,
  takesFieldsByName: true,
  instrumenting: { style: "python" },
};

const UNWRAPPED = new Set(["parenthesized_expression", "await", "named_expression", "type"]);

function lower(node: Node): Expression {
  switch (node.type) {
    case "string":
      return { kind: "text", node, parts: stringParts(node) };
    case "concatenated_string":
      return {
        kind: "text",
        node,
        parts: children(node).flatMap((part) => (part.type === "string" ? stringParts(part) : [])),
      };
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
    case "attribute":
      return memberOf(node, "object", "attribute");
    case "subscript":
      return indexOf(node, "value", "subscript");
    case "call":
      return lowerCall(node);
    case "list":
    case "tuple":
      return { kind: "list", node, items: children(node).map((item) => spreadIn(item, "list_splat")) };
    case "dictionary":
      return lowerDictionary(node);
    case "binary_operator":
      return lowerBinary(node);
    case "boolean_operator": {
      const left = field(node, "left");
      const right = field(node, "right");
      if (left === null || right === null || field(node, "operator")?.type !== "or") return opaque(node);
      return { kind: "fallback", node, left, right, isNullish: false };
    }
    default: {
      const inner = UNWRAPPED.has(node.type) ? children(node).at(-1) : undefined;
      return inner === undefined ? opaque(node) : { kind: "same", node, inner };
    }
  }
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

function parameters(fn: Node): Parameter[] {
  const list = field(fn, "parameters");
  return (list === null ? [] : children(list)).flatMap((node): Parameter[] => {
    const named = field(node, "name") ?? (node.type === "identifier" ? node : children(node)[0]);
    const name = named?.type === "identifier" ? named.text : (named?.text.replace(/^\*+/, "") ?? "");
    const type = field(node, "type")?.text ?? null;
    // `*args` and a bare `*` or `/` end what is taken by position.
    const isWhole = !/splat|separator/.test(`${node.type} ${named?.type ?? ""}`);
    return [{ name, fallback: field(node, "value"), node, type, isWhole, isField: false }];
  });
}

function isFunction(node: Node): boolean {
  return node.type === "function_definition" || node.type === "lambda";
}

function rules(): LanguageRules {
  return {
    lower,
    mayAssign,
    mayMatter,
    makesContainer,
    sharesValues: true,
    isDefault: () => false,
    nameOf: () => undefined,
    requiredModule: () => undefined,
    effects,
    parameters,
    returned: (fn) => {
      const body = field(fn, "body");
      return body === null ? [] : fn.type === "lambda" ? [body] : returnedIn(body, isFunction);
    },
    sides: (node) => {
      const [first, , last] = node.type === "conditional_expression" ? children(node) : [];
      return first === undefined || last === undefined ? [] : [first, last];
    },
    isFunction,
    bases: (classNode) => {
      const list = field(classNode, "superclasses");
      return list === null ? [] : children(list).filter(({ type }) => type !== "keyword_argument");
    },
    isClass: (node) => node.type === "class_definition",
    isBranch: (node) =>
      /^(if|elif|else|for|while|try|except|finally|match|case)_/.test(node.type) || node.type === "except_group_clause",
    isLoop: (node) => node.type === "for_statement" || node.type === "while_statement",
    holdsStatements: (node) => /_statement$|_clause$|^block$|^decorated_definition$|^ERROR$/.test(node.type),
    isWrapper: (node) => node.type === "parenthesized_expression",
    isPattern: (node) => node.type.endsWith("_pattern"),
    isEnum: () => false, // A class as any other.
    enumMember: () => null,
    isBlockScoped: () => false,
    isInPlace: (node) => /call|assignment|delete|expression/.test(node.type),
    isAnnouncement: (statement) => statement.type === "global_statement",
    wrapsDefinition: (node) => node.type === "decorated_definition",
    definedName: (node) =>
      /^(?:function|class)_definition$/.test(node.type) ? (field(node, "name")?.text ?? null) : null,
    namesTaken: (method) =>
      namesTaken(method, {
        assignment: /^assignment$/,
        passedOn: /^(?:parenthesized_expression|call|argument_list|await)$/,
      }),
    mayReassign: (name, text) => name.includes(".") || /\b(?:global|nonlocal)\s|:=/.test(text),
    isReassignment: (name) =>
      /^(?:global|nonlocal)_statement$/.test(name.parent?.type ?? "") ||
      (name.parent?.type === "named_expression" && field(name.parent, "name")?.id === name.id) ||
      (name.type === "attribute" &&
        /assignment$/.test(name.parent?.type ?? "") &&
        field(name.parent ?? name, "left")?.id === name.id),
    declares,
    use,
    boundInside: (node) => {
      if (node.type === "lambda") return parameters(node).map((parameter) => parameter.name);
      if (!/comprehension$|^generator_expression$/.test(node.type)) return [];
      return children(node)
        .filter((part) => part.type === "for_in_clause")
        .flatMap((part) => targets(field(part, "left")).map((name) => name.text));
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
      return members
        .map((member) => field(member, "definition") ?? member)
        .filter((member) => member.type === "function_definition");
    },
    isConstructor: (method) => /^__(init|post_init|new)__$/.test(field(method, "name")?.text ?? ""),
    generatedConstructor,
    partStart:
      /^(?:async\s+def\b|def\b|class\b|@|if\b|for\b|while\b|try\b|with\b|import\b|from\b|[A-Za-z_][\w.]*\s*[=(:[.])/,
    innerPartStart: /^\s*(?:async\s+def\b|def\b|class\b)/,
  };
}
