import type { PriceBook } from "../pricing/price";
import type { SpendCube, SpendQuery } from "./spend";

/** Where spend is read from. Two implementations: the local store, and OpenObserve. */
export interface TelemetryStore {
  readonly source: "local" | "openobserve";
  /**
   * The spend of a range, priced from `prices` where spans report no cost.
   * @throws TelemetryError in words for the person who looks; an abort of `signal` throws its reason.
   */
  spend(query: SpendQuery, prices: PriceBook, signal?: AbortSignal): Promise<SpendCube>;
  close(): Promise<void>;
}

/** A failure that the person who looks can understand: what happened, and what to do next. */
export class TelemetryError extends Error {
  constructor(
    /** A name for tests and for choosing what to offer, such as `unreachable`. */
    readonly kind: string,
    message: string,
    readonly nextStep: string,
    /** Whether asking again later may help. */
    readonly isTransient = false,
  ) {
    super(message);
    this.name = "TelemetryError";
  }
}
