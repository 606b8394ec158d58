import type { Node } from "web-tree-sitter";
import type { Expression } from "../calls/expression";
import { children, field } from "../calls/syntax";

/** Deeper patterns (`[[a, b], c] = value`) are no person's. */
export const MAX_PATTERN_DEPTH = 50;

/** An expression that isn't followed. */
export const opaque = (node: Node): Expression => ({ kind: "opaque", node });

/** A number as it is written; opaque where it is none that can be counted with. */
export const numberOf = (node: Node, value: number): Expression =>
  Number.isFinite(value) ? { kind: "plain", node, value } : opaque(node);

/** `object.name`, by the names that the grammar gives the two. */
export function memberOf(node: Node, objectField: string, nameField: string): Expression {
  const object = field(node, objectField);
  const name = field(node, nameField);
  return object === null || name === null ? opaque(node) : { kind: "member", node, object, name: name.text };
}

/** `object[index]`, by the names that the grammar gives the two. */
export function indexOf(node: Node, objectField: string, indexField: string): Expression {
  const object = field(node, objectField);
  const index = field(node, indexField);
  return object === null || index === null ? opaque(node) : { kind: "index", node, object, index };
}

/** An item or argument, and whether it is spread. @param spread the type of the node around one that is */
export function spreadIn(node: Node, spread: string): { spread: boolean; value: Node } {
  const inner = node.type === spread ? children(node)[0] : undefined;
  return { spread: inner !== undefined, value: inner ?? node };
}
