/** Something that only the running program knows, with the text of its expression. */
export interface Hole {
  expression: string;
  /** Whether it is a parameter of a function around, which callers give. */
  isParameter?: boolean;
}

/** How far a value is from the call: written there, a constant, or a default that callers can change. */
export type Source = "literal" | "constant" | "default";
const order: readonly Source[] = ["literal", "constant", "default"];
export const furthest = (a: Source, b: Source): Source => (order.indexOf(a) >= order.indexOf(b) ? a : b);

/** What is known of an expression's value without running the program. */
export type Value = { source: Source } & (
  | { kind: "text"; parts: readonly (string | Hole)[] }
  | { kind: "plain"; value: number | boolean | null }
  | { kind: "list"; items: readonly Value[] }
  /** `rest`: further properties that a spread brings in. `isStruct`: its keys are names of fields, not what is sent. */
  | { kind: "record"; entries: ReadonlyMap<string, Value>; rest: readonly Hole[]; isStruct?: true }
  | { kind: "path"; path: string }
  | { kind: "file"; path: string }
  /** `several`: stands for any number of a list's items. `otherwise`: what `?? x` falls back to. */
  | { kind: "unknown"; hole: Hole; several: boolean; otherwise: Value | null; isEnvironment: boolean }
);

export const text = (value: string, source: Source = "literal"): Value => ({
  kind: "text",
  parts: value === "" ? [] : [value],
  source,
});

export const plain = (value: number | boolean | null, source: Source = "literal"): Value => ({
  kind: "plain",
  value,
  source,
});

export function unknown(expression: string, several = false): Value {
  return { kind: "unknown", hole: hole(expression), several, otherwise: null, isEnvironment: false, source: "literal" };
}

const LONGEST = 80;

/** A hole's text on one line, and short enough to show. */
export function hole(expression: string): Hole {
  const line = expression.slice(0, 400).replace(/\s+/g, " ").trim();
  return { expression: line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line };
}

export function withSource(value: Value, source: Source): Value {
  return { ...value, source: furthest(value.source, source) };
}

/** Whether a value, or a part of it, is a default that others can replace. */
export function holdsDefault(value: Value): boolean {
  if (value.source === "default") return true;
  if (value.kind === "list") return value.items.some(holdsDefault);
  return value.kind === "record" && [...value.entries.values()].some(holdsDefault);
}

/** What was made of others: with a default among them, it is one. */
export const madeOf = (result: Value, others: readonly Value[]): Value =>
  others.some(holdsDefault) ? withSource(result, "default") : result;

/** The value's text where all of it is known. */
export function knownText(value: Value | undefined): string | undefined {
  if (value?.kind !== "text") return undefined;
  const parts = value.parts.filter((part) => typeof part === "string");
  return parts.length === value.parts.length ? parts.join("") : undefined;
}

/** Nothing, or a text, list or record without content. */
export function isEmpty(value: Value): boolean {
  switch (value.kind) {
    case "plain":
      return value.value === null;
    case "text":
      return value.parts.length === 0;
    case "list":
      return value.items.length === 0;
    case "record":
      return value.entries.size === 0 && value.rest.length === 0;
    default:
      return false;
  }
}

/** What copying a value costs, in the budget's units. */
export const sizeOf = (value: Value): number =>
  value.kind === "list" ? value.items.length : value.kind === "record" ? value.entries.size * 20 : 0;

/** How much a text holds: its characters, a hole counting as one. */
export const lengthOf = (parts: readonly (string | Hole)[]): number =>
  parts.reduce((sum, part) => sum + (typeof part === "string" ? part.length : 1), 0);

/** Joins texts and holes; neighbouring strings become one. */
export function joinParts(parts: readonly (string | Hole)[]): (string | Hole)[] {
  const joined: (string | Hole)[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else if (part !== "") joined.push(part);
  }
  return joined;
}

/** How a value reads inside a string: `f"{x}"`, `${x}`; undefined where that can't be told. */
export function asText(value: Value, fallback: string): readonly (string | Hole)[] {
  if (value.kind === "text") return value.parts;
  if (value.kind === "plain" && typeof value.value === "number" && Number.isSafeInteger(value.value))
    return [String(value.value)];
  if (value.kind === "unknown") return [value.hole];
  return [hole(fallback)];
}

/** Private characters that stand for holes while a whole text is worked on. */
const FIRST_PLACEHOLDER = 0xf0000;

/** Applies an operation on strings to a text with holes; it must keep the holes' places. */
export function mapText(parts: readonly (string | Hole)[], operation: (text: string) => string): (string | Hole)[] {
  const holes: Hole[] = [];
  const flat = parts
    .map((part) => {
      if (typeof part === "string") return part;
      holes.push(part);
      return String.fromCodePoint(FIRST_PLACEHOLDER + holes.length - 1);
    })
    .join("");
  const result = operation(flat);
  if (holes.length === 0) return joinParts([result]);
  const pieces: (string | Hole)[] = [];
  let known = "";
  for (const character of result) {
    const found = holes[(character.codePointAt(0) ?? 0) - FIRST_PLACEHOLDER];
    if (found === undefined) known += character;
    else {
      pieces.push(known, found);
      known = "";
    }
  }
  return joinParts([...pieces, known]);
}
