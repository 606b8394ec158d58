import type { Node } from "web-tree-sitter";
import type { LanguageRules } from "../languages/pack";

/** The wrapper's function: `tracked(client.chat.completions, feature="…").create(…)` is a call of `client.chat.completions`. */
export const TRACKER = "tracked";

/** What a call of the wrapper's function stands for; null where the node is no such call. */
export function trackedReceiver(node: Node, rules: LanguageRules): Node | null {
  const call = rules.lower(node);
  return call.kind === "call" && !call.isNew && call.callee.text === TRACKER
    ? (call.arguments[0]?.value ?? null)
    : null;
}

/** A callee without parentheses and marks that change nothing. */
function unwrap(node: Node | null, rules: LanguageRules): Node | null {
  let at = node;
  while (at !== null && rules.isWrapper(at)) at = at.namedChild(0);
  return at;
}

/** The receiver of a call's method (`client.chat.completions`), tracked or not; null where nothing names it so. @param held where the method is named, if not in the call */
export const receiverOf = (call: Node, held: Node | null, rules: LanguageRules): Node | null =>
  unwrap(held ?? call.childForFieldName("function"), rules)?.childForFieldName("object") ?? null;
