/** A stretch of a file's text to parse by itself. */
export interface Stretch {
  text: string;
  /** Offset in the file (UTF-16 units). */
  start: number;
}

/**
 * Cuts a text before every line that looks like the start of a definition or statement. The first line's
 * indentation is left out of a part, so that a method parses like a function.
 */
export function cutIntoParts(text: string, start: number, partStart: RegExp): Stretch[] {
  const parts: Stretch[] = [];
  let from = 0;
  const cut = (to: number): void => {
    if (to <= from) return;
    const indentation = /^[ \t]*/.exec(text.slice(from, to))?.[0].length ?? 0;
    parts.push({ text: text.slice(from + indentation, to), start: start + from + indentation });
    from = to;
  };
  for (let line = 0; line < text.length;) {
    const next = text.indexOf("\n", line) + 1;
    // Long lines are data, not the start of a definition.
    if (partStart.test(text.slice(line, line + 200))) cut(line);
    if (next === 0) break;
    line = next;
  }
  cut(text.length);
  return parts;
}
