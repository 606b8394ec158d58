import type { Node } from "web-tree-sitter";
import type { Effect, LanguageRules, Parameter } from "./languages/language";
import type { ParsedModule, Place, Section } from "./module";
import { endOf } from "./module";
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
}

/** The variables of one function, or of a module. */
export interface Scope {
  /** The function's node; null for a module. */
  node: Node | null;
  place: Place;
  effects: ReadonlyMap<string, readonly PlacedEffect[]>;
  parameters: readonly Parameter[];
}

/** Reads scopes once each and remembers them, for one state of a module. */
export class Scopes {
  private readonly functions = new Map<Node["tree"], Map<number, Scope>>();
  private readonly modules = new Map<ParsedModule, Scope>();

  ofFunction(node: Node, place: Place): Scope {
    let ofTree = this.functions.get(node.tree);
    if (ofTree === undefined) this.functions.set(node.tree, (ofTree = new Map<number, Scope>()));
    let scope = ofTree.get(node.id);
    if (scope === undefined) {
      const { rules } = place.module.language.language;
      scope = { node, place, effects: byTarget(collect(node, place, rules)), parameters: rules.parameters(node) };
      ofTree.set(node.id, scope);
    }
    return scope;
  }

  ofModule(module: ParsedModule, section: Section): Scope {
    let scope = this.modules.get(module);
    if (scope === undefined) {
      const { rules } = module.language.language;
      const effects = module.sections.flatMap((one) => {
        const place = { module, section: one };
        return [...collect(one.root, place, rules), ...this.changedByFunctions(place)];
      });
      scope = { node: null, place: { module, section }, effects: byTarget(effects), parameters: [] };
      this.modules.set(module, scope);
    }
    return scope;
  }

  /** Functions that assign to a variable of the module: it may have any value when another function reads it. */
  private changedByFunctions(place: Place): PlacedEffect[] {
    const { query, language } = place.module.language;
    return query.captures(place.section.root).flatMap(({ name, node }): PlacedEffect[] => {
      if (name !== "reassigned") return [];
      const fn = functionAround(node, language.rules);
      if (fn === null || this.isLocal(node.text, node, place)) return [];
      return [{ target: node.text, within: [], operation: { kind: "obscure" }, node, place, at: Infinity, branches: [], loops: [] }];
    });
  }

  /** Whether one of the functions around declares a name itself; Python's `global` says that none does. */
  private isLocal(name: string, node: Node, place: Place): boolean {
    if (node.parent?.type === "global_statement") return false;
    const { rules } = place.module.language.language;
    for (let fn = functionAround(node, rules); fn !== null; fn = functionAround(fn, rules)) {
      const { parameters, effects } = this.ofFunction(fn, place);
      if (parameters.some((parameter) => parameter.name === name)) return true;
      if ((effects.get(name) ?? []).some((effect) => effect.node.type === "variable_declarator")) return true;
    }
    return false;
  }
}

function byTarget(effects: PlacedEffect[]): Map<string, PlacedEffect[]> {
  const map = new Map<string, PlacedEffect[]>();
  for (const effect of effects.sort((a, b) => a.at - b.at)) {
    const same = map.get(effect.target);
    if (same === undefined) map.set(effect.target, [effect]);
    else same.push(effect);
  }
  return map;
}

/** Deeper code than this is generated, and not followed. */
const MAX_DEPTH = 100;

/** The effects of all statements of a scope, without those of functions inside it. */
function collect(root: Node, place: Place, rules: LanguageRules): PlacedEffect[] {
  const found: PlacedEffect[] = [];
  const visit = (node: Node, branches: readonly number[], loops: readonly number[], depth: number): void => {
    if (depth > MAX_DEPTH) return;
    const isBranch = rules.isBranch(node);
    const inLoops = rules.isLoop(node) ? [...loops, node.id] : loops;
    for (const child of children(node)) {
      const inBranches = isBranch ? [...branches, child.id] : branches;
      for (const effect of rules.effects(child)) {
        found.push({ ...effect, place, at: endOf(effect.node, place), branches: inBranches, loops: inLoops });
      }
      if (!rules.isFunction(child) && !rules.isClass(child) && holdsStatements(child)) visit(child, inBranches, inLoops, depth + 1);
    }
  };
  visit(root, [], [], 0);
  return found;
}

/** Expressions bind nothing that is followed; only statements and what holds them are walked through. */
function holdsStatements(node: Node): boolean {
  return /_statement$|_clause$|_declaration$|^(statement_)?block$|^decorated_definition$|^switch_|^ERROR$/.test(node.type);
}

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
