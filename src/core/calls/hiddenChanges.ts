import type { Node } from "web-tree-sitter";
import type { Budget } from "./budget";
import { mayChange } from "./changeable";
import { Fate } from "./fate";
import type { Followed, FollowedStatements } from "./followed";
import type { LanguageRules, Operation } from "../languages/pack";
import type { Key } from "../languages/use";
import { type Place, endOf } from "./module";
import { functionAround, isShadowed, leavesOf } from "./names";
import { fieldOf, followField, overridingClasses } from "./outside";
import { type HasVariables, type PlacedEffect, isBinding } from "./effects";
import { ancestors, statementsOf } from "./syntax";

/** Stands among branches that no reader is in: what happens there may happen or not. */
const SOMEWHERE = -1;

/** Where a function's change stands: it may run whenever it likes. */
const ANYTIME = { at: Infinity, branches: [SOMEWHERE], loops: [], isAnytime: true };

/** What following costs, in the budget's units. */
const UNITS_PER_LEAF = 20;
const UNITS_PER_STEP = 250;

/** A name that stands in more places is not followed through all of them. */
const MAX_LEAVES = 2_000;

/** What is looked for in one scope. */
interface Search {
  name: string;
  /** The variable that the name begins with. */
  owner: string;
  scope: HasVariables;
  isField: boolean;
  /** Whether it may stand for a list or record, and so be changed in place. */
  isChangeable: boolean;
  /** The scope's own statements that do something to it. */
  here: ReadonlySet<number>;
  budget: Budget;
  /** Is told the module's functions and classes that are looked into on the way. */
  onFollow: (name: string) => void;
}

interface Changes {
  found: PlacedEffect[];
  /** Whether following led nowhere else. */
  isWithin: boolean;
  /** What it cost, in the budget's units. */
  units: number;
}

/**
 * What happens to a scope's variable beside its own statements: in functions inside of it, whenever they run, in the
 * middle of expressions, and through other names of the same value. Each place where the name stands is followed.
 * @param own what the scope's own statements do to it.
 */
export function hiddenChanges(
  name: string,
  scope: HasVariables,
  own: readonly PlacedEffect[],
  memory: FollowedStatements,
  { budget, onFollow }: Pick<Search, "budget" | "onFollow">,
): PlacedEffect[] {
  const { rules, node: fn } = scope;
  const [owner = name, ...members] = name.split(".");
  const isField = members.length > 0 && rules.isSelf(owner);
  const here = new Set(own.map((effect) => effect.node.id));
  const isChangeable = isField || own.some(({ operation }) => mayChange(operation, rules));
  const search: Search = { name, owner, scope, isField, isChangeable, here, budget, onFollow };
  const outside = fieldOf(name);
  if (outside !== undefined) return scope.roots.flatMap((at) => fieldChanges(outside, at, search));
  // What a function has from outside is followed there.
  if (fn !== null && !isField && !own.some(({ operation }) => isBinding(operation))) return [];
  return scope.roots.flatMap(({ root, place }) => {
    const mayReassign = rules.mayReassign(name, root.text);
    if (!mayReassign && !isChangeable) return [];
    if (fn !== null) {
      const { found, units } = changesIn(root, place, mayReassign, search);
      budget.scan(units);
      return found;
    }
    const question = `${place.module.pack.id} ${name} ${isChangeable} ${mayReassign}`;
    return statementsOf(root).flatMap(({ node, text }) =>
      text.includes(name) ? changesByStatement(node, text, place, question, mayReassign, memory, search) : [],
    );
  });
}

/** What a statement of the module does: its functions' part is remembered by its text. */
function changesByStatement(
  statement: Node,
  text: string,
  place: Place,
  question: string,
  mayReassign: boolean,
  memory: FollowedStatements,
  search: Search,
): PlacedEffect[] {
  // The same text with an error in it reads differently with other text behind it.
  const known = statement.hasError ? undefined : memory.get(question, text);
  const placed = (all: readonly Followed[]): PlacedEffect[] =>
    all.map((one) => ({ ...one, target: search.name, node: statement, place, ...ANYTIME }));
  if (known !== undefined) {
    // What it cost once, so that an estimate's limits don't depend on what is remembered.
    search.budget.scan(known.units);
    return placed(known.all);
  }
  const { found, isWithin, units } = changesIn(statement, place, mayReassign, search);
  search.budget.scan(units);
  if (!isWithin || !found.every((effect) => effect.isAnytime === true)) return found;
  const distinct = new Map(
    found.map(({ operation, within }) => [JSON.stringify([operation, within]), { operation, within }]),
  );
  const all = [...distinct.values()];
  if (!statement.hasError) memory.set(question, text, { all, units });
  return placed(all);
}

/** Follows the name from each of its places in a node. */
function changesIn(root: Node, place: Place, mayReassign: boolean, search: Search): Changes {
  const { name, owner, scope, isChangeable, here } = search;
  const { rules, node: fn } = scope;
  const found: PlacedEffect[] = [];
  const effect = (operation: Operation, within: readonly Key[], node: Node): PlacedEffect => ({
    target: name,
    within,
    operation,
    node,
    place,
    ...positionOf(node, fn, rules, endOf(node, place)),
  });
  const leaves = leavesOf(root, name, isChangeable ? rules.mayMatter : rules.mayAssign, MAX_LEAVES);
  if (leaves.length >= MAX_LEAVES)
    return {
      found: [{ ...effect({ kind: "escape", how: "given" }, [], root), ...ANYTIME }],
      isWithin: true,
      units: leaves.length * UNITS_PER_LEAF,
    };
  const fate = fateOf(search);
  for (const leaf of leaves) {
    const statement = mayReassign && rules.isReassignment(leaf) ? assignmentAround(leaf, rules) : null;
    if (statement === null && !isChangeable) continue;
    if (statement !== null && here.has(statement.id)) continue;
    if (isShadowed(owner, leaf, fn, rules)) continue;
    if (statement === null) fate.follow(leaf);
    // At its place in the module, it says nothing yet.
    else if (!rules.isAnnouncement(statement) || functionAround(leaf, rules) !== null)
      found.push(effect({ kind: "obscure" }, [], leaf));
  }
  for (const { node, how, within, isDirect } of fate.changes)
    if (!isDirect || !here.has(node.id)) found.push(effect({ kind: "escape", how }, within, node));
  const units = leaves.length * UNITS_PER_LEAF + fate.steps * UNITS_PER_STEP;
  return { found, isWithin: !fate.hasLeft, units };
}

/** What a module's code does to a class's field, through the class or an instance. */
function fieldChanges(
  { className, field }: { className: string; field: string },
  { root, place }: { root: Node; place: Place },
  search: Search,
): PlacedEffect[] {
  const { name, scope, budget } = search;
  const { rules } = scope;
  const fate = fateOf(search);
  followField(className, field, root, fate, rules, budget);
  budget.scan(fate.steps * UNITS_PER_STEP);
  const changes = fate.changes.map(({ node, how, within }): PlacedEffect => {
    // The field itself is assigned to.
    const operation: Operation = how === "set" && within.length === 0 ? { kind: "obscure" } : { kind: "escape", how };
    return { target: name, within, operation, node, place, ...positionOf(node, null, rules, endOf(node, place)) };
  });
  const overridden = overridingClasses(className, field, root, rules).map((node): PlacedEffect => ({
    target: name,
    within: [],
    operation: { kind: "define", definition: node },
    node,
    place,
    ...ANYTIME,
  }));
  return [...changes, ...overridden];
}

const fateOf = ({ scope, isField, onFollow }: Search): Fate =>
  new Fate(
    scope.roots.map((one) => one.root),
    isField ? null : scope.node,
    scope.rules,
    onFollow,
  );

/** The assignment that a name stands in, with or without a pattern around it. */
function assignmentAround(name: Node, rules: LanguageRules): Node | null {
  let { parent } = name;
  while (parent !== null && rules.isPattern(parent)) parent = parent.parent;
  return parent;
}

/** Where a change stands among the scope's statements; whenever it likes in functions inside of it. */
function positionOf(
  node: Node,
  fn: Node | null,
  rules: LanguageRules,
  at: number,
): Pick<PlacedEffect, "at" | "branches" | "loops" | "isAnytime"> {
  if (functionAround(node, rules)?.id !== fn?.id) return ANYTIME;
  const branches = [SOMEWHERE];
  const loops: number[] = [];
  let inner = node;
  for (const around of ancestors(node)) {
    if (around.id === fn?.id) break;
    if (rules.isBranch(around)) branches.push(inner.id);
    if (rules.isLoop(around)) loops.push(around.id);
    inner = around;
  }
  return { at, branches, loops };
}
