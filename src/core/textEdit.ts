import { type Edit, editBetween } from "./edit";

/** A change of a text: what stands from `start` to `end` (UTF-16 units) becomes `text`. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/** A text with edits made that all lie in it as it is. They don't overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = "";
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/**
 * Makes changes in their order, each in the text that the one before has left.
 * @returns the new text and the one edit that covers all changes; null where a change lies outside of the text.
 */
export function applyChanges(text: string, changes: readonly TextEdit[]): { text: string; edit: Edit } | null {
  let now = text;
  let covering: Edit | null = null;
  for (const { start, end, text: put } of changes) {
    if (start < 0 || end < start || end > now.length) return null;
    now = now.slice(0, start) + put + now.slice(end);
    const edit = { start, oldEnd: end, newEnd: start + put.length };
    covering = covering === null ? edit : editAfter(covering, edit);
  }
  return { text: now, edit: covering ?? { start: 0, oldEnd: 0, newEnd: 0 } };
}

/** The edit that covers an edit and one that was made after it. */
export function editAfter(first: Edit, second: Edit): Edit {
  return {
    start: Math.min(first.start, second.start),
    oldEnd: first.oldEnd + Math.max(0, second.oldEnd - first.newEnd),
    newEnd: second.newEnd + Math.max(0, first.newEnd - second.oldEnd),
  };
}

/**
 * What an edit really changes: editors replace more than that, as where a word or a whole file is written again.
 * @returns undefined where the edit can't be what turns one text into the other.
 */
export function narrowed({ start, oldEnd, newEnd }: Edit, before: string, after: string): Edit | undefined {
  const isPossible =
    start <= oldEnd && start <= newEnd && oldEnd <= before.length && before.length - oldEnd === after.length - newEnd;
  if (!isPossible) return undefined;
  const within = editBetween(before.slice(start, oldEnd), after.slice(start, newEnd));
  return { start: start + within.start, oldEnd: start + within.oldEnd, newEnd: start + within.newEnd };
}
