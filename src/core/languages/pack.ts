import type { Node } from "web-tree-sitter";
import type { Expression } from "../calls/expression";
import type { Harm, Key, Use } from "./use";

/**
 * What one language brings: a grammar, a query that finds methods, and rules for lowering expressions and
 * reading statements. Everything else is the same for all.
 */
export interface Language {
  id: "python" | "typescript" | "javascript";
  /** The grammar's WASM file, without its ending. */
  grammar: string;
  /** File name endings, with the dot. */
  extensions: readonly string[];
  /** The query file's text: captures `method` and `name`, see the `.scm` files. */
  query: string;
  rules: LanguageRules;
}

export interface LanguageRules {
  lower(node: Node): Expression;
  /** Nodes that have variables of their own. */
  isFunction(node: Node): boolean;
  isClass(node: Node): boolean;
  /** Nodes that may run their parts not at all. */
  isBranch(node: Node): boolean;
  isLoop(node: Node): boolean;
  /** What a statement does to variables; empty where it does nothing that is followed. */
  effects(statement: Node): Effect[];
  /** The parameters of a function. */
  parameters(fn: Node): Parameter[];
  /** A quick look at a module's text: whether a function may assign to the module's variable. */
  mayReassign(name: string, text: string): boolean;
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
