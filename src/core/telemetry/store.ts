import { Failure } from "../failure";
import type { PriceBook } from "../pricing/price";
import type { SpendCube, SpendQuery } from "./spend";

/** Where spend is read from: the local store, or a server's (see `sources/sources.ts`). */
export interface TelemetryStore {
  /** The id of its source. */
  readonly source: string;
  /**
   * The spend of a range, priced from `prices` where spans report no cost.
   * @throws TelemetryError in words for the person who looks; an abort of `signal` throws its reason.
   */
  spend(query: SpendQuery, prices: PriceBook, signal?: AbortSignal): Promise<SpendCube>;
  close(): Promise<void>;
}

/** A failure of receiving, storing or reading spans. */
export class TelemetryError extends Failure {
  override readonly name = "TelemetryError";
}
