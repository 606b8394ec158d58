/**
 * Which time it is, for deleting what is too old. A clock that is wrong must not empty the store: the system's time
 * counts only as far as another clock agrees, which is the newest span or the time of the last start. What the store's
 * process has measured since its own start is added, by a clock that nobody sets.
 */
export class SweepClock {
  private readonly atStartUs: number;
  private readonly startedMs = performance.now();

  /**
   * @param now of the system, @param newestUs start of the newest span, @param lastStartUs when the store was opened
   *   before; microseconds, UTC, null where there is none.
   */
  constructor(nowUs: number, newestUs: number | null, lastStartUs: number | null) {
    const [, agreed = nowUs] = [nowUs, newestUs ?? 0, lastStartUs ?? 0].sort((a, b) => b - a);
    this.atStartUs = Math.min(nowUs, newestUs === null ? nowUs : agreed);
  }

  /** Microseconds, UTC; never later than the system's time. */
  now(): number {
    return Math.min(Date.now() * 1000, this.atStartUs + (performance.now() - this.startedMs) * 1000);
  }
}
