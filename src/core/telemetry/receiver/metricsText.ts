import { nounOf, whole } from "../../figures";
import { type Markdown, figure, join, markup, prose } from "../../text/markdown";
import { rejectionReasons, warningReasons } from "../rejection";
import type { ReceiverMetrics } from "./metrics";
import { refusalReasons } from "./refusal";

const amount = (count: number, noun: string, plural?: string): Markdown =>
  markup`${figure(whole(count))} ${prose(nounOf(count, noun, plural))}`;

/** Bytes as megabytes: `1.2 MB`. */
export const megabytes = (bytes: number): Markdown => markup`${figure((bytes / 1e6).toFixed(1))} MB`;

/** What of a list of counts is worth a word: the first ones always, others where they aren't 0. */
const list = (...parts: readonly (Markdown | null)[]): Markdown =>
  join(
    parts.filter((part) => part !== null),
    ", ",
  );

/** The receiver's metrics as items of a list, for people. */
export function describeMetrics(metrics: ReceiverMetrics): Markdown[] {
  const { since, requests, spans, queue, refused, dropped, warnings } = metrics;
  return [
    markup`- Requests since ${figure(since)}: ${list(
      markup`${figure(whole(requests.received))} received`,
      markup`${figure(whole(requests.accepted))} accepted`,
      markup`${figure(whole(requests.refused))} refused`,
      requests.gone === 0 ? null : markup`${figure(whole(requests.gone))} closed by the sender`,
    )}`,
    markup`- Spans: ${list(
      amount(spans.stored, "call stored", "calls stored"),
      markup`${figure(whole(spans.dropped))} dropped`,
      spans.duplicate === 0 ? null : markup`${figure(whole(spans.duplicate))} received before`,
      spans.other === 0 ? null : amount(spans.other, "not a model call", "not model calls"),
    )}`,
    queue.requests === 0
      ? markup`- Queue: empty`
      : markup`- Queue: ${list(
          amount(queue.requests, "request"),
          megabytes(queue.bytes),
          markup`${amount(queue.spans, "span")} to be written`,
          queue.held === 0 ? null : amount(queue.held, "request held", "requests held"),
        )}`,
    ...refused.map(
      ({ status, reason, requests: count }) =>
        markup`- Refused: ${amount(count, "request")} with ${status}: ${wordsOf(refusalReasons, reason)}`,
    ),
    ...dropped.map(
      ({ reason, spans: count }) => markup`- Dropped: ${amount(count, "span")}: ${wordsOf(rejectionReasons, reason)}`,
    ),
    ...warnings.map(
      ({ reason, spans: count }) =>
        markup`- Stored with a warning: ${amount(count, "span")}: ${wordsOf(warningReasons, reason)}`,
    ),
  ];
}

/** Another version of this program, in another window, may know reasons that this one doesn't. */
const wordsOf = (table: Readonly<Record<string, string>>, reason: string): string =>
  Object.hasOwn(table, reason) ? (table[reason] ?? reason) : reason;
