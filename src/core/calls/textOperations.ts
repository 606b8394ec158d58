import { type Value, mapText, text } from "./value";

/** A repeated text grows no longer than this. */
const MAX_REPEATED = 1_000_000;

/** A text so many times; undefined where that isn't a text, or too long. */
export function repeatText(value: Value, times: number): Value | undefined {
  if (value.kind !== "text" || !Number.isInteger(times) || times < 0) return undefined;
  const length = value.parts.reduce((sum, part) => sum + (typeof part === "string" ? part.length : 1), 0);
  if (length * times > MAX_REPEATED) return undefined;
  return value.parts.length === 0
    ? text("")
    : { ...value, parts: mapText(value.parts, (known) => known.repeat(times)) };
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
