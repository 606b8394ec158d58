import type { Node } from "web-tree-sitter";
import type { Budget } from "./budget";
import { Fate, mayMatter } from "./fate";
import type { LanguageRules, Operation } from "./languages/language";
import { endOf } from "./module";
import { functionAround, isShadowed, leavesOf } from "./names";
import { fieldOf, followField, overridingClasses } from "./outside";
import { type HasVariables, type PlacedEffect, isBinding } from "./effects";
import { ancestors } from "./syntax";

/** Stands among branches that no reader is in: what happens there may happen or not. */
const SOMEWHERE = -1;

/** Where a function's change stands: it may run whenever it likes. */
const ANYTIME = { at: Infinity, branches: [SOMEWHERE], loops: [], isAnytime: true };

const UNITS_PER_LEAF = 20;

/** A name that stands in more places is not followed through all of them. */
const MAX_LEAVES = 2_000;

/**
 * What happens to a scope's variable beside its own statements: in functions inside of it, whenever they run, in the
 * middle of expressions, and through other names of the same value. Each place where the name stands is followed.
 * @param own what the scope's own statements do to it.
 * @param onFollow is told the module's functions and classes that are looked into on the way.
 */
export function hiddenChanges(
  name: string,
  scope: HasVariables,
  own: readonly PlacedEffect[],
  budget: Budget,
  onFollow: (name: string) => void,
): PlacedEffect[] {
  const { rules, node: fn } = scope;
  const outside = fieldOf(name);
  const [owner = name, ...members] = name.split(".");
  const isField = members.length > 0 && rules.isSelf(owner);
  // What a function has from outside is followed there.
  if (fn !== null && !isField && !own.some(({ operation }) => isBinding(operation))) return [];
  const isChangeable = isField || own.some(({ operation }) => mayChange(operation, rules));
  const here = new Set(own.map((effect) => effect.node.id));
  const found: PlacedEffect[] = [];
  const fate = new Fate(
    scope.roots.map((one) => one.root),
    isField ? null : fn,
    rules,
    budget,
    onFollow,
  );
  for (const { root, place } of scope.roots) {
    const placed = (node: Node) => positionOf(node, fn, rules, endOf(node, place));
    const before = fate.changes.length;
    if (outside !== undefined) {
      followField(outside.className, outside.field, root, fate, rules, budget);
      for (const node of overridingClasses(outside.className, outside.field, root, rules))
        found.push({
          target: name,
          within: [],
          operation: { kind: "define", definition: node },
          node,
          place,
          ...ANYTIME,
        });
    }
    const mayReassign = outside === undefined && rules.mayReassign(name, root.text);
    if (!mayReassign && !isChangeable && outside === undefined) continue;
    const isWanted = isChangeable ? mayMatter : mayAssign;
    const leaves = outside === undefined ? leavesOf(root, name, isWanted, MAX_LEAVES) : [];
    if (leaves.length >= MAX_LEAVES) {
      found.push({
        target: name,
        within: [],
        operation: { kind: "escape", how: "given" },
        node: root,
        place,
        ...ANYTIME,
      });
      continue;
    }
    for (const leaf of leaves) {
      budget.scan(UNITS_PER_LEAF);
      const statement = mayReassign && rules.isReassignment(leaf) ? assignmentAround(leaf) : null;
      if (statement === null && !isChangeable) continue;
      if (statement !== null && here.has(statement.id)) continue;
      if (isShadowed(owner, leaf, fn, rules)) continue;
      if (statement === null) fate.follow(leaf);
      // At its place in the module, `global` says nothing yet.
      else if (!statement.type.startsWith("global") || functionAround(leaf, rules) !== null)
        found.push({ target: name, within: [], operation: { kind: "obscure" }, node: leaf, place, ...placed(leaf) });
    }
    for (const { node, how, within, isDirect } of fate.changes.slice(before)) {
      if (isDirect && here.has(node.id)) continue;
      // The field itself is assigned to.
      const operation: Operation =
        outside !== undefined && how === "set" && within.length === 0 ? { kind: "obscure" } : { kind: "escape", how };
      found.push({ target: name, within, operation, node, place, ...placed(node) });
    }
  }
  return found;
}

/** The assignment that a name stands in, with or without a pattern around it. */
function assignmentAround(name: Node): Node | null {
  let { parent } = name;
  while (parent?.type.endsWith("_pattern") === true) parent = parent.parent;
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

/** Calls whose result is a list or record that other code may hold too. */
const MAKES_CONTAINERS = /(?:^|\.)(?:dict|list|tuple|copy|assign|freeze|concat|get|slice|filter)$/;

/** Whether a name may stand for a list or record: texts and numbers are what they are. */
function mayChange(operation: PlacedEffect["operation"], rules: LanguageRules): boolean {
  if (operation.kind === "import") return true;
  if (operation.kind !== "assign") return false;
  let expression = rules.lower(operation.value);
  while (expression.kind === "same") expression = rules.lower(expression.inner);
  switch (expression.kind) {
    case "list":
    case "record":
    case "name":
    case "member":
    case "index":
    case "fallback":
      return true;
    case "sum":
      return !expression.operands.some((operand) => rules.lower(operand).kind === "text");
    case "call":
      return MAKES_CONTAINERS.test(expression.callee.text);
    default:
      return false;
  }
}

/** Whether a name, as it stands in a text, may be assigned to there. */
const mayAssign = (source: string, from: number, to: number): boolean =>
  /^\s*(?:[-+*/|&^%@]{1,2}|\?\?|\|\||&&|:|[}\]]\s*|,[^;\n=]{0,100}[}\]]\s*)?=(?![=>])|^\s*(?:\+\+|--)/.test(
    source.slice(to, to + 120),
  ) || /\b(?:global|nonlocal)\s+(?:[\w ,]{0,100},\s*)?$/.test(source.slice(Math.max(0, from - 120), from));
