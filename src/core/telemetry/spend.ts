import type { CellDimension, Dimension } from "./dimensions";
import { type Measure, derived } from "./measures";

/**
 * What a store answers: a cube of time × feature × model × team × environment, and the spend of users, who are too
 * many for a cube. All of it is plain data: it crosses to the editor as it is.
 */

/** What to ask for. Times are microseconds since 1970, UTC; the range is half open. */
export interface SpendQuery {
  fromUs: number;
  toUs: number;
  /** Width of the cube's time buckets, which are aligned to it. */
  bucketUs: number;
  /** Only calls with one of these values; null is "not set". A dimension left out is not filtered. */
  filters: Filters;
  /** Whether the answer holds a `detail`. */
  withDetail?: boolean | undefined;
}

export type Filters = Partial<Record<Dimension, readonly (string | null)[]>>;

/** Sums over calls. Costs are USD. */
export type Amounts = Record<Measure, number>;

export const noAmounts = derived.zero;
export const addAmounts = derived.add;

/** A value of a dimension. `isRest` stands for all values beyond the largest ones, which are added up in it. */
export interface Key {
  value: string | null;
  isRest: boolean;
}

/** The key of all values beyond the largest ones. */
export const REST: Key = { value: null, isRest: true };

/** A key as a text, for maps: no value is named like the rest, or like none. */
export const keyText = ({ value, isRest }: Key): string => (isRest ? "rest" : value === null ? "none" : `=${value}`);

export interface SpendCell extends Amounts, Record<CellDimension, Key> {
  bucketUs: number;
}

export interface UserSpend extends Amounts {
  user: Key;
}

export interface SpendCube {
  query: SpendQuery;
  cells: SpendCell[];
  users: UserSpend[];
  /** What a dashboard shows beside sums, where it was asked for. */
  detail: SpendDetail | null;
  /** Start of the newest call in the range. */
  newestUs: number | null;
  /** True where the source could not read all of what was asked for; `warnings` say why, in plain sentences. */
  partial: boolean;
  warnings: string[];
}

/** Sums of a feature in the period of the same length before the range. */
export interface FeatureSpend extends Amounts {
  feature: Key;
}

/** How many calls of a feature took about so long; see `latency.ts` for the steps. */
export interface LatencyCell {
  feature: Key;
  /** The whole call, or the time to the first token. */
  of: "duration" | "firstToken";
  step: number;
  calls: number;
}

/** Calls of one place in the code, as their spans name it. */
export interface SiteSpend {
  feature: Key;
  file: string | null;
  function: string | null;
  line: number | null;
  calls: number;
  costUsd: number;
  unpricedCalls: number;
}

/** One call. Unknown is null; the cost is null where nobody knows it. */
export interface CallSpend extends Record<CellDimension, string | null> {
  traceId: string;
  spanId: string;
  startUs: number;
  durationUs: number;
  firstTokenUs: number | null;
  service: string | null;
  file: string | null;
  function: string | null;
  line: number | null;
  inputTokens: number;
  outputTokens: number;
  costUsd: number | null;
  isPricedHere: boolean;
  isError: boolean;
  isRateLimited: boolean;
}

export interface SpendDetail {
  /** Null where the source can't be asked so far back. */
  before: FeatureSpend[] | null;
  latency: LatencyCell[];
  finishReasons: { reason: string | null; calls: number }[];
  /** The most expensive ones. */
  sites: SiteSpend[];
  newest: CallSpend[];
  costliest: CallSpend[];
}

/** Lengths of the detail's lists. */
export const MOST_NEWEST = 50;
export const MOST_COSTLIEST = 20;
export const MOST_SITES = 200;

/** Values of a dimension that stand for themselves; the others are added up. */
export const MOST_VALUES = 50;

export interface Group extends Amounts {
  key: Key;
}

/** The cube's spend by one dimension, the most expensive first, the rest last. */
export function groupBy(cube: SpendCube, dimension: Dimension): Group[] {
  const groups = new Map<string, Group>();
  const add = (key: Key, amounts: Amounts): void => {
    const name = keyText(key);
    let group = groups.get(name);
    if (group === undefined) groups.set(name, (group = { key, ...noAmounts() }));
    addAmounts(group, amounts);
  };
  if (dimension === "user") for (const one of cube.users) add(one.user, one);
  else for (const cell of cube.cells) add(cell[dimension], cell);
  return [...groups.values()].sort(
    (a, b) =>
      Number(a.key.isRest) - Number(b.key.isRest) ||
      b.costUsd - a.costUsd ||
      b.inputTokens - a.inputTokens ||
      b.calls - a.calls ||
      (a.key.value ?? "").localeCompare(b.key.value ?? ""),
  );
}

export function total(cube: SpendCube): Amounts {
  const sum = noAmounts();
  for (const cell of cube.cells) addAmounts(sum, cell);
  return sum;
}
