import { oneLine } from "./plain";

/**
 * Markdown that can be shown: its markup is ours, and text from anywhere else stands in code spans or is escaped, so
 * that nothing in it becomes a link, a picture or HTML. Made by `markup`, `prose` and `join` only.
 */
export class Markdown {
  private constructor(readonly text: string) {}
  /** Markup of our own. Only for this file: everybody else uses the functions below. */
  static readonly fromOwn = (text: string): Markdown => new Markdown(text);
}

/** A template of our own markup; a string in it becomes a code span, a number and other Markdown stand as they are. */
export const markup = (pieces: TemplateStringsArray, ...values: readonly (Markdown | string | number)[]): Markdown =>
  Markdown.fromOwn(
    pieces
      .map((piece, at) => piece + (at < values.length ? written(values[at] as Markdown | string | number) : ""))
      .join(""),
  );

const written = (value: Markdown | string | number): string =>
  value instanceof Markdown ? value.text : typeof value === "number" ? String(value) : codeSpan(value);

/** Parts that aren't empty, with a separator of our own between them. */
export const join = (parts: readonly Markdown[], separator: string): Markdown =>
  Markdown.fromOwn(
    parts
      .map(({ text }) => text)
      .filter((text) => text !== "")
      .join(separator),
  );

/** Words that read as they are, not as code: every character that Markdown could take for markup is escaped. */
export const prose = (text: string): Markdown =>
  Markdown.fromOwn(
    oneLine(text)
      .replace(/\s+/g, " ")
      .trim()
      .replace(/[!-/:-@[-`{-~]/g, "\\$&"),
  );

/** Words of ours in which names stand between backticks: each name becomes a code span, all else reads as it is. */
export const withCodeSpans = (text: string): Markdown =>
  Markdown.fromOwn(
    text
      .split("`")
      .map((piece, at) => {
        if (at % 2 === 1) return codeSpan(piece);
        const [before, after] = [/^\s/.test(piece), piece.trim() !== "" && /\s$/.test(piece)];
        return `${before ? " " : ""}${prose(piece).text}${after ? " " : ""}`;
      })
      .join(""),
  );

/** A figure or time as we write them, which needs no escaping but of `~`; anything else is treated as prose. */
export const figure = (text: string): Markdown =>
  /^[\d,.:$+~≤≈×?TZ -]*$/.test(text) ? Markdown.fromOwn(text.replaceAll("~", "\\~")) : prose(text);

/** A link that runs a command of ours, where the Markdown is shown with it enabled. */
export const commandLink = (title: string, command: string, args: readonly unknown[]): Markdown =>
  Markdown.fromOwn(
    `[${prose(title).text}](command:${command}?${encodeURIComponent(JSON.stringify(args)).replace(/[!'()*]/g, percentEncoded)})`,
  );

const percentEncoded = (character: string): string => `%${character.charCodeAt(0).toString(16)}`;

/** A code span that holds any text: its fence is longer than every run of backticks in it. A `|` would end a table's cell. */
function codeSpan(text: string): string {
  const line = oneLine(text).replace(/\s+/g, " ").replaceAll("|", "¦");
  if (line.trim() === "") return "` `";
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = "`".repeat(longest + 1);
  const padding = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${padding}${line}${padding}${fence}`;
}
