import type { Node } from "web-tree-sitter";
import type { Evaluator } from "./evaluate";
import type { Place } from "./module";
import { trackedReceiver } from "./tracker";

/** Longer chains of members lead to no client. */
const MAX_NAMES = 64;

/** How many variables a chain is followed through. */
export const MOST_HOPS = 6;

/**
 * The names of a chain of members, from its root to its end: `client chat completions create`. Variables that
 * hold a part of such a chain are followed: `completions = client.chat.completions`.
 */
export function chainOf(
  node: Node,
  place: Place,
  evaluator: Evaluator,
  hops = 0,
): { names: string[]; root: Node } | undefined {
  const { rules } = place;
  const names: string[] = [];
  let at = node;
  for (;;) {
    if (names.length > MAX_NAMES) return undefined;
    const expression = rules.lower(at);
    if (expression.kind === "member") {
      names.unshift(expression.name);
      at = expression.object;
    } else if (expression.kind === "index") {
      const key = rules.lower(expression.index);
      const [only] = key.kind === "text" ? key.parts : [];
      if (typeof only !== "string") return { names, root: at };
      names.unshift(only);
      at = expression.object;
    } else if (expression.kind === "same") {
      at = expression.inner;
    } else if (trackedReceiver(at, rules) !== null) {
      at = trackedReceiver(at, rules) ?? at;
    } else if (expression.kind === "name") {
      return { names: [...heldChain(at, expression.name, place, evaluator, hops), ...names], root: at };
    } else {
      return { names, root: at };
    }
    // `self.client`: the member itself may hold a chain.
    const rest = rules.lower(at);
    if (rest.kind === "member" && isSelfMember(rest.object, place)) {
      const held = heldBySelf(at, place, evaluator, hops);
      if (held !== undefined) return { names: [...held, ...names], root: at };
    }
  }
}

function isSelfMember(object: Node, place: Place): boolean {
  const { rules } = place;
  const expression = rules.lower(object);
  return expression.kind === "name" && rules.isSelf(expression.name);
}

function heldChain(node: Node, name: string, place: Place, evaluator: Evaluator, hops: number): string[] {
  const found = hops >= MOST_HOPS ? undefined : evaluator.lookUp(name, node, place);
  return (found === undefined ? undefined : chainOfBinding(found, evaluator, hops)) ?? [name];
}

function heldBySelf(node: Node, place: Place, evaluator: Evaluator, hops: number): string[] | undefined {
  return hops >= MOST_HOPS
    ? undefined
    : chainOfBinding(evaluator.memberOfSelf(node.text, node, place), evaluator, hops);
}

function chainOfBinding(
  found: ReturnType<Evaluator["lookUp"]>,
  evaluator: Evaluator,
  hops: number,
): string[] | undefined {
  if (found.kind !== "bound" || found.binding.base.kind !== "effect") return undefined;
  const { operation, place } = found.binding.base.effect;
  if (operation.kind !== "assign" || operation.path.some((step) => typeof step === "number")) return undefined;
  const { rules } = place;
  const held = unwrapped(operation.value, place);
  const value = trackedReceiver(held, rules) ?? held;
  const kind = rules.lower(value).kind;
  if (kind !== "member" && kind !== "index" && kind !== "name")
    return operation.path.length > 0 ? ["", ...operation.path.map(String)] : undefined;
  const chain = chainOf(value, place, evaluator, hops + 1);
  return chain === undefined ? undefined : [...chain.names, ...operation.path.map(String)];
}

/** A node without what wraps it: parentheses, casts, `await`. */
export function unwrapped(node: Node, place: Place): Node {
  const { rules } = place;
  let at = node;
  for (let expression = rules.lower(at); expression.kind === "same"; expression = rules.lower(at))
    at = expression.inner;
  return at;
}
