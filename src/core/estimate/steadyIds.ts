import { type CallId, nextCallId, placeOfCall } from "../calls/callId";
import type { Edit } from "../edit";
import type { EstimatedCall } from "./analysis";

/**
 * The calls of an edited text under the identities they had before: that another call is typed above, or taken away,
 * renames none. A call that wasn't there before gets an identity that no other has, `kept` ones included.
 */
export function withSteadyIds(
  before: readonly EstimatedCall[],
  now: readonly EstimatedCall[],
  kept: readonly EstimatedCall[],
  edit: Edit,
): EstimatedCall[] {
  const taken = new Set<CallId>(kept.map(({ id }) => id));
  const ids = new Map<EstimatedCall, CallId>();
  const take = (call: EstimatedCall, id: CallId | undefined): void => {
    if (id === undefined || ids.has(call) || taken.has(id)) return;
    ids.set(call, id);
    taken.add(id);
  };
  const byStart = new Map(before.map(({ start, id }) => [anchoredStart(start, edit), id]));
  const byEnd = new Map(before.map(({ end, id }) => [anchoredEnd(end, edit), id]));
  for (const call of now) take(call, byStart.get(call.start));
  for (const call of now) take(call, byEnd.get(call.end));
  for (const [call, id] of inOrder(
    before.filter(({ id }) => !taken.has(id)),
    now.filter((call) => !ids.has(call)),
  ))
    take(call, id);
  for (const call of now) {
    let { id } = call;
    while (!ids.has(call) && taken.has(id)) id = nextCallId(id);
    take(call, id);
  }
  return now.map((call) => ({ ...call, id: ids.get(call) ?? call.id }));
}

/** Where the whole text has changed, as by a formatter: as many calls at a place as before are the same ones. */
function inOrder(before: readonly EstimatedCall[], now: readonly EstimatedCall[]): [EstimatedCall, CallId][] {
  const old = byPlace(before);
  return [...byPlace(now)].flatMap(([place, calls]) => {
    const were = old.get(place) ?? [];
    if (were.length !== calls.length) return [];
    return calls.map((call, at): [EstimatedCall, CallId] => [call, were[at]?.id ?? call.id]);
  });
}

function byPlace(calls: readonly EstimatedCall[]): Map<string, EstimatedCall[]> {
  const places = new Map<string, EstimatedCall[]>();
  for (const call of calls) {
    const place = placeOfCall(call.id);
    places.set(place, [...(places.get(place) ?? []), call]);
  }
  return places;
}

/** Where the character at this offset is now; undefined where the edit took it away. */
const anchoredStart = (offset: number, { start, oldEnd, newEnd }: Edit): number | undefined =>
  offset < start ? offset : offset >= oldEnd ? offset + newEnd - oldEnd : undefined;

/** Where what ended at this offset ends now; undefined where the edit took its last character away. */
const anchoredEnd = (offset: number, { start, oldEnd, newEnd }: Edit): number | undefined =>
  offset <= start ? offset : offset > oldEnd ? offset + newEnd - oldEnd : undefined;
