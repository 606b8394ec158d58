import type { Node } from "web-tree-sitter";
import { children } from "../calls/syntax";

/** More of them are a generated function's. */
const MOST_RETURNS = 20;

/** What the `return` statements of a function's body return, without those of functions in it. */
export function returnedIn(body: Node, isFunction: (node: Node) => boolean): Node[] {
  return body
    .descendantsOfType("return_statement")
    .slice(0, MOST_RETURNS)
    .flatMap((statement) => {
      if (statement === null) return [];
      for (let at = statement.parent; at !== null && at.id !== body.id; at = at.parent) if (isFunction(at)) return [];
      return children(statement).slice(0, 1);
    });
}
