import type { Node } from "web-tree-sitter";
import { ancestors } from "../calls/syntax";

/** The way to a part of a value: keys of records, places in lists, and null for any of its parts. */
export type Key = string | number | null;

/**
 * How a value is changed in place: it may be longer; it was given to who may have changed it; parts of it may be others
 * or gone; the part at the way's end is another.
 */
export type Harm = "grown" | "given" | "replaced" | "set";

/** What the code around an expression does with the value that it has: one step outward. */
export type Use =
  /** Neither changes nor keeps it. */
  | { kind: "read" }
  /** It is the value of the code around it too: parentheses, a branch. */
  | { kind: "passed"; node: Node }
  /** A part of it is taken: a member, an item. */
  | { kind: "taken"; node: Node; key: Key }
  /** It becomes a part of a new list or record. */
  | { kind: "held"; node: Node }
  /** Its parts become those of a new list or record, so many levels deep. */
  | { kind: "copied"; node: Node; levels: number }
  | { kind: "named"; names: readonly Naming[] }
  /** Assigned to, or deleted: a name stands for another value now, and what has the part has another. */
  | { kind: "assigned"; node: Node }
  /** Changed in place; at the parts of these keys, where they are known. */
  | { kind: "changed"; node: Node; how: Harm; keys: readonly Key[] }
  /** An argument of a call. */
  | { kind: "argument"; call: Node; index: number; name: string | null }
  /** The result of the function around it. */
  | { kind: "returned" }
  /** Handed to code that isn't followed. */
  | { kind: "given"; node: Node };

/** Another name of a value, or of a part of it. */
export interface Naming {
  name: Node;
  /** The parts that are taken on the way: a pattern's, a loop's. */
  keys: readonly Key[];
  /** How many lists and records of that name stand around the value: 1 after `name.append(value)`. */
  around: number;
  /** Where the name means this; null for the whole of the function around it. */
  within: Node | null;
}

export const READ: Use = { kind: "read" };

/** A part that gets another value. */
export const changedSlot = (node: Node): Use => ({ kind: "changed", node, how: "set", keys: [] });

/** The field of an instance that a member such as `self.history` names, in its class. @param classType a node's type */
export function fieldNaming(member: Node, classType: string): Naming {
  for (const within of ancestors(member))
    if (within.type === classType) return { name: member, keys: [], around: 0, within };
  return { name: member, keys: [], around: 0, within: null };
}

/** Names that are told apart by a space. */
export const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
