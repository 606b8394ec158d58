import type { LocalStore } from "../core/telemetry/local/localStore";

/** Milliseconds between looks: where this process owns the store, and where it must ask the one that does. */
const OWN_EVERY = 200;
const GUEST_EVERY = 1000;

/** Tells when the local store has changed, whichever window received the spans. */
export class StoreWatch {
  private timer: NodeJS.Timeout | null = null;
  private seen: string | null = null;

  constructor(
    private readonly store: () => LocalStore | null,
    private readonly changed: () => void,
  ) {}

  set isWanted(isWanted: boolean) {
    if (isWanted && this.timer === null) this.next(0);
    if (!isWanted && this.timer !== null) {
      clearTimeout(this.timer);
      this.timer = null;
    }
  }

  private next(ms: number): void {
    this.timer = setTimeout(() => void this.look(), ms);
  }

  private async look(): Promise<void> {
    const store = this.store();
    // A store that can't be read says so where it is asked for spend.
    const revision = await store?.revision().catch(() => null);
    if (this.timer === null) return;
    const now = revision === null || revision === undefined ? this.seen : `${revision.role} ${revision.number}`;
    if (this.seen !== null && now !== this.seen) this.changed();
    this.seen = now;
    this.next(revision?.role === "guest" ? GUEST_EVERY : OWN_EVERY);
  }
}
