import type { Value } from "../../calls/value";

/** Deeper requests are no person's. */
const MAX_DEPTH = 50;

/** Fields whose name in JSON isn't their own in snake case (openai-go v3.52, go-openai v1.42). */
const NAMES: Record<string, string> = {
  LogProbs: "logprobs",
  TopLogProbs: "top_logprobs",
  FileIDs: "file_ids",
  VectorStoreIDs: "vector_store_ids",
  AdditionalProperties: "additionalProperties",
  // A message's parts, where go-openai has another field for its text.
  MultiContent: "content",
};

/** The JSON name of a struct's field: `MaxCompletionTokens` is `max_completion_tokens`, `ImageURL` is `image_url`. */
export function jsonName(field: string): string {
  return Object.hasOwn(NAMES, field)
    ? (NAMES[field] ?? field)
    : field
        .replace(/([a-z\d])([A-Z])/g, "$1_$2")
        .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
        .toLowerCase();
}

/** A call's request as it is sent: structs by the names of their JSON, unions as the one of them that is set. */
export const bodyOf = (request: Value): Value => sent(request, "", 0);

/** @param as the JSON name that the value has, or the list that it is in */
function sent(value: Value, as: string, depth: number): Value {
  if (depth > MAX_DEPTH) return value;
  if (value.kind === "list") return { ...value, items: value.items.map((item) => sent(item, as, depth + 1)) };
  if (value.kind !== "record") return value;
  const entries = [...value.entries];
  if (value.isStruct === true && entries.length > 0 && entries.every(([key]) => /^Of[A-Z]/.test(key)))
    return unionOf(entries, value, as, depth);
  const inner = new Map<string, Value>();
  for (const [key, one] of entries) {
    const name = value.isStruct === true ? jsonName(key) : key;
    if (value.isStruct === true && isZero(one)) continue;
    inner.set(name, sent(one, name, depth + 1));
  }
  // Tools of openai-go before v2, whose type is always this.
  if (as === "tools" && inner.has("function") && !inner.has("type"))
    inner.set("type", { kind: "text", parts: ["function"], source: "literal" });
  return { kind: "record", source: value.source, entries: inner, rest: value.rest };
}

/** What is left out of a struct's JSON. */
const isZero = (value: Value): boolean =>
  value.kind === "plain" && (value.value === null || value.value === 0 || value.value === false);

/**
 * A union is the only one of its fields that is set: `OfString`, `OfUser`. What that is follows from the field's name
 * (openai-go's structs have it as a constant that may be left out): a message's role, else a part's type.
 */
function unionOf(
  entries: readonly (readonly [string, Value])[],
  union: Value & { kind: "record" },
  as: string,
  depth: number,
): Value {
  const [[field = "", set] = []] = entries;
  if (set === undefined || entries.length > 1 || union.rest.length > 0)
    return {
      ...union,
      entries: new Map(),
      rest: [...union.rest, { expression: entries.map(([key]) => key).join(", ") }],
    };
  const value = sent(set, as, depth + 1);
  if (value.kind !== "record") return { ...value, source: value.source };
  const name = jsonName(field.slice(2));
  const key = as === "messages" ? "role" : "type";
  // A plain message of the Responses API has no type.
  if (value.entries.has(key) || (as === "input" && name === "message")) return value;
  return { ...value, entries: new Map(value.entries).set(key, { kind: "text", parts: [name], source: "literal" }) };
}
