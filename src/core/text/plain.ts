/**
 * Text that others wrote (code, spans, file names, servers) made safe for places that take plain text. What can't be
 * shown is replaced by `�`, so that something is seen to be there; letters of every script stay as they are.
 */

/** Control characters (C0, DEL, C1), line separators, and the marks that reorder what is read (bidirectional text). */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const LINE_BREAKS_AND_TABS = /\r\n|[\t\n\v\f\r\u0085\u2028\u2029]/g;
/** Invisible, and enough to break a piece of markup apart. */
const ZERO_WIDTH_SPACE = "\u200b";

/** One line of plain text: line breaks and tabs become spaces. */
export const oneLine = (text: string): string => text.replace(LINE_BREAKS_AND_TABS, " ").replace(UNSAFE, "�");

/** Several lines of plain text: line feeds, tabs and the carriage returns of line ends stay. */
export const severalLines = (text: string): string =>
  text.replace(UNSAFE, (found, at: number) =>
    found === "\n" || found === "\t" || (found === "\r" && text[at + 1] === "\n") ? found : "�",
  );

/**
 * One line for the editor's own labels and messages. VS Code draws `$(name)` in them as an icon, and `[text](address)`
 * as a link that may run a command: neither comes out of this.
 */
export const label = (text: string): string =>
  oneLine(text).replaceAll("$(", `$${ZERO_WIDTH_SPACE}(`).replaceAll("](", `]${ZERO_WIDTH_SPACE}(`);

/**
 * JSON in which nothing that moves a terminal's cursor or reorders its text stands raw.
 * @param indent 0 for all on one line
 */
export const jsonText = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(UNSAFE, (found) =>
    found === "\n" ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
