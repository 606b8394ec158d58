import { z } from "zod";
import { Tally, type RejectionReason, type WarningReason } from "../rejection";

const count = z.number();
const spansByReason = z.array(z.object({ reason: z.string(), spans: count }));

/** What the receiver says of itself: counts and reasons only, nothing that a sender wrote. The shape is stable. */
export const receiverMetrics = z.object({
  /** When it started to count, in ISO 8601, UTC. */
  since: z.string(),
  /** Requests by what became of them; the others are in the queue. `gone`: closed by the sender before they were whole. */
  requests: z.object({ received: count, accepted: count, refused: count, gone: count }),
  spans: z.object({
    /** Calls that are new in the local store. */
    stored: count,
    /** Calls that were there already: sent twice. */
    duplicate: count,
    /** Not stored, each with a reason in `dropped`. */
    dropped: count,
    /** Spans that are no calls to a model; they are taken and not kept. */
    other: count,
  }),
  /**
   * What is admitted and not answered yet (`spans`: decoded, and not written yet); how many requests are `held` before
   * that, unread; and the rate at which it drains, measured lately.
   */
  queue: z.object({ requests: count, spans: count, bytes: count, held: count, bytesPerSecond: count }),
  refused: z.array(z.object({ status: count, reason: z.string(), requests: count })),
  dropped: spansByReason,
  warnings: spansByReason,
});
export type ReceiverMetrics = z.infer<typeof receiverMetrics>;

/** Counts what the receiver does. */
export class MetricsCounter {
  private readonly since = new Date().toISOString();
  private readonly requests = { received: 0, accepted: 0, refused: 0, gone: 0 };
  private readonly spans = { stored: 0, duplicate: 0, other: 0 };
  private readonly refused = new Map<string, ReceiverMetrics["refused"][number]>();
  private readonly rejected = new Tally<RejectionReason>();
  private readonly warnings = new Tally<WarningReason>();

  /** @param onChange called after every change; it should cost nothing. */
  constructor(private readonly onChange: () => void) {}

  countRequest(outcome: "received" | "accepted" | "gone"): void {
    this.requests[outcome]++;
    this.onChange();
  }

  countRefusal({ status, reason }: { status: number; reason: string }): void {
    this.requests.refused++;
    const key = `${status} ${reason}`;
    const found = this.refused.get(key) ?? { status, reason, requests: 0 };
    found.requests++;
    this.refused.set(key, found);
    this.onChange();
  }

  countSpans(kind: "stored" | "duplicate" | "other", spans: number): void {
    this.spans[kind] += spans;
  }

  countProblems(rejected: Tally<RejectionReason>, warnings: Tally<WarningReason>): void {
    this.rejected.addAll(rejected);
    this.warnings.addAll(warnings);
  }

  snapshot(queue: ReceiverMetrics["queue"]): ReceiverMetrics {
    const byReason = (tally: Tally<string>): ReceiverMetrics["dropped"] =>
      tally.entries().map(([reason, spans]) => ({ reason, spans }));
    return {
      since: this.since,
      requests: { ...this.requests },
      spans: { ...this.spans, dropped: this.rejected.total },
      queue,
      refused: [...this.refused.values()].map((one) => ({ ...one })),
      dropped: byReason(this.rejected),
      warnings: byReason(this.warnings),
    };
  }
}
