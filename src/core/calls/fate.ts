import type { Node } from "web-tree-sitter";
import type { Harm, Key, Naming } from "../languages/use";
import type { LanguageRules } from "../languages/pack";
import { classAround, functionAround, isShadowed, leavesOf } from "./names";
import { ancestors } from "./syntax";

/** A change in place of a value that a name stands for. */
export interface Change {
  /** Where it happens, as seen from the name: a call of the module's own function that changes its argument, for one. */
  node: Node;
  how: Harm;
  /** The way to the part that is changed. */
  within: readonly Key[];
  /** Whether it is done to the name itself, and not to another name of the same value. */
  isDirect: boolean;
}

/** How an expression stands to the value that is followed. */
interface Standing {
  /** The part of the value that it is. */
  keys: readonly Key[];
  /** How many new lists and records stand around that. */
  around: number;
  /** Whether those are copies, with which others may do what they want. */
  isCopy: boolean;
  isDirect: boolean;
  /** Where changes count as done, where the module's own function is followed. */
  at: Node | null;
  /** The functions whose results are followed, innermost last. */
  calls: readonly { fn: number; call: Node }[];
  depth: number;
}

/** Through so many names, and calls of the module's own functions, a value is followed; beyond that it is handed on. */
const MAX_DEPTH = 4;
/** Steps outward, over all names of a value. */
const MAX_STEPS = 2_000;

/** Places of one name. */
const MAX_LEAVES = 1_000;

/** Follows one name's value outward through all that code does with it, and tells what changes it in place. */
export class Fate {
  readonly changes: Change[] = [];
  /** Whether a value was followed through the module, and not only where it was begun with. */
  hasLeft = false;
  /** Steps outward so far. */
  steps = 0;
  private readonly seen = new Set<string>();

  constructor(
    /** The roots of the scope's sections. */
    private readonly roots: readonly Node[],
    /** The function whose variable is followed: with it ends what it returns. Null for variables that outlive it. */
    private readonly home: Node | null,
    private readonly rules: LanguageRules,
    /** Told the names of the functions and classes that are looked into, there or not. */
    private readonly onFollow: (name: string) => void,
  ) {}

  /** Follows the value from one place where its name stands. */
  follow(name: Node): void {
    this.outward(name, { keys: [], around: 0, isCopy: false, isDirect: true, at: null, calls: [], depth: 0 });
  }

  private outward(from: Node, start: Standing): void {
    let node = from;
    let standing = start;
    /** How what the last part was taken of stands: assigning to the part changes that. */
    let owner: Standing | null = null;
    for (;;) {
      if (++this.steps > MAX_STEPS) return this.handOn(node, standing);
      const use = this.rules.use(node);
      switch (use.kind) {
        case "read":
          return;
        case "passed":
          node = use.node;
          break;
        case "taken":
          owner = standing;
          standing = taken(standing, use.key);
          node = use.node;
          break;
        case "held":
          standing = { ...standing, around: standing.around + 1 };
          node = use.node;
          break;
        case "copied":
          if (standing.around === 0)
            standing = {
              ...standing,
              keys: [...standing.keys, null],
              around: use.levels,
              isCopy: true,
            };
          node = use.node;
          break;
        case "assigned":
          // Another name that gets another value does nothing to this one.
          if ((owner ?? standing).around === 0 && (owner !== null || standing.isDirect))
            this.change(use.node, "set", standing.keys, standing);
          return;
        case "changed":
          if ((use.how === "set" && use.keys.length === 0 ? (owner ?? standing) : standing).around > 0) return;
          for (const key of use.keys.length === 0 ? [undefined] : use.keys)
            this.change(use.node, use.how, key === undefined ? standing.keys : [...standing.keys, key], standing);
          return;
        case "named":
          for (const name of use.names) this.alias(name, standing, node);
          return;
        case "returned": {
          const call = standing.calls.at(-1);
          const fn = functionAround(node, this.rules);
          if (call !== undefined && fn?.id === call.fn) {
            standing = { ...standing, calls: standing.calls.slice(0, -1) };
            node = call.call;
            break;
          }
          return fn !== null && fn.id === this.home?.id ? undefined : this.handOn(node, standing);
        }
        case "argument":
          return this.argument(use.call, use.index, use.name, standing);
        case "given":
          return this.handOn(use.node, standing);
      }
    }
  }

  private change(node: Node, how: Harm, within: readonly Key[], { at, isDirect }: Standing): void {
    this.changes.push({ node: at ?? node, how, within, isDirect });
  }

  /** Whoever gets it may add to it. A copy may be theirs. */
  private handOn(node: Node, standing: Standing): void {
    if (!standing.isCopy || standing.around === 0)
      this.change(node, "given", standing.keys, { ...standing, isDirect: false });
  }

  private alias({ name, keys, around, within }: Naming, standing: Standing, from: Node): void {
    const scope = within ?? functionAround(name, this.rules);
    if (scope === null) this.hasLeft = true;
    let stands: Standing = { ...standing, isDirect: false, depth: standing.depth + 1 };
    for (const key of keys) stands = taken(stands, key);
    stands = { ...stands, around: stands.around + around };
    const seen = `${scope?.id ?? ""} ${name.text} ${stands.around} ${stands.keys.length}`;
    if (this.seen.has(seen)) return;
    this.seen.add(seen);
    if (stands.depth > MAX_DEPTH) return this.handOn(from, standing);
    const isMember = name.text.includes(".");
    if (isMember && within !== null) this.followClass(within);
    for (const root of scope === null ? this.roots : [scope]) {
      const leaves = leavesOf(root, name.text, this.rules.mayMatter, MAX_LEAVES);
      if (leaves.length >= MAX_LEAVES) this.handOn(from, standing);
      for (const leaf of leaves)
        if (leaf.id !== name.id && (isMember || !isShadowed(name.text, leaf, scope, this.rules)))
          this.outward(leaf, stands);
    }
  }

  /** An argument of one of the module's own functions is followed into it. */
  private argument(call: Node, index: number, name: string | null, standing: Standing): void {
    const fn = this.called(call);
    const parameters = fn === null ? [] : this.rules.parameters(fn).filter((one) => !this.rules.isSelf(one.name));
    const parameter = name === null ? parameters[index] : parameters.find((one) => one.name === name);
    const isPlain = parameters.slice(0, Math.max(0, index)).every((one) => one.isWhole);
    if (fn === null || standing.depth >= MAX_DEPTH || parameter?.isWhole !== true || !isPlain)
      return this.handOn(call, standing);
    const inside: Standing = {
      ...standing,
      isDirect: false,
      at: standing.at ?? call,
      calls: [...standing.calls, { fn: fn.id, call }],
      depth: standing.depth + 1,
    };
    const seen = `${fn.id} ${parameter.name} ${inside.around} ${inside.keys.length} ${inside.at?.id ?? ""}`;
    if (this.seen.has(seen)) return;
    this.seen.add(seen);
    for (const leaf of leavesOf(fn, parameter.name, this.rules.mayMatter, MAX_LEAVES))
      if (!isShadowed(parameter.name, leaf, fn, this.rules)) this.outward(leaf, inside);
  }

  private followClass(node: Node): void {
    const named = node.childForFieldName("name") ?? node.parent?.childForFieldName("name");
    this.hasLeft = true;
    if (named !== null && named !== undefined) this.onFollow(named.text);
  }

  /** The only function of that name in the section, or the class's method; null where that isn't certain. */
  private called(call: Node): Node | null {
    const expression = this.rules.lower(call);
    if (expression.kind !== "call") return null;
    const callee = this.rules.lower(expression.callee);
    if (callee.kind === "member") {
      const object = this.rules.lower(callee.object);
      const around = object.kind === "name" && this.rules.isSelf(object.name) ? classAround(call, this.rules) : null;
      if (around !== null) this.followClass(around);
      const methods = around === null ? [] : this.rules.methods(around);
      return methods.find((method) => method.childForFieldName("name")?.text === callee.name) ?? null;
    }
    if (callee.kind !== "name") return null;
    this.hasLeft = true;
    this.onFollow(callee.name);
    const defined = leavesOf(call.tree.rootNode, callee.name, isDefined).filter((leaf) => !this.isInClass(leaf));
    const whole = outermostFunction(call, this.rules);
    const near =
      whole === null
        ? []
        : defined.filter((leaf) => leaf.startIndex >= whole.startIndex && leaf.endIndex <= whole.endIndex);
    const [only, ...others] =
      near.length > 0
        ? near
        : defined.filter(({ parent }) => parent !== null && outermostFunction(parent, this.rules) === null);
    const value = only?.parent?.childForFieldName("value") ?? only?.parent ?? null;
    const isIt =
      value !== null && this.rules.isFunction(value) && only?.parent?.childForFieldName("name")?.id === only?.id;
    return isIt && others.length === 0 ? value : null;
  }

  /** Whether a name is a method's. */
  private isInClass(name: Node): boolean {
    for (const around of ancestors(name.parent ?? name)) {
      if (this.rules.isClass(around)) return true;
      if (this.rules.isFunction(around)) return false;
    }
    return false;
  }
}

function outermostFunction(node: Node, rules: LanguageRules): Node | null {
  let outermost: Node | null = null;
  for (const around of ancestors(node)) if (rules.isFunction(around)) outermost = around;
  return outermost;
}

function taken(standing: Standing, key: Key): Standing {
  return standing.around > 0
    ? { ...standing, around: standing.around - 1 }
    : { ...standing, keys: [...standing.keys, key] };
}

const isDefined = (source: string, from: number): boolean =>
  /\b(?:def|function|function\s*\*|const|let|var)\s+$/.test(source.slice(Math.max(0, from - 20), from));
