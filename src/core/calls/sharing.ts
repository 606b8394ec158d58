import type { Node } from "web-tree-sitter";
import type { Budget } from "./budget";
import type { Harm, Key } from "../languages/use";
import type { LanguageRules } from "../languages/pack";
import { type HasVariables, type PlacedEffect, isBinding } from "./effects";

/** A value that another name stands for too. */
interface Shared {
  name: string;
  /** Which part of the other name's value it is. */
  taken: readonly Key[];
  /** Where it is in the value that was written. */
  at: readonly Key[];
}

/** Values nested deeper, and longer ones, are no request's. */
const MAX_DEPTH = 4;
const MAX_ENTRIES = 60;

const UNITS_PER_VALUE = 20;

/**
 * What is done to one name's value by the other name that it got it from: `params = {"messages": messages}`, and then
 * `messages.append(…)`. What happened before it got it, it has already.
 */
export function sharedChanges(own: readonly PlacedEffect[], scope: HasVariables, budget: Budget): PlacedEffect[] {
  return own.flatMap((effect) => {
    const { operation } = effect;
    if (operation.kind !== "assign" || effect.within.length > 0 || !budget.scan(UNITS_PER_VALUE)) return [];
    const { kind } = scope.rules.lower(operation.value);
    if (kind === "text" || kind === "plain") return [];
    const all = [
      ...sharedIn(operation.value, scope.rules, [], 0),
      ...namedBeside(operation.value, effect.target, scope.rules),
    ];
    return all.flatMap((shared) => {
      const theirs = scope.effectsOn(shared.name);
      const bindings = theirs.filter((one) => isBinding(one.operation)).length;
      if (bindings === 0) return [];
      if (!budget.scan(theirs.length)) return [];
      const taken = [...shared.taken, ...operation.path];
      return theirs.flatMap((one) =>
        one.at > effect.at && isInPlace(one, scope.rules)
          ? throughOther(one, effect.target, taken, shared.at, bindings > 1 || !scope.rules.sharesValues)
          : [],
      );
    });
  });
}

/** The other names of `a = b = value`. */
function namedBeside(value: Node, target: string, rules: LanguageRules): Shared[] {
  const use = rules.use(value);
  const names = use.kind === "named" ? use.names.filter(({ keys, around }) => keys.length + around === 0) : [];
  return names.filter(({ name }) => name.text !== target).map(({ name }) => ({ name: name.text, taken: [], at: [] }));
}

/** Changed, and not given another value. */
const isInPlace = ({ operation, node }: PlacedEffect, rules: LanguageRules): boolean =>
  !isBinding(operation) &&
  // Where assigning copies, another name's list is as long as it was.
  (rules.sharesValues || !/^(?:append|extend)$/.test(operation.kind)) &&
  (operation.kind !== "obscure" || rules.isInPlace(node));

function throughOther(
  effect: PlacedEffect,
  target: string,
  taken: readonly Key[],
  at: readonly Key[],
  isUnclear: boolean,
): PlacedEffect[] {
  const { within, operation } = effect;
  const common = taken.slice(0, within.length);
  if (common.some((key, index) => key !== within[index] && key !== null && within[index] !== null)) return [];
  const through = (way: readonly Key[], how: Harm): PlacedEffect[] => [
    { ...effect, target, within: way, operation: { kind: "escape", how } },
  ];
  const isAround = within.length < taken.length;
  // Around the part that was taken, a list may grow without it; what else happens there may go along with it, or not.
  if (operation.kind === "escape")
    return isAround && operation.how === "grown" ? [] : through([...at, ...within.slice(taken.length)], operation.how);
  if (isAround) return operation.kind === "obscure" ? through(at, "replaced") : [];
  const way = [...at, ...within.slice(taken.length)];
  if (isUnclear || within.includes(null) || taken.includes(null))
    return through(way, operation.kind === "append" || operation.kind === "extend" ? "given" : "replaced");
  return [{ ...effect, target, within: way }];
}

/** Copied, only the parts are shared. */
const partOf = (shared: Shared): Shared => ({ ...shared, taken: [...shared.taken, null] });

/** Names whose values, or parts of them, are parts of a value that is written out. */
function sharedIn(node: Node, rules: LanguageRules, at: readonly Key[], depth: number): Shared[] {
  if (depth > MAX_DEPTH) return [];
  const expression = rules.lower(node);
  const inner = (one: Node, key?: Key): Shared[] =>
    sharedIn(one, rules, key === undefined ? at : [...at, key], depth + 1);
  switch (expression.kind) {
    case "same":
      return inner(expression.inner);
    case "name":
      return [{ name: expression.name, taken: [], at }];
    case "member":
      return inner(expression.object).map((shared) => ({ ...shared, taken: [...shared.taken, expression.name] }));
    case "index": {
      const key = rules.lower(expression.index);
      const [only] = key.kind === "text" && key.parts.length === 1 ? key.parts : [];
      const taken =
        typeof only === "string" ? only : key.kind === "plain" && typeof key.value === "number" ? key.value : null;
      return inner(expression.object).map((shared) => ({ ...shared, taken: [...shared.taken, taken] }));
    }
    case "fallback":
      return [...inner(expression.left), ...inner(expression.right)];
    case "list":
      return expression.items
        .slice(0, MAX_ENTRIES)
        .flatMap(({ spread, value }, index) => (spread ? inner(value, null).map(partOf) : inner(value, index)));
    case "call": {
      const callee = rules.lower(expression.callee);
      const [first] = expression.arguments;
      if (callee.kind === "name" && /^(?:list|tuple|dict|sorted)$/.test(callee.name) && first !== undefined)
        return inner(first.value, null).map(partOf);
      return callee.kind === "member" && /^(?:copy|slice|concat|filter)$/.test(callee.name)
        ? inner(callee.object, null).map(partOf)
        : [];
    }
    case "record":
      return expression.entries.slice(0, MAX_ENTRIES).flatMap(({ key, value }) => {
        if (key === null) return [];
        if (typeof key === "string") return inner(value, key);
        const written = rules.lower(key);
        const [only] = written.kind === "text" && written.parts.length === 1 ? written.parts : [];
        return inner(value, typeof only === "string" ? only : null);
      });
    default:
      return [];
  }
}
