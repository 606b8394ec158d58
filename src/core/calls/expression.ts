import type { Node } from "web-tree-sitter";

/**
 * An expression as all languages have it. Each language lowers its syntax nodes to these, one level at a
 * time, so that evaluating knows nothing of any of them.
 */
export type Expression = { node: Node } & (
  | { kind: "text"; parts: readonly TextPart[] }
  | { kind: "plain"; value: number | boolean | null }
  | { kind: "name"; name: string }
  | { kind: "member"; object: Node; name: string }
  | { kind: "index"; object: Node; index: Node }
  | { kind: "call"; callee: Node; arguments: readonly Argument[]; isNew: boolean }
  /** A tagged template: the tag and the text that it gets. */
  | { kind: "tagged"; tag: Node; text: Node }
  | { kind: "list"; items: readonly Element[] }
  /** `isStruct`: its keys are names of fields, not what is sent. */
  | { kind: "record"; entries: readonly Entry[]; isStruct?: true }
  /** `a + b + c`, or `Path / "b"`. */
  | { kind: "sum"; operands: readonly Node[] }
  | { kind: "join-path"; left: Node; right: Node }
  | { kind: "repeat"; left: Node; right: Node }
  | { kind: "percent"; left: Node; right: Node }
  /** `a or b`, `a || b`, `a ?? b`; the last one asks only whether `a` is there. */
  | { kind: "fallback"; left: Node; right: Node; isNullish: boolean }
  /** What wraps without changing: `await`, parentheses, casts. */
  | { kind: "same"; inner: Node }
  | { kind: "opaque" }
);

/** A part of a string: what stands there, or an expression to put in. */
export type TextPart = string | { value: Node; format: string | null };

export interface Argument {
  /** The keyword, or null for a positional argument. */
  name: string | null;
  /** `*items` or `...items`, `**options`. */
  spread: "list" | "record" | null;
  value: Node;
}

export interface Element {
  spread: boolean;
  value: Node;
}

export interface Entry {
  /** Null for a spread. A node where the key is computed. */
  key: string | Node | null;
  value: Node;
}
