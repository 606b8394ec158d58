import type { Node } from "web-tree-sitter";
import type { Operation } from "../languages/pack";
import type { Budget } from "./budget";
import { repeatText } from "./textOperations";
import { type Hole, type Value, furthest, hole, madeOf, plain, unknown, withSource } from "./value";

/** A property of a record or an item of a list. */
export function elementOf(value: Value, key: string | number): Value | undefined {
  if (value.kind === "record" && typeof key === "string") return value.entries.get(key);
  if (value.kind !== "list" || typeof key !== "number") return undefined;
  if (value.items.some((item) => item.kind === "unknown" && item.several)) return undefined;
  return value.items.at(key);
}

/** A struct's field that nothing was put in: what is added to it makes it a list. */
export const unsetList = (value: Value, { kind }: Operation): Value | undefined =>
  value.kind === "record" && value.isStruct === true && value.rest.length === 0 && /^(?:append|extend)$/.test(kind)
    ? { kind: "list", items: [], source: value.source }
    : undefined;

/** The items that a spread brings into a list. */
export function spreadItems(value: Value, node: Node): Value[] {
  if (value.kind === "list") return value.items.map((item) => withSource(item, value.source));
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

/**
 * `left or right`, `left ?? right`: the left side where it certainly counts, the right one where it certainly doesn't,
 * or where the left comes from the environment. Otherwise a hole, with the right side beside it.
 */
export function fallback(
  left: Value,
  right: Value,
  node: Node,
  { isNullish, emptyIsFalse }: { isNullish: boolean; emptyIsFalse: boolean },
): Value {
  if (left.kind === "unknown") {
    if (left.isEnvironment) return withSource(right, "default");
    return { ...left, hole: hole(node.text), otherwise: withSource(right, "default") };
  }
  const counts = isNullish ? !(left.kind === "plain" && left.value === null) : truthOf(left, emptyIsFalse);
  if (counts === undefined) {
    const otherwise = withSource(right, "default");
    return {
      kind: "unknown",
      hole: hole(node.text),
      several: false,
      otherwise,
      isEnvironment: false,
      source: "literal",
    };
  }
  return counts ? left : withSource(right, left.source);
}

/** Whether a value is true where a condition is asked for; undefined where only the running program knows. */
function truthOf(value: Value, emptyIsFalse: boolean): boolean | undefined {
  switch (value.kind) {
    case "plain":
      return value.value !== null && value.value !== false && value.value !== 0;
    case "text":
      return value.parts.some((part) => typeof part === "string") || (value.parts.length > 0 ? undefined : false);
    case "list":
    case "record": {
      const isEmpty = value.kind === "list" ? value.items.length === 0 : value.entries.size + value.rest.length === 0;
      if (isEmpty) return !emptyIsFalse;
      return value.kind === "list" && value.items.every((item) => item.kind === "unknown" && item.several)
        ? undefined
        : true;
    }
    default:
      return true;
  }
}

/** `"=" * 40` */
export function repeat(left: Value, right: Value, node: Node, budget: Budget): Value {
  const [times, repeated] = left.kind === "plain" ? [left, right] : [right, left];
  if (times.kind !== "plain" || typeof times.value !== "number") return unknown(node.text);
  if (repeated.kind === "plain" && typeof repeated.value === "number")
    return plain(repeated.value * times.value, furthest(left.source, right.source));
  const repeatedText = repeatText(repeated, times.value, budget);
  return repeatedText === undefined ? unknown(node.text) : madeOf(repeatedText, [times]);
}
