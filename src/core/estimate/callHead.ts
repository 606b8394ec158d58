/** The longest callee that is looked through for its bracket; arguments may be megabytes. In UTF-16 units. */
const MAX_HEAD = 2_000;

/** Where a call's head ends: at its first bracket of arguments, so that those keep hovers and marks of their own. */
export function headEnd(text: string, start: number, end: number): number {
  // The callee may have brackets of its own: getClient().chat.completions.create(
  const last =
    /\b(?:create|acreate|parse|stream|New(?:Streaming)?|Create(?:(?:Chat)?Completion(?:Stream)?|Embeddings))\b["'\]\s]*(?:<[^(]*>)?\s*(?:\?\.)?\(/.exec(
      text.slice(start, Math.min(end, start + MAX_HEAD)),
    );
  return last === null ? Math.min(end, start + 200) : start + last.index + last[0].length - 1;
}
