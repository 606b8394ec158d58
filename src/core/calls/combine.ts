import type { Node } from "web-tree-sitter";
import { repeatText } from "./textOperations";
import { type Hole, type Value, asText, furthest, hole, joinParts, plain, unknown, withSource } from "./value";

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

/** A record with the entries of another put in. */
export function merged(record: Value & { kind: "record" }, value: Value, node: Node): Value & { kind: "record" } {
  if (value.kind === "plain" && (value.value === null || value.value === false)) return record;
  if (value.kind !== "record")
    return { ...record, rest: [...record.rest, value.kind === "unknown" ? value.hole : hole(node.text)] };
  const entries = new Map(record.entries);
  for (const [key, inner] of value.entries) entries.set(key, withSource(inner, value.source));
  return { ...record, source: furthest(record.source, value.source), entries, rest: [...record.rest, ...value.rest] };
}

/** `left or right`: the right side where the left one is known to be missing, or comes from the environment. */
export function fallback(left: Value, right: Value, node: Node): Value {
  if (left.kind === "plain" && (left.value === null || left.value === false)) return withSource(right, "default");
  if (left.kind !== "unknown") return left;
  if (left.isEnvironment) return withSource(right, "default");
  return { ...left, hole: hole(node.text), otherwise: withSource(right, "default") };
}

/** Python's `"…" % values`; only `%s`, `%d` and `%(name)s`, the others are formats. */
export function percent(left: Value, right: Value, node: Node): Value {
  if (left.kind !== "text") return unknown(node.text);
  const values = right.kind === "list" ? right.items : [right];
  let next = 0;
  const parts = left.parts.flatMap((part): (string | Hole)[] => {
    if (typeof part !== "string") return [part];
    return part
      .split(/(%%|%\([^)]*\)[a-z]|%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z])/)
      .flatMap((piece): readonly (string | Hole)[] => {
        if (piece === "%%") return ["%"];
        if (!/^%[^%]*[a-zA-Z]$/.test(piece)) return [piece];
        const key = /^%\(([^)]*)\)/.exec(piece)?.[1];
        const value = key === undefined ? values[next++] : elementOf(right, key);
        const isSimple = /^%(\([^)]*\))?[sdi]$/.test(piece);
        return value !== undefined && isSimple ? asText(value, key ?? node.text) : [hole(key ?? node.text)];
      });
  });
  return {
    kind: "text",
    parts: joinParts(parts),
    source: furthest(left.source, right.kind === "unknown" ? "literal" : right.source),
  };
}

/** `"=" * 40` */
export function repeat(left: Value, right: Value, node: Node): Value {
  const [times, repeated] = left.kind === "plain" ? [left, right] : [right, left];
  if (times.kind !== "plain" || typeof times.value !== "number") return unknown(node.text);
  if (repeated.kind === "plain" && typeof repeated.value === "number")
    return plain(repeated.value * times.value, furthest(left.source, right.source));
  return repeatText(repeated, times.value) ?? unknown(node.text);
}
