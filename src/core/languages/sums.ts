import type { Node } from "web-tree-sitter";
import { field } from "../calls/syntax";

/** The operands of a sum. Sums nest to the left, as deep as they are long: unrolled without recursion. */
export function sumOperands(sum: Node): Node[] {
  const operands: Node[] = [];
  let at: Node | null = sum;
  while (at !== null && at.type === sum.type && field(at, "operator")?.type === "+") {
    const right = field(at, "right");
    if (right !== null) operands.push(right);
    at = field(at, "left");
  }
  if (at !== null) operands.push(at);
  return operands.reverse();
}
