import type { Harm, Key } from "../languages/use";
import { type Value, hole, unknown, withSource } from "./value";

/**
 * What a value may be after other code changed it in place: a list may have grown, a record's entries may be others.
 * Texts and numbers stay what they are.
 * @param within the way to the part that was changed
 * @param expression what the value is called where it is read
 */
export function harmed(value: Value, within: readonly Key[], how: Harm, expression: string): Value {
  const [key, ...deeper] = within;
  if (key === undefined) return harmedWhole(value, how, expression);
  if (value.kind !== "list" && value.kind !== "record") return value;
  const isSlot = how === "set" && deeper.length === 0;
  if (isSlot && key === null) return unknown(expression);
  const inner = (one: Value): Value => (isSlot ? unknown(expression) : harmed(one, deeper, how, expression));
  if (value.kind === "list") {
    // Behind a spread, places in a list are anybody's guess.
    const isKnown = typeof key === "number" && !value.items.some((item) => item.kind === "unknown" && item.several);
    const at = isKnown && key < 0 ? key + value.items.length : key;
    return { ...value, items: value.items.map((item, index) => (isKnown && index !== at ? item : inner(item))) };
  }
  const entries = new Map(value.entries);
  for (const [name, entry] of entries) if (key === null || name === key) entries.set(name, inner(entry));
  const isNew = typeof key === "string" && !value.entries.has(key);
  return { ...value, entries, rest: isNew ? [...value.rest, hole(expression)] : value.rest };
}

function harmedWhole(value: Value, how: Harm, expression: string): Value {
  if (value.kind !== "list" && value.kind !== "record") return value;
  if (how === "replaced" || how === "set") return unknown(expression);
  if (value.kind === "list") return { ...value, items: [...value.items, unknown(expression, true)] };
  const entries = [...value.entries].map(([key, inner]) => [key, withSource(inner, "default")] as const);
  return { ...value, entries: new Map(entries), rest: [...value.rest, hole(expression)] };
}
