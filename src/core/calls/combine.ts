import type { Node } from "web-tree-sitter";
import type { Budget } from "./budget";
import { repeatText } from "./textOperations";
import { type Hole, type Value, furthest, hole, plain, unknown, withSource } from "./value";

/** A property of a record or an item of a list. */
export function elementOf(value: Value, key: string | number): Value | undefined {
  if (value.kind === "record" && typeof key === "string") return value.entries.get(key);
  if (value.kind !== "list" || typeof key !== "number") return undefined;
  if (value.items.some((item) => item.kind === "unknown" && item.several)) return undefined;
  return value.items.at(key);
}

/** The items that a spread brings into a list. */
export function spreadItems(value: Value, node: Node): Value[] {
  if (value.kind === "list") return [...value.items];
  if (value.kind === "plain" && value.value === null) return [];
  return [value.kind === "unknown" ? { ...value, several: true } : unknown(node.text, true)];
}

/** What a spread brings into a record: the entries of another, or a hole for those that aren't known. */
export function spreadEntries(
  value: Value,
  node: Node,
): { source: Value["source"]; entries: [string, Value][]; rest: readonly Hole[] } {
  if (value.kind === "plain" && (value.value === null || value.value === false))
    return { source: "literal", entries: [], rest: [] };
  if (value.kind !== "record")
    return { source: "literal", entries: [], rest: [value.kind === "unknown" ? value.hole : hole(node.text)] };
  const entries = [...value.entries].map(([key, inner]): [string, Value] => [key, withSource(inner, value.source)]);
  return { source: value.source, entries, rest: value.rest };
}

/** A record with the entries of another put in. */
export function merged(record: Value & { kind: "record" }, value: Value, node: Node): Value & { kind: "record" } {
  const { source, entries, rest } = spreadEntries(value, node);
  return {
    ...record,
    source: furthest(record.source, source),
    entries: new Map([...record.entries, ...entries]),
    rest: [...record.rest, ...rest],
  };
}

/** `left or right`: the right side where the left one is known to be missing, or comes from the environment. */
export function fallback(left: Value, right: Value, node: Node): Value {
  if (left.kind === "plain" && (left.value === null || left.value === false)) return withSource(right, "default");
  if (left.kind !== "unknown") return left;
  if (left.isEnvironment) return withSource(right, "default");
  return { ...left, hole: hole(node.text), otherwise: withSource(right, "default") };
}

/** `"=" * 40` */
export function repeat(left: Value, right: Value, node: Node, budget: Budget): Value {
  const [times, repeated] = left.kind === "plain" ? [left, right] : [right, left];
  if (times.kind !== "plain" || typeof times.value !== "number") return unknown(node.text);
  if (repeated.kind === "plain" && typeof repeated.value === "number")
    return plain(repeated.value * times.value, furthest(left.source, right.source));
  return repeatText(repeated, times.value, budget) ?? unknown(node.text);
}
