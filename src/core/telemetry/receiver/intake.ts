import type { LlmSpan } from "../llmSpan";
import type { WriteResult } from "../local/ownedStore";
import { type RejectionReason, Tally } from "../rejection";
import type { Ticket } from "./admission";

/** Spans of one transaction: many small requests share one, and one never takes long. */
const MAX_BATCH = 2_000;
/**
 * Turns of the event loop between two writes. In a turn one new connection is accepted, and what has arrived is read;
 * with a write in every turn, the last of many senders would be accepted after their time-out. Idle turns take
 * microseconds.
 */
const TURNS_BETWEEN_WRITES = 50;

interface Waiting {
  spans: readonly LlmSpan[];
  ticket: Ticket;
  done: (rejected: Tally<RejectionReason>) => void;
  failed: (error: unknown) => void;
}

/** Gathers what arrives together into one transaction, and answers each sender when its spans are on disk. */
export class Intake {
  private queue: Waiting[] = [];
  private isScheduled = false;
  private lastWriteAt = 0;
  /** Spans that wait to be written. */
  waitingSpans = 0;

  /** @param measure is given how many bytes of requests were worked off in how many seconds. */
  constructor(
    private readonly write: (spans: readonly LlmSpan[]) => WriteResult,
    private readonly measure: (bytes: number, seconds: number) => void,
  ) {}

  /** Resolves when the spans are durable, with what the store rejected of them. */
  add(spans: readonly LlmSpan[], ticket: Ticket): Promise<Tally<RejectionReason>> {
    if (spans.length === 0) return Promise.resolve(new Tally());
    this.waitingSpans += spans.length;
    return new Promise((done, failed) => {
      this.queue.push({ spans, ticket, done, failed });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isScheduled || this.queue.length === 0) return;
    this.isScheduled = true;
    // After the input that is already there: other requests may have arrived with this one.
    let turns = TURNS_BETWEEN_WRITES;
    const turn = (): void => {
      if (--turns > 0) {
        setImmediate(turn);
        return;
      }
      this.isScheduled = false;
      this.flush();
      this.schedule();
    };
    setImmediate(turn);
  }

  private flush(): void {
    let size = 0;
    let bytes = 0;
    const batch: Waiting[] = [];
    while (this.queue.length > 0 && (size === 0 || size + (this.queue[0]?.spans.length ?? 0) <= MAX_BATCH)) {
      const next = this.queue.shift();
      if (next === undefined) break;
      size += next.spans.length;
      bytes += next.ticket.bytes;
      batch.push(next);
    }
    this.waitingSpans -= size;
    // While requests queue up, all time between two writes is work for them; otherwise, the time since they arrived.
    const since = Math.max(this.lastWriteAt, batch[0]?.ticket.readAt ?? 0);
    try {
      const { rejected } = this.write(batch.flatMap(({ spans }) => spans));
      this.lastWriteAt = performance.now();
      this.measure(bytes, (this.lastWriteAt - since) / 1000);
      for (const { spans, done } of batch) done(rejectedOf(spans, rejected));
    } catch (error) {
      for (const { failed } of batch) failed(error);
    }
  }
}

function rejectedOf(spans: readonly LlmSpan[], rejected: WriteResult["rejected"]): Tally<RejectionReason> {
  const tally = new Tally<RejectionReason>();
  if (rejected.size === 0) return tally;
  for (const span of spans) {
    const reason = rejected.get(span);
    if (reason !== undefined) tally.add(reason);
  }
  return tally;
}
