import type { Node } from "web-tree-sitter";
import { ancestors } from "../calls/syntax";

/** Types of nodes, as a language's grammar has them. */
interface Around {
  /** What gives names a value. */
  assignment: RegExp;
  /** Through what a value goes as it is, or as something that is made of it. */
  passedOn: RegExp;
}

/** The name that a method which isn't called on the spot is assigned to: `ask = client.chat.completions.create`. */
export function namesTaken(method: Node, { assignment, passedOn }: Around): string[] {
  for (const around of ancestors(method)) {
    if (assignment.test(around.type)) {
      const left = around.childForFieldName("left") ?? around.childForFieldName("name");
      return left === null || left.startIndex === method.startIndex ? [] : [left.text];
    }
    if (!passedOn.test(around.type)) return [];
  }
  return [];
}
