import { counted } from "../figures";

/**
 * Why a span that arrived is not stored, in words that follow "N spans rejected:". The keys are stable:
 * `prompt-cost receive --json` reports them.
 */
export const rejectionReasons = {
  "malformed-span": "the span is malformed",
  "malformed-group": "an entry of resourceSpans or scopeSpans is malformed; it counts as one span",
  "invalid-id": "the trace id or span id is missing or malformed",
  "no-start-time": "the start time is missing or not a number",
  "start-in-seconds": "start time looks like seconds; OTLP wants nanoseconds",
  "start-in-milliseconds": "start time looks like milliseconds; OTLP wants nanoseconds",
  "start-in-microseconds": "start time looks like microseconds; OTLP wants nanoseconds",
  "start-in-future": "start time is more than a day in the future",
  "too-old": "older than the retention period of the local store",
  "no-end-time": "the end time is missing or not a number",
  "end-in-seconds": "end time looks like seconds; OTLP wants nanoseconds",
  "end-in-milliseconds": "end time looks like milliseconds; OTLP wants nanoseconds",
  "end-in-microseconds": "end time looks like microseconds; OTLP wants nanoseconds",
  "end-before-start": "the end time is before the start time",
  "duration-too-long": "the call would have lasted more than seven days",
  "invalid-tokens": "a token count is not a whole number from 0 to 100,000,000",
} as const;

export type RejectionReason = keyof typeof rejectionReasons;

/**
 * What was left out of a span that is stored, or is wrong with a request that was taken, in words that follow
 * "N spans accepted with a warning:". The keys are stable, too.
 */
export const warningReasons = {
  "cost-ignored": "the cost is not a number of USD from 0 to 100,000; it is priced from its tokens, or unknown",
  "first-token-ignored": "the time to first token is not a plausible time; it is unknown",
  "part-ignored": "an attribute or the status is malformed; it is unknown",
  "line-ignored": "the line number is not a whole number from 1; it is unknown",
} as const;

export type WarningReason = keyof typeof warningReasons;

/** Counts by reason, in the order in which the reasons were first met. */
export class Tally<Reason extends string> {
  private readonly counts = new Map<Reason, number>();

  add(reason: Reason, count = 1): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + count);
  }

  addAll(other: Tally<Reason>): void {
    for (const [reason, count] of other.counts) this.add(reason, count);
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  entries(): [Reason, number][] {
    return [...this.counts];
  }
}

/** The message of a `partial_success`: what was rejected and why, then what was ignored; empty where all is well. */
export function messageOf(rejected: Tally<RejectionReason>, warnings: Tally<WarningReason>): string {
  return [
    ...rejected.entries().map(([reason, count]) => `${counted(count, "span")} rejected: ${rejectionReasons[reason]}.`),
    ...warnings
      .entries()
      .map(([reason, count]) => `${counted(count, "span")} accepted with a warning: ${warningReasons[reason]}.`),
  ].join(" ");
}
