import type { Node } from "web-tree-sitter";

/** The wrapper's function: `tracked(client.chat.completions, feature="…").create(…)` is a call of `client.chat.completions`. */
export const TRACKER = "tracked";

/** What a call of the wrapper's function stands for; null where the node is no such call. */
export function trackedReceiver(node: Node): Node | null {
  if (!/^call(_expression)?$/.test(node.type) || node.childForFieldName("function")?.text !== TRACKER) return null;
  return (
    node.childForFieldName("arguments")?.namedChildren.find((child) => child !== null && child.type !== "comment") ??
    null
  );
}

/** A callee without parentheses and marks that change nothing. */
function unwrap(node: Node | null): Node | null {
  let at = node;
  while (at !== null && /^(parenthesized_expression|non_null_expression)$/.test(at.type)) at = at.namedChild(0);
  return at;
}

/** The receiver of a call's method (`client.chat.completions`), tracked or not; null where nothing names it so. @param held where the method is named, if not in the call */
export const receiverOf = (call: Node, held: Node | null): Node | null =>
  unwrap(held ?? call.childForFieldName("function"))?.childForFieldName("object") ?? null;
