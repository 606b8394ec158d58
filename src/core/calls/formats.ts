import type { Budget } from "./budget";
import { elementOf } from "./combine";
import { type Hole, type Value, asText, furthest, hole, joinParts, lengthOf } from "./value";

type Parts = readonly (string | Hole)[];
type Text = Value & { kind: "text" };

/** What a formatted text is put together from, within the budget; undefined where it gets too long. */
class Pieces {
  private readonly pieces: (string | Hole)[] = [];

  constructor(private readonly budget: Budget) {}

  add(parts: Parts): boolean {
    if (!this.budget.make(lengthOf(parts))) return false;
    for (const part of parts) this.pieces.push(part);
    return true;
  }

  get joined(): (string | Hole)[] {
    return joinParts(this.pieces);
  }
}

/** Fills in a text's fields. The pattern bounds a field's length, so that a hostile text is read in linear time. */
function fillFields(
  object: Text,
  fields: RegExp,
  fill: (field: RegExpExecArray) => Parts,
  budget: Budget,
): (string | Hole)[] | undefined {
  if (!budget.scan(lengthOf(object.parts))) return undefined;
  const pieces = new Pieces(budget);
  for (const part of object.parts) {
    if (typeof part !== "string") {
      if (!pieces.add([part])) return undefined;
      continue;
    }
    let from = 0;
    fields.lastIndex = 0;
    for (let found = fields.exec(part); found !== null; found = fields.exec(part)) {
      if (!pieces.add([part.slice(from, found.index)]) || !pieces.add(fill(found))) return undefined;
      from = found.index + found[0].length;
    }
    if (!pieces.add([part.slice(from)])) return undefined;
  }
  return pieces.joined;
}

/** Longer keys, flags and widths are no person's: what stands there is taken as it is. */
const percentField = /%%|%(?:\(([^()]{0,200})\))?([-+ #0]{0,8}(?:[1-9]\d{0,19})?(?:\.\d{1,20})?)([a-zA-Z])/g;

/** Python's `"…" % values`; only `%s`, `%d`, `%i` and `%(name)s` are filled in, the others are formats. */
export function percentFormat(left: Text, right: Value, expression: string, budget: Budget): Value | undefined {
  const values = right.kind === "list" ? right.items : [right];
  let next = 0;
  const parts = fillFields(
    left,
    percentField,
    ([whole, key, format, letter = ""]) => {
      if (whole === "%%") return ["%"];
      const value = key === undefined ? values[next++] : elementOf(right, key);
      const isSimple = format === "" && /[sdi]/.test(letter);
      return value !== undefined && isSimple ? asText(value, key ?? expression) : [hole(key ?? expression)];
    },
    budget,
  );
  return parts === undefined
    ? undefined
    : { kind: "text", parts, source: furthest(left.source, right.kind === "unknown" ? "literal" : right.source) };
}

const braceField = /\{\{|\}\}|\{([^{}]{0,1000})\}/g;

/** Python's `str.format` with plain fields: `{}`, `{0}`, `{name}`. */
export function braceFormat(
  object: Text,
  values: readonly Value[],
  named: ReadonlyMap<string, Value>,
  texts: readonly string[],
  budget: Budget,
): Value | undefined {
  let next = 0;
  const parts = fillFields(
    object,
    braceField,
    ([whole, name]) => {
      if (name === undefined) return [whole.slice(0, 1)];
      if (/[:!]/.test(name)) return [hole(name.replace(/[:!].*$/s, ""))];
      const index = name === "" ? next++ : Number(name);
      const value = /^\d*$/.test(name) ? values[index] : named.get(name);
      return value === undefined ? [hole(name)] : asText(value, (/^\d*$/.test(name) ? texts[index] : name) ?? name);
    },
    budget,
  );
  if (parts === undefined) return undefined;
  const used = [...values, ...named.values()].filter((value) => value.kind !== "unknown");
  return { kind: "text", parts, source: used.reduce((far, value) => furthest(far, value.source), object.source) };
}

/** Longer flags and widths are no person's. */
const verbField = /%%|%([-+# 0]{0,8}(?:\d{1,9}|\*)?(?:\.(?:\d{1,9}|\*)?)?)(\[\d{0,9}\])?(.)?/gsu;

/** Go's `fmt.Sprintf`; only plain `%s`, `%v` and `%d` are filled in, the others are formats. @param texts the arguments as they are written */
export function verbFormat(
  left: Text,
  values: readonly Value[],
  texts: readonly string[],
  budget: Budget,
): Value | undefined {
  let next = 0;
  let isOutOfOrder = false;
  const parts = fillFields(
    left,
    verbField,
    ([whole, flags, index, verb = ""]) => {
      if (whole === "%%") return ["%"];
      const written = texts[next] ?? whole;
      // Which argument is meant from here on isn't followed.
      isOutOfOrder ||= index !== undefined || flags?.includes("*") === true;
      if (isOutOfOrder) return [hole(whole)];
      const value = values[next++];
      return value !== undefined && flags === "" && fits(value, verb) ? asText(value, written) : [hole(written)];
    },
    budget,
  );
  if (parts === undefined) return undefined;
  // What is given beside goes to the end, and says so.
  const others = next < values.length && !isOutOfOrder ? [hole(texts[next] ?? "%")] : [];
  const used = values.filter((value) => value.kind !== "unknown");
  return {
    kind: "text",
    parts: [...parts, ...others],
    source: used.reduce((far, value) => furthest(far, value.source), left.source),
  };
}

/** Whether a value reads as it is by a verb: numbers by %d and %v, texts by %s and %v. */
const fits = (value: Value, verb: string): boolean =>
  value.kind === "unknown" ? true : value.kind === "text" ? /^[sv]$/.test(verb) : /^[dv]$/.test(verb);
