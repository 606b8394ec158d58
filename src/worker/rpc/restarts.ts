/** Milliseconds to wait after the first, second, … failure that nothing explains. After the last one it is over. */
const WAITS = [0, 1_000, 4_000, 16_000, 64_000];
/** Failures longer ago than this are forgotten (ms). */
const MEMORY = 10 * 60_000;

/** When a worker that failed is started again: failures that nothing explains come ever later, and then never. */
export class Restarts {
  private failures: number[] = [];

  constructor(private readonly waits: readonly number[] = WAITS) {}

  /**
   * @param isExplained whether it is known what the worker failed at, and it will not be given that again.
   * @param now milliseconds.
   * @returns milliseconds to wait, or null where it should stay down.
   */
  after(isExplained: boolean, now = performance.now()): number | null {
    this.failures = this.failures.filter((at) => now - at < MEMORY);
    if (isExplained) return 0;
    this.failures.push(now);
    return this.waits[this.failures.length - 1] ?? null;
  }

  forget(): void {
    this.failures = [];
  }
}
