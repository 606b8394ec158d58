import {
  type Amounts,
  type Key,
  type SpendCell,
  type SpendCube,
  type SpendDetail,
  noAmounts,
} from "../../../src/core/telemetry/spend";

/** Answers of a store, written out by hand: every figure of a panel can be worked out from them on paper. */

export const HOUR_US = 3_600_000_000;
export const key = (value: string | null): Key => ({ value, isRest: false });
export const REST: Key = { value: null, isRest: true };

/** A cell of the hour `at`; what isn't given is not set, or nothing. */
export function cell(
  at: number,
  keys: { feature?: Key; model?: string; team?: string },
  amounts: Partial<Amounts>,
): SpendCell {
  return {
    ...noAmounts(),
    bucketUs: at * HOUR_US,
    feature: keys.feature ?? key(null),
    model: key(keys.model ?? null),
    team: key(keys.team ?? null),
    environment: key(null),
    ...amounts,
  };
}

const noDetail: SpendDetail = {
  before: null,
  latency: [],
  finishReasons: [],
  sites: [],
  newest: [],
  costliest: [],
};

/** @param hours how many hours of an hour each the range has, from 0. */
export const cubeOf = (hours: number, cells: SpendCell[], detail: Partial<SpendDetail> = {}): SpendCube => ({
  query: { fromUs: 0, toUs: hours * HOUR_US, bucketUs: HOUR_US, filters: {}, withDetail: true },
  cells,
  users: [],
  detail: { ...noDetail, ...detail },
  newestUs: cells.length === 0 ? null : hours * HOUR_US - 1000,
  partial: false,
  warnings: [],
});
