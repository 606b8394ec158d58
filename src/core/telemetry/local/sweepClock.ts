const DAY_US = 86_400_000_000;

/** What the store remembers between two starts, in microseconds, UTC; null in a new store. */
export interface ClockMemory {
  /** When the store was opened, by the system's clock; kept for a day before it is written again. */
  lastStartUs: number | null;
  /** The time that was agreed on when the store was last swept. */
  agreedUs: number | null;
}

/**
 * Which time it is, for deleting what is too old. A clock that is wrong must not empty the store, so the system's time
 * is believed only as far as an earlier start, a day ago or more, had come to it too. From there on the store measures
 * time by a clock that nobody sets. A wrong clock at one start, or at several within a day, deletes nothing.
 */
export class SweepClock {
  private readonly atStartUs: number;
  private readonly startedMs = performance.now();

  constructor(
    private readonly startUs: number,
    private readonly memory: ClockMemory,
  ) {
    const { lastStartUs, agreedUs } = memory;
    const believed = lastStartUs !== null && this.isEarlierStart ? Math.max(lastStartUs, agreedUs ?? 0) : agreedUs;
    this.atStartUs = Math.min(startUs, believed ?? startUs);
  }

  private get isEarlierStart(): boolean {
    const { lastStartUs } = this.memory;
    return lastStartUs === null || this.startUs - lastStartUs >= DAY_US;
  }

  /** The start to remember: a clock that was set back begins again. */
  get startToRemember(): number {
    const { lastStartUs } = this.memory;
    return lastStartUs === null || this.isEarlierStart || this.startUs < lastStartUs ? this.startUs : lastStartUs;
  }

  /** Microseconds, UTC; never later than the system's time. */
  now(): number {
    return Math.min(Date.now() * 1000, this.atStartUs + (performance.now() - this.startedMs) * 1000);
  }
}
