import { type Edit, editBetween } from "../edit";
import type { Analysis, EstimatedCall } from "./analysis";
import { withSteadyIds } from "./steadyIds";

/** A text and the calls that were found in it. */
export interface Round {
  text: string;
  calls: readonly EstimatedCall[];
}

/** So much of a call's beginning must still stand for the call to be taken as the same. */
const BEGINNING = 24;

/**
 * The calls to show after an edit, each with the identity it had before. A call that the half-typed text has lost for
 * the moment keeps its last estimate, moved with the text, so that hints neither flicker nor make the lines jump; a
 * call whose text is gone is gone.
 * @param given the edit that made the text; found by comparing the texts where it isn't given.
 */
export function steadyCalls(
  before: Round | undefined,
  text: string,
  now: Analysis,
  given: Edit | undefined,
): EstimatedCall[] {
  if (before === undefined || before.calls.length === 0) return now.calls;
  const edit = atLineStart(given ?? editBetween(before.text, text), before.text, text);
  const kept = now.hasErrors ? lostForNow(before, text, now.calls, edit) : [];
  const calls = [...withSteadyIds(before.calls, now.calls, kept, edit), ...kept];
  return calls.sort((a, b) => a.start - b.start);
}

function lostForNow(before: Round, text: string, found: readonly EstimatedCall[], edit: Edit): EstimatedCall[] {
  const starts = new Set(found.map(({ start }) => start));
  const ends = new Set(found.map(({ end }) => end));
  return before.calls.flatMap((call): EstimatedCall[] => {
    const start = movedStart(call.start, edit);
    const end = Math.max(start, movedEnd(call.end, edit));
    const beginning = before.text.slice(call.start, Math.min(call.end, call.start + BEGINNING));
    const isThere = text.startsWith(beginning.split("(")[0] ?? beginning, start);
    // What stands above may have been read as its beginning for the moment: `client.⏎client.chat…`.
    const isFound = starts.has(start) || ends.has(end);
    return isFound || !isThere ? [] : [{ ...call, start, end }];
  });
}

/**
 * Of the edits that make the same text, the nearest that begins at the start of a line: a line put above one that
 * begins alike went in as a line, not between the words of the other.
 */
function atLineStart(edit: Edit, before: string, after: string): Edit {
  for (let by = 0; ; by++) {
    const [start, oldEnd, newEnd] = [edit.start - by, edit.oldEnd - by, edit.newEnd - by];
    const previous = before[start - 1];
    if (previous === undefined || previous === "\n") return { start, oldEnd, newEnd };
    if (before[oldEnd - 1] !== previous || after[newEnd - 1] !== previous) return edit;
  }
}

/** Where the character at this offset is now; the edit's start where it was taken away. */
const movedStart = (offset: number, { start, oldEnd, newEnd }: Edit): number =>
  offset < start ? offset : offset >= oldEnd ? offset + newEnd - oldEnd : start;

/** Where what ended at this offset ends now. */
const movedEnd = (offset: number, { start, oldEnd, newEnd }: Edit): number =>
  offset <= start ? offset : offset >= oldEnd ? offset + newEnd - oldEnd : start;
