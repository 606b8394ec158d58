import type { Node } from "web-tree-sitter";
import { children, field } from "../../calls/syntax";
import type { LanguagePack, LanguageRules, Parameter } from "../pack";
import { returnedIn } from "../returned";
import { bodyOf } from "./body";
import { apis, constantOf } from "./clients";
import { effects } from "./effects";
import { functions } from "./functions";
import { lower } from "./lower";
import query from "./methods.scm";
import { use } from "./uses";

export const go: LanguagePack = {
  id: "go",
  identifiers: ["go"],
  grammar: "tree-sitter-go",
  extensions: [".go"],
  query,
  rules: rules(),
  apis,
  functions,
  constantOf,
  bodyOf,
  importCandidates: () => [],
  // The context comes first.
  request: 1,
  readsPlainLineEnds: false,
  emptyIsFalse: false,
  replacesOnce: false,
  takesFieldsByName: false,
  instrumenting: {
    refusal:
      "it is written in Go, where a client's services are structs: their methods can't be wrapped without another type. Let a middleware of the client (option.WithMiddleware) send OpenTelemetry spans instead",
  },
};

const FUNCTIONS = /^(?:function_declaration|method_declaration|func_literal)$/;

function isFunction(node: Node): boolean {
  return FUNCTIONS.test(node.type);
}

/** The receiver comes last, and results with names: who calls by position doesn't give them. */
function parameters(fn: Node): Parameter[] {
  return ["parameters", "receiver", "result"].flatMap((list) => {
    const node = field(fn, list);
    if (node?.type !== "parameter_list") return [];
    return children(node).flatMap((declaration) =>
      declaration.childrenForFieldName("name").flatMap((name): Parameter[] =>
        name === null
          ? []
          : [
              {
                name: name.text,
                fallback: null,
                node: declaration,
                type: field(declaration, "type")?.text ?? null,
                isWhole: list === "parameters" && declaration.type === "parameter_declaration",
                isField: false,
              },
            ],
      ),
    );
  });
}

/** `name = …`, `name++`, and `&name`, by which others may assign to it. */
function isReassignment(name: Node): boolean {
  const { parent } = name;
  if (parent === null) return false;
  if (parent.type === "expression_list")
    return parent.parent?.type === "assignment_statement" && field(parent.parent, "left")?.id === parent.id;
  return (
    /^(?:inc|dec)_statement$/.test(parent.type) ||
    (parent.type === "unary_expression" && field(parent, "operator")?.type === "&")
  );
}

const literally = (text: string): string => text.replace(/[^\w]/g, "\\$&");

const isBareBlock = (node: Node): boolean => node.type === "block" && node.parent?.type === "statement_list";

function rules(): LanguageRules {
  return {
    lower,
    nameOf: () => undefined,
    requiredModule: () => undefined,
    effects,
    parameters,
    use,
    isFunction,
    isClass: () => false,
    isBranch: (node) =>
      /^(?:if|for|expression_switch|type_switch|select)_statement$/.test(node.type) || isBareBlock(node),
    isLoop: (node) => node.type === "for_statement",
    holdsStatements: (node) =>
      /^(?:block|statement_list|(?:if|for|expression_switch|type_switch|select|labeled)_statement|(?:expression|default|type|communication)_case|(?:const|var|import)_declaration|(?:var|import)_spec_list|ERROR)$/.test(
        node.type,
      ),
    isWrapper: (node) => node.type === "parenthesized_expression",
    isPattern: (node) => node.type === "expression_list",
    isEnum: () => false,
    enumMember: () => null,
    isBlockScoped: (node) => /^(?:short_var_declaration|var_spec|const_spec)$/.test(node.type),
    isInPlace: (node) => /^(?:assignment|inc|dec|expression)_statement$/.test(node.type),
    isAnnouncement: () => false,
    wrapsDefinition: () => false,
    definedName: (node) =>
      /^(?:function|method)_declaration$/.test(node.type) ? (field(node, "name")?.text ?? null) : null,
    namesTaken: () => [],
    // Any function may assign to what it sees.
    mayReassign: () => true,
    mayAssign: (source, from, to) =>
      /^\s*(?:,[^;\n]{0,200})?(?:[-+*/|&^%]|<<|>>|&\^)?=(?!=)|^\s*(?:\+\+|--)/.test(source.slice(to, to + 220)) ||
      /&\s*$/.test(source.slice(Math.max(0, from - 10), from)),
    // A value goes anywhere by a method, a call, an address.
    mayMatter: () => true,
    makesContainer: () => true,
    sharesValues: false,
    // Other files of the package may set a package's variable.
    isDefault: (declaration) => declaration.type === "var_spec" && !isInFunction(declaration),
    isReassignment,
    returned: (fn) => {
      const body = field(fn, "body");
      return body === null ? [] : returnedIn(body, isFunction).map((value) => children(value)[0] ?? value);
    },
    sides: () => [],
    bases: () => [],
    declares: (fn, name) => {
      const written = literally(name);
      return new RegExp(
        `(?:^|[^\\w.])(?:var\\s+${written}\\b|${written}\\s*(?:,[^:=;\\n]{0,200})?:=|[\\w.]+\\s*,\\s*${written}\\s*(?:,[^:=;\\n]{0,200})?:=)`,
        "m",
      ).test(fn.text);
    },
    boundInside: () => [],
    isSelf: () => false,
    fields: () => [],
    methods: () => [],
    isConstructor: () => false,
    generatedConstructor: () => null,
    partStart: /^(?:func|type|var|const|import)\b/,
    innerPartStart: /^\s*func\b/,
  };
}

function isInFunction(node: Node): boolean {
  for (let at = node.parent; at !== null; at = at.parent) if (FUNCTIONS.test(at.type)) return true;
  return false;
}
