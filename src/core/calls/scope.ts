import type { Node } from "web-tree-sitter";
import type { Budget } from "./budget";
import { CALLS, type HasVariables, type PlacedEffect } from "./effects";
import type { FollowedStatements } from "./followed";
import type { LanguageRules, Parameter } from "../languages/pack";
import { type ParsedModule, type Place, type Section, endOf, placeIn } from "./module";
import { statementsOf } from "./syntax";
import { hiddenChanges } from "./hiddenChanges";
import { fieldOf } from "./outside";
import { sharedChanges } from "./sharing";

/**
 * The variables of one function, or of a module. Effects are looked for name by name, and only in statements
 * that have the name in their text: most of a file is never walked through.
 */
export class Scope implements HasVariables {
  private readonly byName = new Map<string, { effects: readonly PlacedEffect[]; followed: ReadonlySet<string> }>();
  /** Names whose effects are being looked for: `a = b; b = a` comes back to the first. */
  private readonly sought = new Set<string>();
  /** Those of them that were come back to: what was found on the way is not all. */
  private readonly metAgain = new Set<string>();
  private readParameters: readonly Parameter[] | undefined;

  constructor(
    /** The function's node; null for a module. */
    readonly node: Node | null,
    readonly place: Place,
    readonly roots: readonly { root: Node; place: Place }[],
    private readonly budget: Budget,
    private readonly followed: FollowedStatements,
    /** Told every name of the module that an answer depends on. */
    private readonly onRead: (name: string) => void,
  ) {}

  get parameters(): readonly Parameter[] {
    this.readParameters ??= this.node === null ? [] : this.rules.parameters(this.node);
    return this.readParameters;
  }

  /** What happens to a variable, in order. */
  effectsOn(name: string): readonly PlacedEffect[] {
    if (this.node === null) this.onRead(name);
    let known = this.byName.get(name);
    if (known === undefined) {
      if (this.sought.has(name)) {
        this.metAgain.add(name);
        return [];
      }
      this.sought.add(name);
      const followed = new Set<string>();
      const effects = name === CALLS ? callsIn(this) : this.find(name, followed);
      this.sought.delete(name);
      this.metAgain.delete(name);
      known = { effects, followed };
      if (this.metAgain.size === 0) this.byName.set(name, known);
    }
    // What was found there depends on their text.
    for (const one of known.followed) this.onRead(one);
    return known.effects;
  }

  private find(name: string, followed: Set<string>): PlacedEffect[] {
    const own =
      fieldOf(name) === undefined
        ? this.roots.flatMap(({ root, place }) => collect(root, place, this.rules, name, this.budget))
        : [];
    const hidden = hiddenChanges(name, this, own, this.followed, {
      budget: this.budget,
      onFollow: (one) => followed.add(one),
    });
    // Two names of one value have each other's changes: what comes back is here already.
    const here = new Set(own.map(({ node }) => node.id));
    const shared = sharedChanges(own, this, this.budget).filter(({ node }) => !here.has(node.id));
    return [...own, ...hidden, ...shared].sort((a, b) => a.at - b.at);
  }

  get rules(): LanguageRules {
    return this.place.rules;
  }
}

/** A module's statements, but for functions that are only defined there, in which something may be called. */
const callsIn = ({ roots, rules }: HasVariables): PlacedEffect[] =>
  roots.flatMap(({ root, place }) =>
    statementsOf(root)
      .filter(({ node, text }) => /[(`@]/.test(text) && !rules.isFunction(node))
      .map(({ node }) => ({
        target: CALLS,
        within: [],
        operation: { kind: "obscure" },
        node,
        place,
        at: endOf(node, place),
        branches: [],
        loops: [],
      })),
  );

/** Makes scopes once each, for one state of a module. */
export class Scopes {
  private readonly functions = new Map<Node["tree"], Map<number, Scope>>();
  private readonly modules = new Map<ParsedModule, Scope>();
  /** Called for every name that is looked for among a module's own variables. */
  onRead: ((module: ParsedModule, name: string) => void) | null = null;

  constructor(
    private readonly budget: Budget,
    private readonly followed: FollowedStatements,
  ) {}

  ofFunction(node: Node, place: Place): Scope {
    let ofTree = this.functions.get(node.tree);
    if (ofTree === undefined) this.functions.set(node.tree, (ofTree = new Map<number, Scope>()));
    let scope = ofTree.get(node.id);
    if (scope === undefined)
      ofTree.set(
        node.id,
        (scope = new Scope(node, place, [{ root: node, place }], this.budget, this.followed, (name) =>
          this.onRead?.(place.module, name),
        )),
      );
    return scope;
  }

  ofModule(module: ParsedModule, section: Section): Scope {
    let scope = this.modules.get(module);
    if (scope === undefined) {
      scope = new Scope(
        null,
        placeIn(module, section),
        module.sections.map((one) => ({ root: one.root, place: placeIn(module, one) })),
        this.budget,
        this.followed,
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
    for (const { node: child, text } of statementsOf(node)) {
      budget.scan(UNITS_PER_NODE + text.length / CHARACTERS_PER_UNIT);
      if (!text.includes(name)) continue;
      const inBranches = isBranch ? [...branches, child.id] : branches;
      for (const effect of rules.effects(child)) {
        if (effect.target === name)
          found.push({ ...effect, place, at: endOf(effect.node, place), branches: inBranches, loops: inLoops });
      }
      if (!rules.isFunction(child) && !rules.isClass(child) && rules.holdsStatements(child))
        visit(child, inBranches, inLoops, depth + 1);
    }
  };
  visit(root, [], [], 0);
  return found;
}
