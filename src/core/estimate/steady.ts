import { type Edit, editBetween } from "../edit";
import type { Analysis, EstimatedCall } from "./analyser";

/** A text and the calls that were found in it. */
export interface Round {
  text: string;
  calls: readonly EstimatedCall[];
}

/** So much of a call's beginning must still stand for the call to be taken as the same. */
const BEGINNING = 24;

/**
 * The calls to show after an edit. A call that the half-typed text has lost for the moment keeps its last
 * estimate, moved with the text, so that hints neither flicker nor make the lines jump; a call whose text is
 * gone is gone.
 */
export function steadyCalls(before: Round | undefined, text: string, now: Analysis): EstimatedCall[] {
  if (before === undefined || !now.hasErrors || before.calls.length === 0) return now.calls;
  const edit = editBetween(before.text, text);
  const found = new Set(now.calls.map((call) => call.start));
  const idsBefore = new Map(before.calls.map(({ start, id }) => [moved(start, edit), id]));
  // While a call is lost, the ordinals of those behind it are not theirs.
  const known = now.calls.map((call) => ({ ...call, id: idsBefore.get(call.start) ?? call.id }));
  const kept = before.calls.flatMap((call): EstimatedCall[] => {
    const start = moved(call.start, edit);
    const end = Math.max(start, moved(call.end, edit));
    const beginning = before.text.slice(call.start, Math.min(call.end, call.start + BEGINNING));
    const isThere = text.startsWith(beginning.split("(")[0] ?? beginning, start);
    return found.has(start) || !isThere ? [] : [{ ...call, start, end }];
  });
  return [...known, ...kept].sort((a, b) => a.start - b.start);
}

const moved = (offset: number, { start, oldEnd, newEnd }: Edit): number =>
  offset <= start ? offset : offset >= oldEnd ? offset + newEnd - oldEnd : start;
