import type { Pulse } from "./pulse";

/** All in milliseconds. */
export interface WatchdogTimes {
  /** A worker that has something to do and gives no sign of life for so long has hung. */
  silenceMs: number;
  /** The same for one that has only begun to load its code. */
  startMs: number;
  /** Between two looks at a worker that has something to do. */
  tickMs: number;
  /** Between two looks at one that has not, where it may come to hang by itself. */
  idleMs: number;
}

export const watchdogTimes: WatchdogTimes = { silenceMs: 5_000, startMs: 60_000, tickMs: 500, idleMs: 5_000 };

/**
 * Finds out that a worker hangs, from outside of it. Silence is counted in looks: while the computer sleeps, or this
 * thread is held by a debugger, nobody looks, and nothing is held against the worker.
 */
export class Watchdog {
  /** Whether a worker that was given nothing to do is looked at too, as it may take up work by itself. */
  watchesIdle = false;
  private timer: NodeJS.Timeout | undefined;
  private isIdle = true;
  private silentMs = 0;
  private seen: number;
  private posted = 0;

  /** @param ping sends the worker a message that it has only to take. @param hung called once. */
  constructor(
    private readonly pulse: Pulse,
    private readonly times: WatchdogTimes,
    private readonly ping: () => void,
    private readonly hung: () => void,
  ) {
    this.seen = pulse.beats;
  }

  /** To be called with every message that goes to the worker. */
  sent(): void {
    this.posted++;
    this.look();
  }

  /** Begins to look, where it doesn't already. */
  look(): void {
    if (this.timer !== undefined && !this.isIdle) return;
    clearTimeout(this.timer);
    this.silentMs = 0;
    this.next(false);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private next(isIdle: boolean): void {
    this.isIdle = isIdle;
    const from = performance.now();
    // Another 2 ticks at most: who comes later than that has slept.
    this.timer = setTimeout(
      () => this.tick(Math.min(performance.now() - from, 2 * this.times.tickMs)),
      isIdle ? this.times.idleMs : this.times.tickMs,
    );
    this.timer.unref();
  }

  private tick(elapsedMs: number): void {
    this.timer = undefined;
    const { beats } = this.pulse;
    const isWaiting = this.pulse.handled !== this.posted;
    this.silentMs = beats === this.seen && !this.isIdle ? this.silentMs + elapsedMs : 0;
    this.seen = beats;
    const limit = beats === 0 ? this.times.startMs : Math.max(this.times.silenceMs, this.pulse.patienceMs);
    if (this.silentMs >= limit) return this.hung();
    if (isWaiting || this.pulse.isBusy) {
      if (!isWaiting) this.poke();
      this.next(false);
    } else if (this.watchesIdle && this.isIdle) {
      this.poke();
      this.next(false);
    } else if (this.watchesIdle) {
      this.next(true);
    }
  }

  private poke(): void {
    this.posted++;
    this.ping();
  }
}
