import { Failure, type FailureValue } from "../../core/failure";

/** How long the same request, having ended the worker, isn't sent again (ms). */
const REFUSED_FOR = 5 * 60_000;
const MAX_REFUSED = 50;

export const failureOf = ({ kind, message, nextStep, isTransient }: FailureValue): Failure =>
  new Failure(kind, message, nextStep, isTransient);

interface Waiting {
  key: () => string;
  settle: (result: { output: unknown } | { failure: Failure }) => void;
}

/** Requests on their way: each is settled exactly once, whatever becomes of the worker. */
export class Pending {
  private readonly waiting = new Map<number, Waiting>();
  private readonly refused = new Map<string, { until: number; failure: Failure }>();
  private nextId = 1;

  /** Waits for the answer to a request. @param send sends it, by its number. @throws Failure */
  ask(
    key: () => string,
    send: (id: number) => void,
    {
      timeoutMs,
      signal,
      cancel,
    }: { timeoutMs: number; signal?: AbortSignal | undefined; cancel: (id: number) => void },
  ): Promise<unknown> {
    const refusal = this.refusalOf(key);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (signal?.aborted === true) return Promise.reject(cancelled());
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const settle: Waiting["settle"] = (result) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.waiting.delete(id);
        if ("output" in result) resolve(result.output);
        else reject(result.failure);
      };
      const giveUp = (failure: Failure): void => {
        cancel(id);
        settle({ failure });
      };
      const abort = (): void => giveUp(cancelled());
      const timer = setTimeout(
        () => giveUp(new Failure("timeout", `There was no answer within ${timeoutMs / 1000} s.`, "Try again.", true)),
        timeoutMs,
      );
      timer.unref();
      signal?.addEventListener("abort", abort, { once: true });
      this.waiting.set(id, { key, settle });
      send(id);
    });
  }

  answered(id: number, output: unknown): void {
    this.waiting.get(id)?.settle({ output });
  }

  failed(id: number, failure: FailureValue): void {
    this.waiting.get(id)?.settle({ failure: failureOf(failure) });
  }

  failAll(failure: Failure): void {
    for (const { settle } of [...this.waiting.values()]) settle({ failure });
  }

  /** A request that ended the worker isn't sent again for a while: who repeats it gets this answer. */
  refuse(id: number, failure: Failure): void {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    if (this.refused.size >= MAX_REFUSED) this.refused.clear();
    this.refused.set(waiting.key(), { until: performance.now() + REFUSED_FOR, failure });
    waiting.settle({ failure });
  }

  forgetRefused(): void {
    this.refused.clear();
  }

  private refusalOf(key: () => string): Failure | undefined {
    if (this.refused.size === 0) return undefined;
    const found = this.refused.get(key());
    return found === undefined || found.until < performance.now() ? undefined : found.failure;
  }
}

const cancelled = (): Failure => new Failure("cancelled", "Cancelled.", "", true);
