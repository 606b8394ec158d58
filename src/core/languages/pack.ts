import type { Node } from "web-tree-sitter";
import type { Expression } from "../calls/expression";
import type { Api } from "../calls/apis";
import type { Value } from "../calls/value";
import type { KnownFunctionName } from "../calls/knownFunctions";
import type { Harm, Key, Use } from "./use";

/**
 * What one language brings: a grammar, a query that finds methods, and rules for lowering expressions and
 * reading statements. Everything else is the same for all.
 */
export interface LanguagePack {
  /** As the command line prints it. */
  id: string;
  /** VS Code's identifiers of the documents that it reads. */
  identifiers: readonly string[];
  /** The grammar's WASM file, without its ending. */
  grammar: string;
  /** File name endings, with the dot. */
  extensions: readonly string[];
  /** The query file's text: captures `method` and `name`, see the `.scm` files. */
  query: string;
  rules: LanguageRules;
  /** The APIs as the language's packages have them. */
  apis: readonly Api[];
  /** What the functions of its standard library do, by their full names after imports. */
  functions: Readonly<Record<string, KnownFunctionName | MadeRecord>>;
  /** What constants of the client's packages are, by their full names after imports; null where there are none. */
  constantOf: ((name: string) => string | undefined) | null;
  /** A call's request as it is sent; null where it is sent as it is written. */
  bodyOf: ((request: Value) => Value) | null;
  /** The files that an import may mean, in the order in which the language looks. */
  importCandidates(specifier: string, from: string, roots: readonly string[], read: FileReader): string[];
  /** Where a call's request stands: among its keywords, or at so many positions from the first argument. */
  request: "keywords" | number;
  /** Whether text is read from files with \n for every line end. */
  readsPlainLineEnds: boolean;
  /** Whether an empty list or record counts as false. */
  emptyIsFalse: boolean;
  /** Whether `replace` replaces only what it finds first, and puts that in for `$&` and the like. */
  replacesOnce: boolean;
  /** Whether a class without a constructor of its own takes its fields by name. */
  takesFieldsByName: boolean;
  instrumenting: Instrumenting;
}

/** The record that a function makes: texts, and at numbers the arguments of those positions. */
export type MadeRecord = Readonly<Record<string, string | number>>;

/** How the wrapper is put into calls, or why it can't be, in words. */
export type Instrumenting = { style: "python" | "script" } | { refusal: string };

/** Reads a file of the workspace; undefined where there is none. */
export type FileReader = (file: string) => string | undefined;

export interface LanguageRules {
  lower(node: Node): Expression;
  /** What a name stands for that the language itself gives, such as `import.meta`. */
  nameOf(node: Node): string | undefined;
  /** The module that a call such as `require("fs")` loads. */
  requiredModule(value: Node): string | undefined;
  /** Nodes that have variables of their own. */
  isFunction(node: Node): boolean;
  isClass(node: Node): boolean;
  /** Nodes that may run their parts not at all. */
  isBranch(node: Node): boolean;
  isLoop(node: Node): boolean;
  /** Nodes that hold statements, or bind names themselves: expressions aren't walked through for effects. */
  holdsStatements(node: Node): boolean;
  /** What wraps a callee without changing it: parentheses, casts. */
  isWrapper(node: Node): boolean;
  isPattern(node: Node): boolean;
  isEnum(node: Node): boolean;
  /** The value of an enum's member; null where it has none. */
  enumMember(enumNode: Node, name: string): Node | null;
  /** Whether a variable that is declared there is another one outside of the block. */
  isBlockScoped(declaration: Node): boolean;
  /** Whether an effect that isn't followed changes the value in place, and gives the name no other. */
  isInPlace(node: Node): boolean;
  /** Whether a statement says whose a name is, and does nothing to it: `global`. */
  isAnnouncement(statement: Node): boolean;
  /** What may stand around a definition at the module's level: an export, decorators. */
  wrapsDefinition(node: Node): boolean;
  /** The name of a function or class where it is defined, for people; null for other nodes. */
  definedName(node: Node): string | null;
  /** The names that a method which isn't called on the spot is kept under. */
  namesTaken(method: Node): string[];
  /** What a statement does to variables; empty where it does nothing that is followed. */
  effects(statement: Node): Effect[];
  /** The values that a function may return. */
  returned(fn: Node): Node[];
  /** The two sides of a condition that is an expression: `a if x else b`, `x ? a : b`; none of other nodes. */
  sides(node: Node): Node[];
  /** The parameters of a function. */
  parameters(fn: Node): Parameter[];
  /** A quick look at a module's text: whether a function may assign to the module's variable. */
  mayReassign(name: string, text: string): boolean;
  /** Whether a name, as it stands in a text, may be assigned to there. */
  mayAssign(source: string, from: number, to: number): boolean;
  /** Whether a name, as it stands in a text, may be changed, kept or handed on there: most names are only read. */
  mayMatter(source: string, from: number, to: number): boolean;
  /** Whether a call's result may be a list or record that other code holds too. */
  makesContainer(callee: string): boolean;
  /** Whether two names may stand for one list or record: in other languages, assigning copies it. */
  sharesValues: boolean;
  /** Whether a variable's value is only a default, which other code may replace where nobody here sees it. */
  isDefault(declaration: Node): boolean;
  /** Whether a name stands where it is assigned to. */
  isReassignment(name: Node): boolean;
  /** Whether a function has a variable of its own by that name. */
  declares(fn: Node, name: string): boolean;
  /** What the code around an expression does with its value. */
  use(node: Node): Use;
  /** Names that an expression binds for itself: a comprehension's variable, a lambda's parameter. */
  boundInside(node: Node): string[];
  /** `self` or `this`, where the method's object is called so. */
  isSelf(name: string): boolean;
  /** The object that a class's members are assigned to in its methods, and the fields in its body. */
  fields(classNode: Node): Effect[];
  methods(classNode: Node): Node[];
  /** The expressions of the classes that a class is made from. */
  bases(classNode: Node): Node[];
  isConstructor(method: Node): boolean;
  /** The fields that a class's constructor takes where it is made from them, as a dataclass's is; null for others. */
  generatedConstructor(classNode: Node): GeneratedConstructor | null;
  /** Function-like positions whose text begins a part that parses alone, in a file with errors. */
  partStart: RegExp;
  /** The same, within a part that is itself broken. */
  innerPartStart: RegExp;
}

/** What a statement does to a variable. */
export interface Effect {
  /** A name, or `self.name` / `this.name`. */
  target: string;
  /** The way into the variable's value, for `params["messages"].append(…)`. */
  within: readonly Key[];
  operation: Operation;
  /** The node after whose end the effect holds. */
  node: Node;
}

export type Operation =
  /** `path`: which part of the value is taken, for `const { a } = value`. `fallback`: the default of that part. */
  | { kind: "assign"; value: Node; path: readonly (string | number)[]; fallback: Node | null }
  | { kind: "import"; module: string; name: string | null }
  | { kind: "define"; definition: Node }
  | { kind: "append"; value: Node }
  | { kind: "prepend"; value: Node }
  | { kind: "extend"; value: Node }
  | { kind: "add"; value: Node }
  | { kind: "set"; key: Node | string; value: Node }
  | { kind: "merge"; value: Node }
  /** Changed in a way that is not followed. */
  | { kind: "obscure" }
  /** Changed in place by other code or through another name, or handed to who may: a text stays what it is. */
  | { kind: "escape"; how: Harm };

export interface GeneratedConstructor {
  /** In the order in which they are taken without a name; null where they have to be named, or inherited ones come first. */
  order: readonly string[] | null;
  /** Whether what isn't given is looked for in the environment. */
  readsEnvironment: boolean;
}

export interface Parameter {
  name: string;
  fallback: Node | null;
  /** A destructured parameter takes a property of the argument. */
  node: Node;
  /** The annotated type's text. */
  type: string | null;
  /** Whether it stands for one whole argument: no part of a pattern, and not for several as `*args` does. */
  isWhole: boolean;
  /** Written in a constructor so that it becomes a field, as TypeScript allows. */
  isField: boolean;
}
