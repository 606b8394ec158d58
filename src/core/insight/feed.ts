import { TelemetryError } from "../telemetry/store";
import type { Insight, Selection } from "./insight";

/** What a view gets: the last good data stays, whatever happens after it. */
export interface FeedState {
  selection: Selection;
  insight: Insight | null;
  /** Why the newest question failed; the data, where there is some, is older then. */
  failure: { kind: string; message: string; nextStep: string } | null;
  isLoading: boolean;
}

interface Options {
  /** Milliseconds between questions while the view is visible. */
  everyMs: () => number;
  /** Milliseconds that must lie between two questions, however often the source changes. */
  leastMs: number;
  /** The longest pause after failures, in milliseconds. */
  mostMs: number;
}

/**
 * Keeps one view's data fresh: asks while the view is visible and never otherwise, one question at a time; a new
 * selection cancels the question before it. After failures it asks less and less often, at random moments, so that
 * many windows do not all come back at once.
 */
export class Feed {
  private state: FeedState;
  private isVisible = false;
  private isStale = true;
  private failures = 0;
  private askedAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | null = null;
  private asking: AbortController | null = null;

  constructor(
    selection: Selection,
    private readonly ask: (selection: Selection, signal: AbortSignal) => Promise<Insight>,
    private readonly publish: (state: FeedState) => void,
    private readonly options: Options,
  ) {
    this.state = { selection, insight: null, failure: null, isLoading: false };
  }

  get current(): FeedState {
    return this.state;
  }

  /** A hidden view asks nothing; one that is shown again asks at once if its data has grown old. */
  show(isVisible: boolean): void {
    if (this.isVisible === isVisible) return;
    this.isVisible = isVisible;
    if (!isVisible) return this.wait(null);
    if (this.isStale || performance.now() - this.askedAt > this.options.everyMs()) this.refresh();
    else this.schedule();
  }

  /** Looks at something else from now on. */
  select(selection: Selection): void {
    this.cancel();
    this.update({ selection });
    this.refresh();
  }

  /** The source has something new: it is asked soon. */
  changed(): void {
    this.isStale = true;
    if (!this.isVisible || this.asking !== null || this.failures > 0) return;
    this.wait(Math.max(0, this.askedAt + this.options.leastMs - performance.now()));
  }

  /** The source is another one: what it said is no longer of interest. */
  reset(): void {
    this.cancel();
    this.failures = 0;
    this.update({ insight: null, failure: null });
    this.refresh();
  }

  /** Asks now, if anybody sees it. */
  refresh(): void {
    this.isStale = true;
    this.wait(null);
    if (this.isVisible && this.asking === null) void this.run();
  }

  private async run(): Promise<void> {
    const asking = new AbortController();
    this.asking = asking;
    this.askedAt = performance.now();
    this.isStale = false;
    this.update({ isLoading: true });
    try {
      const insight = await this.ask(this.state.selection, asking.signal);
      if (this.asking !== asking) return;
      this.failures = 0;
      this.asking = null;
      this.update({ insight, failure: null, isLoading: false });
    } catch (error) {
      if (this.asking !== asking) return;
      this.asking = null;
      this.failures++;
      this.update({ failure: failureOf(error), isLoading: false });
    }
    this.schedule();
  }

  private schedule(): void {
    if (!this.isVisible) return;
    if (this.isStale && this.failures === 0) return this.wait(this.options.leastMs);
    const every = this.options.everyMs();
    const pause = this.failures === 0 ? every : Math.min(this.options.mostMs, every * 2 ** this.failures);
    // Somewhere between half of the pause and all of it.
    this.wait(this.failures === 0 ? pause : pause * (0.5 + Math.random() / 2));
  }

  private wait(ms: number | null): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = ms === null ? null : setTimeout(() => this.refresh(), ms);
  }

  private cancel(): void {
    this.asking?.abort(new TelemetryError("cancelled", "Cancelled.", "", true));
    this.asking = null;
  }

  private update(change: Partial<FeedState>): void {
    this.state = { ...this.state, ...change };
    this.publish(this.state);
  }

  dispose(): void {
    this.cancel();
    this.wait(null);
    this.isVisible = false;
  }
}

function failureOf(error: unknown): NonNullable<FeedState["failure"]> {
  const nextStep = error instanceof Error && "nextStep" in error ? String(error.nextStep) : "Show the log for details.";
  const kind = error instanceof Error && "kind" in error ? String(error.kind) : "unexpected";
  return { kind, message: error instanceof Error ? error.message : String(error), nextStep };
}
