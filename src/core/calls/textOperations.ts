import type { Budget } from "./budget";
import { type Hole, type Value, joinParts, lengthOf, mapText, text } from "./value";

type Parts = readonly (string | Hole)[];

/** A text so many times; undefined where that isn't a text, or too long. */
export function repeatText(value: Value, times: number, budget: Budget): Value | undefined {
  if (value.kind !== "text" || !Number.isInteger(times) || times < 0) return undefined;
  if (value.parts.length === 0) return text("");
  if (!budget.make(lengthOf(value.parts) * times)) return undefined;
  return { ...value, parts: mapText(value.parts, (known) => known.repeat(times)) };
}

/** Texts with another between each two of them; undefined where that is too long. */
export function joinTexts(texts: readonly Parts[], between: Parts, budget: Budget): Parts | undefined {
  const separators = Math.max(0, texts.length - 1) * lengthOf(between);
  if (!budget.make(texts.reduce((sum, one) => sum + lengthOf(one), separators))) return undefined;
  return joinParts(texts.flatMap((one, index) => (index === 0 ? one : [...between, ...one])));
}

/** Takes the characters of a set (white space where there is none) off a text's ends. Linear, as no pattern would be. */
export function strip(source: string, characters: string | undefined, ends: { start: boolean; end: boolean }): string {
  if (characters === undefined) {
    const stripped = ends.start ? source.trimStart() : source;
    return ends.end ? stripped.trimEnd() : stripped;
  }
  const set = new Set(characters);
  let from = 0;
  let to = source.length;
  const isIn = (at: number): number => {
    const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
    return set.has(character) ? character.length : 0;
  };
  while (ends.start && from < to && isIn(from) > 0) from += isIn(from);
  while (ends.end && to > from) {
    const isPair = to - 2 >= from && (source.codePointAt(to - 2) ?? 0) > 0xffff;
    const width = isIn(to - (isPair ? 2 : 1));
    if (width === 0) break;
    to -= width;
  }
  return source.slice(from, to);
}

/** Replaces a known text that is not empty; undefined where the result is too long. */
export function replaceText(
  parts: Parts,
  wanted: string,
  replacement: Parts,
  once: boolean,
  budget: Budget,
): Parts | undefined {
  if (!budget.scan(lengthOf(parts))) return undefined;
  const grown = lengthOf(replacement);
  const pieces: (string | Hole)[] = [];
  let done = false;
  for (const part of parts) {
    let from = 0;
    if (typeof part === "string") {
      for (let at = part.indexOf(wanted); at >= 0 && !(once && done); at = part.indexOf(wanted, from)) {
        if (!budget.make(at - from + grown)) return undefined;
        pieces.push(part.slice(from, at), ...replacement);
        from = at + wanted.length;
        done = true;
      }
    }
    const last = typeof part === "string" ? part.slice(from) : part;
    if (!budget.make(typeof last === "string" ? last.length : 1)) return undefined;
    pieces.push(last);
  }
  return joinParts(pieces);
}

/**
 * Takes away the indentation that all lines share.
 * Python's textwrap.dedent leaves the ends as they are; inspect.cleandoc and npm's dedent trim them.
 */
export function dedent(source: string, trimmed: boolean): string {
  const lines = source.split("\n");
  const measured = trimmed ? lines.slice(1) : lines;
  const indents = measured.filter((line) => line.trim() !== "").map((line) => /^[ \t]*/.exec(line)?.[0] ?? "");
  const shared =
    indents.reduce<string | undefined>(
      (common, indent) => (common === undefined ? indent : commonStart(common, indent)),
      undefined,
    ) ?? "";
  const cut = lines.map((line) =>
    line.trim() === "" && !trimmed ? "" : line.startsWith(shared) ? line.slice(shared.length) : line.trimStart(),
  );
  return trimmed ? cut.join("\n").trim() : cut.join("\n");
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}
