import type { PriceBook } from "../../pricing/price";
import { priceHere } from "../callPrice";
import type { Amounts, SpendQuery } from "../spend";
import type { DayColumns } from "./dayColumns";
import type { Series } from "./series";
import { type Sums, toAmounts } from "./sums";

/** A question, made ready for reading columns. */
export interface Scan {
  query: SpendQuery;
  prices: PriceBook;
  series: readonly (Series | undefined)[];
  /** 1 for series that the filters choose, by number. */
  isChosen: Uint8Array;
  /** 1 for users that the filters choose, by number; null where all are. */
  isUser: Uint8Array | null;
  /** What a token of the series costs in USD where its spans report no cost: input, cached less input, output; by number × 3. */
  rates: Float64Array;
}

/** Runs something on the calls of a day that the question is about. */
export function eachCall(
  { isChosen, isUser }: Scan,
  day: DayColumns,
  fromUs: number,
  toUs: number,
  run: (at: number) => void,
): void {
  const { start, series, user, counted, length } = day;
  for (let at = 0; at < length; at++) {
    const time = start[at] ?? 0;
    if (counted[at] === 0 || time < fromUs || time >= toUs || isChosen[series[at] ?? 0] !== 1) continue;
    if (isUser !== null && isUser[user[at] ?? 0] !== 1) continue;
    run(at);
  }
}

/** USD of one call, as reported or priced here; 0 where it is unknown. */
export function costOf({ rates }: Scan, day: DayColumns, at: number): number {
  const rate = (day.series[at] ?? 0) * 3;
  return (
    (day.cost[at] ?? 0) +
    (day.input[at] ?? 0) * (rates[rate] ?? 0) +
    (day.cached[at] ?? 0) * (rates[rate + 1] ?? 0) +
    (day.output[at] ?? 0) * (rates[rate + 2] ?? 0)
  );
}

/** Sums with the price of the table where their spans report none, or counted as unpriced. */
export function amountsOf(
  { prices }: Scan,
  figures: Sums,
  { state, model, failed, limited }: Pick<Series, "state" | "model" | "failed" | "limited">,
): Amounts {
  const amounts = toAmounts(figures, failed === 1, limited === 1);
  if (state === "reported") return amounts;
  const cost =
    state === "unknown"
      ? null
      : priceHere(
          prices,
          model,
          { input: amounts.inputTokens, output: amounts.outputTokens, cached: amounts.cachedTokens },
          state === "openLong",
        );
  return cost === null
    ? { ...amounts, unpricedCalls: amounts.calls }
    : { ...amounts, costUsd: amounts.costUsd + cost, pricedHereUsd: cost, pricedHereCalls: amounts.calls };
}
