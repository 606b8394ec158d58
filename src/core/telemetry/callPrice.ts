import { type Price, type PriceBook, amountsFor, usd } from "../pricing/price";
import { withoutSnapshotDate } from "../tokens/models";

/** Tokens of a call whose span reports no cost. Cached tokens are part of the input, at their own price. */
export interface CallTokens {
  input: number;
  output: number;
  cached: number;
}

/**
 * The price of one call in USD; NaN where the price doesn't cover its tokens, such as the output of a model that has
 * no output price. Sums can't be priced by it: it isn't linear (long prompts, cached tokens above the input, output
 * without a price), so totals would depend on how calls are grouped. `priceSql.ts` says the same in SQL.
 * @param promptTokens decides whether the price of long prompts applies.
 */
export function callCost(
  price: Price | null,
  input: number,
  output: number,
  cached: number,
  promptTokens = input,
): number {
  if (price === null) return Number.NaN;
  const amounts = amountsFor(price, promptTokens);
  if (amounts.output === null && output > 0) return Number.NaN;
  const fromCache = Math.min(cached, input);
  return usd(input - fromCache, amounts.input) + usd(fromCache, amounts.cachedInput) + usd(output, amounts.output ?? 0);
}

/** The price of a model whose spans report no cost; null where the table and the catalogue don't know it. */
export const callPriceOf = (prices: PriceBook, model: string | null): Price | null =>
  model === null ? null : prices.find(model).price;

/**
 * What a call costs by the pricing table, in USD; null where its price is unknown.
 * @param promptTokens decides whether the price of long prompts applies; 0 for a sum of calls, which has no length.
 */
export function priceHere(
  prices: PriceBook,
  model: string | null,
  { input, output, cached }: CallTokens,
  promptTokens = input,
): number | null {
  const cost = callCost(callPriceOf(prices, model), input, output, cached, promptTokens);
  return Number.isNaN(cost) ? null : cost;
}

/** The model's name as people say it: without the snapshot's date, so that requested and answered names meet. */
export const modelName = (model: string | null): string | null => (model === null ? null : withoutSnapshotDate(model));
