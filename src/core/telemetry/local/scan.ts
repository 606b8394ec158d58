import type { Price } from "../../pricing/price";
import { callCost } from "../callPrice";
import type { SpendQuery } from "../spend";
import type { DayColumns } from "./dayColumns";
import type { Series } from "./series";

/** What makes a call more than figures to add up. The calls of a series have it in common. */
export const FAILED = 1;
export const LIMITED = 2;
/** Its span reports no cost: the pricing table does, or doesn't either. */
export const UNREPORTED = 4;

/** A question, made ready for reading columns. */
export interface Scan {
  query: SpendQuery;
  series: readonly (Series | undefined)[];
  /** 1 for series that the filters choose, by number. */
  isChosen: Uint8Array;
  /** 1 for users that the filters choose, by number; null where all are. */
  isUser: Uint8Array | null;
  /** `FAILED`, `LIMITED` and `UNREPORTED`, by the number of the series. */
  marks: Uint8Array;
  /** What prices the calls of a series that reports no cost; null where nothing does. */
  prices: readonly (Price | null | undefined)[];
}

/**
 * Runs something on the calls of a day that the question is about.
 * @param run `priced` is what the pricing table asks for the call in USD: 0 where its span reports a cost, NaN where
 * the cost is unknown.
 */
export function eachCall(
  { isChosen, isUser, marks, prices }: Scan,
  day: DayColumns,
  fromUs: number,
  toUs: number,
  run: (at: number, mark: number, priced: number) => void,
): void {
  const { start, series, user, counted, length } = day;
  for (let at = 0; at < length; at++) {
    const time = start[at] ?? 0;
    const id = series[at] ?? 0;
    if (counted[at] === 0 || time < fromUs || time >= toUs || isChosen[id] !== 1) continue;
    if (isUser !== null && isUser[user[at] ?? 0] !== 1) continue;
    const mark = marks[id] ?? 0;
    if ((mark & UNREPORTED) === 0) run(at, mark, 0);
    else run(at, mark, callCost(prices[id] ?? null, day.input[at] ?? 0, day.output[at] ?? 0, day.cached[at] ?? 0));
  }
}

/** USD of one call, as reported or priced here; 0 where it is unknown. */
export const knownCost = (day: DayColumns, at: number, priced: number): number =>
  (day.cost[at] ?? 0) + (Number.isNaN(priced) ? 0 : priced);
