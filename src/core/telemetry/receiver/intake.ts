import type { LlmSpan } from "../llmSpan";
import type { WriteResult } from "../local/ownedStore";
import { type RejectionReason, Tally } from "../rejection";
import { Refusal } from "./body";

/** Spans that may wait to be written; beyond, senders are asked to come back later. */
const MOST_WAITING = 50_000;
/** Spans of one transaction: many small requests share one, and one never takes long. */
const LARGEST_BATCH = 2_000;

interface Waiting {
  spans: readonly LlmSpan[];
  done: (rejected: Tally<RejectionReason>) => void;
  failed: (error: unknown) => void;
}

/** Gathers what arrives together into one transaction, and answers each sender when its spans are on disk. */
export class Intake {
  private queue: Waiting[] = [];
  private waitingSpans = 0;
  private isScheduled = false;

  constructor(private readonly write: (spans: readonly LlmSpan[]) => WriteResult) {}

  /** Resolves when the spans are durable, with what the store rejected of them. @throws Refusal 503 where too many wait. */
  add(spans: readonly LlmSpan[]): Promise<Tally<RejectionReason>> {
    if (spans.length === 0) return Promise.resolve(new Tally());
    if (this.waitingSpans > MOST_WAITING) throw new Refusal(503, "too many spans wait to be written");
    this.waitingSpans += spans.length;
    return new Promise((done, failed) => {
      this.queue.push({ spans, done, failed });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isScheduled || this.queue.length === 0) return;
    this.isScheduled = true;
    // After the input that is already there: other requests may have arrived with this one.
    setImmediate(() => {
      this.isScheduled = false;
      this.flush();
      this.schedule();
    });
  }

  private flush(): void {
    let size = 0;
    const batch: Waiting[] = [];
    while (this.queue.length > 0 && (size === 0 || size + (this.queue[0]?.spans.length ?? 0) <= LARGEST_BATCH)) {
      const next = this.queue.shift();
      if (next === undefined) break;
      size += next.spans.length;
      batch.push(next);
    }
    this.waitingSpans -= size;
    try {
      const { rejected } = this.write(batch.flatMap(({ spans }) => spans));
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
