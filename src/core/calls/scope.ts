import type { Node } from "web-tree-sitter";
import type { Budget } from "./budget";
import type { Effect, LanguageRules, Parameter } from "./languages/language";
import { type ParsedModule, type Place, type Section, endOf } from "./module";
import { ancestors, children } from "./syntax";

/** An effect with where it stands among branches and loops. */
export interface PlacedEffect extends Effect {
  place: Place;
  /** Offset after which it holds. */
  at: number;
  /** Ids of the branches' bodies around it, within its scope. */
  branches: readonly number[];
  /** Ids of the loops around it, within its scope. */
  loops: readonly number[];
  /** Whether it may happen at any time: in a function, whenever that runs. */
  isAnytime?: boolean;
}

/**
 * The variables of one function, or of a module. Effects are looked for name by name, and only in statements
 * that have the name in their text: most of a file is never walked through.
 */
export class Scope {
  private readonly byName = new Map<string, readonly PlacedEffect[]>();
  private readParameters: readonly Parameter[] | undefined;

  constructor(
    /** The function's node; null for a module. */
    readonly node: Node | null,
    readonly place: Place,
    private readonly roots: readonly { root: Node; place: Place }[],
    private readonly budget: Budget,
    private readonly onRead: ((name: string) => void) | null = null,
  ) {}

  get parameters(): readonly Parameter[] {
    this.readParameters ??= this.node === null ? [] : this.rules.parameters(this.node);
    return this.readParameters;
  }

  /** What happens to a variable, in order. */
  effectsOn(name: string): readonly PlacedEffect[] {
    this.onRead?.(name);
    let effects = this.byName.get(name);
    if (effects === undefined) {
      effects = this.roots
        .flatMap(({ root, place }) => {
          const own = collect(root, place, this.rules, name, this.budget);
          return this.node === null ? [...own, ...changedByFunctions(root, place, name, own, this.budget)] : own;
        })
        .sort((a, b) => a.at - b.at);
      this.byName.set(name, effects);
    }
    return effects;
  }

  private get rules(): LanguageRules {
    return this.place.module.language.language.rules;
  }
}

/** Makes scopes once each, for one state of a module. */
export class Scopes {
  private readonly functions = new Map<Node["tree"], Map<number, Scope>>();
  private readonly modules = new Map<ParsedModule, Scope>();
  /** Called for every name that is looked for among a module's own variables. */
  onRead: ((module: ParsedModule, name: string) => void) | null = null;

  constructor(private readonly budget: Budget) {}

  ofFunction(node: Node, place: Place): Scope {
    let ofTree = this.functions.get(node.tree);
    if (ofTree === undefined) this.functions.set(node.tree, (ofTree = new Map<number, Scope>()));
    let scope = ofTree.get(node.id);
    if (scope === undefined)
      ofTree.set(node.id, (scope = new Scope(node, place, [{ root: node, place }], this.budget)));
    return scope;
  }

  ofModule(module: ParsedModule, section: Section): Scope {
    let scope = this.modules.get(module);
    if (scope === undefined) {
      scope = new Scope(
        null,
        { module, section },
        module.sections.map((one) => ({ root: one.root, place: { module, section: one } })),
        this.budget,
        (name) => this.onRead?.(module, name),
      );
      this.modules.set(module, scope);
    }
    return scope;
  }
}

/** What looking for a name costs, in the budget's units: a little for each node, less for each of its characters. */
const UNITS_PER_NODE = 20;
const CHARACTERS_PER_UNIT = 5;

/** Deeper code than this is generated, and not followed. */
const MAX_DEPTH = 100;

/** The effects of a scope's statements on one variable, without those of functions inside it. */
function collect(root: Node, place: Place, rules: LanguageRules, name: string, budget: Budget): PlacedEffect[] {
  const found: PlacedEffect[] = [];
  const visit = (node: Node, branches: readonly number[], loops: readonly number[], depth: number): void => {
    if (depth > MAX_DEPTH) return;
    const isBranch = rules.isBranch(node);
    const inLoops = rules.isLoop(node) ? [...loops, node.id] : loops;
    for (const child of children(node)) {
      budget.scan(UNITS_PER_NODE + (child.endIndex - child.startIndex) / CHARACTERS_PER_UNIT);
      if (!child.text.includes(name)) continue;
      const inBranches = isBranch ? [...branches, child.id] : branches;
      for (const effect of rules.effects(child)) {
        if (effect.target === name)
          found.push({ ...effect, place, at: endOf(effect.node, place), branches: inBranches, loops: inLoops });
      }
      if (!rules.isFunction(child) && !rules.isClass(child) && holdsStatements(child))
        visit(child, inBranches, inLoops, depth + 1);
    }
  };
  visit(root, [], [], 0);
  return found;
}

/** Expressions bind nothing that is followed; only statements and what holds them are walked through. */
function holdsStatements(node: Node): boolean {
  return /_statement$|_clause$|_declaration$|^(statement_)?block$|^decorated_definition$|^switch_|^ERROR$/.test(
    node.type,
  );
}

/** Stands among branches that no reader is in: what happens there may happen or not. */
const SOMEWHERE = -1;

/** Values that nothing changes in place. */
const IMMUTABLE = /^(string|concatenated_string|template_string|integer|float|number|true|false|none|null)$/;

/** Behind a name: a way into its value, then a method that changes it or an assignment. */
const CHANGED =
  /^(?:\s*(?:\?\.|!?\.)\w+|\s*!?(?:\?\.)?\[[^\]\n]{0,80}\])*?\s*(?:\??\.(?:append|extend|insert|pop|popitem|remove|clear|sort|reverse|update|setdefault|push|unshift|splice|shift|fill|copyWithin|set|add|delete)\s*\(|(?:[-+*/|&^%@]{1,2}|\?\?|\|\|)?=(?![=>]))/;
/** Behind a name that stands for itself, which may be handed on. */
const ENDS = /^\s*(?:[,)\]};\n]|as\b|$)/;
/** So much of the text behind a name is looked at. */
const LOOKED_AT = 200;

/** Whether a name, as it stands in a text, may be changed or handed on there: most names are only read. */
function mayMatter(source: string, from: number, to: number): boolean {
  const behind = source.slice(to, to + LOOKED_AT);
  return (
    ENDS.test(behind) ||
    CHANGED.test(behind) ||
    /\b(?:del|delete|global)\s+$/.test(source.slice(Math.max(0, from - 10), from))
  );
}

/**
 * What functions do to a variable of the module, whenever they run: assigned to, it may have any value; changed in
 * place, or handed to other code, it may have grown.
 * @param own what the module's own statements do to it.
 */
function changedByFunctions(
  root: Node,
  place: Place,
  name: string,
  own: readonly PlacedEffect[],
  budget: Budget,
): PlacedEffect[] {
  const { rules } = place.module.language.language;
  const source = root.text;
  const mayReassign = rules.mayReassign(name, source);
  const mayGrow = own.some(
    ({ operation }) =>
      operation.kind === "import" || (operation.kind === "assign" && !IMMUTABLE.test(operation.value.type)),
  );
  if (!mayReassign && !mayGrow) return [];
  const leaves = leavesOf(root, name, mayReassign ? undefined : mayMatter);
  budget.scan(leaves.length * UNITS_PER_NODE);
  const changing = new Map<number, Node>();
  const reassigning = new Set<number>();
  const found: PlacedEffect[] = [];
  const whenever = { target: name, within: [], place, at: Infinity, loops: [] };
  for (const node of leaves) {
    const isReassigned = mayReassign && rules.isReassignment(node);
    const at = node.startIndex - root.startIndex;
    const matters = mayGrow && mayMatter(source, at, at + name.length);
    if (!isReassigned && !matters) continue;
    const fn = functionAround(node, rules);
    if (fn !== null && isLocal(name, node, rules)) continue;
    if (fn !== null && isReassigned) {
      reassigning.add(fn.id);
      found.push({ ...whenever, operation: { kind: "obscure" }, node, branches: [] });
    } else if (matters && rules.escapes(node))
      found.push({ ...whenever, operation: { kind: "escape" }, node, branches: [SOMEWHERE], isAnytime: true });
    if (fn !== null && matters) changing.set(fn.id, fn);
  }
  for (const fn of changing.values()) {
    const inFunction = collect(fn, place, rules, name, budget);
    // Assigned without saying that the module's is meant, it is a variable of the function.
    if (inFunction.some(({ operation }) => isBinding(operation)) && !reassigning.has(fn.id)) continue;
    for (const effect of inFunction)
      if (!isBinding(effect.operation))
        found.push({ ...effect, at: Infinity, branches: [SOMEWHERE], loops: [], isAnytime: true });
  }
  return found;
}

/** Whether an operation gives a variable a value of its own, and doesn't change the one that it has. */
export const isBinding = ({ kind }: Effect["operation"]): boolean =>
  kind === "assign" || kind === "import" || kind === "define";

/** Whether one of the functions around a node declares a name itself. */
function isLocal(name: string, node: Node, rules: LanguageRules): boolean {
  for (let fn = functionAround(node, rules); fn !== null; fn = functionAround(fn, rules))
    if (rules.declares(fn, name) || rules.parameters(fn).some((one) => one.name.replace(/^\*+/, "") === name))
      return true;
  return false;
}

/** The nodes that read exactly so: looked for by text, then told by the tree. */
export function leavesOf(
  root: Node,
  name: string,
  isWanted: (source: string, from: number, to: number) => boolean = () => true,
): Node[] {
  const source = root.text;
  const found: Node[] = [];
  for (let at = source.indexOf(name); at >= 0; at = source.indexOf(name, at + name.length)) {
    if (isWordCharacter(source, at - 1) || isWordCharacter(source, at + name.length)) continue;
    if (!isWanted(source, at, at + name.length)) continue;
    const leaf = root.descendantForIndex(root.startIndex + at, root.startIndex + at + name.length);
    if (leaf !== null && leaf.text === name) found.push(leaf);
  }
  return found;
}

const isWordCharacter = (text: string, at: number): boolean => /[\w$]/.test(text.charAt(at));

/** The function around a node, or null at the module's level. */
export function functionAround(node: Node, rules: LanguageRules): Node | null {
  for (const around of ancestors(node)) if (rules.isFunction(around)) return around;
  return null;
}

export function classAround(node: Node, rules: LanguageRules): Node | null {
  for (const around of ancestors(node)) if (rules.isClass(around)) return around;
  return null;
}

/** Names that comprehensions and the like bind between a node and its function. */
export function isBoundInside(name: string, node: Node, rules: LanguageRules): boolean {
  for (const around of ancestors(node)) {
    if (rules.boundInside(around).includes(name)) return true;
    if (rules.isFunction(around)) return false;
  }
  return false;
}
