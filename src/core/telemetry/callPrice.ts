import { withoutSnapshotDate } from "../tokens/models";
import { type PriceBook, amountsFor, usd } from "../pricing/price";

/** Tokens of calls whose spans report no cost. `longest` is the most input tokens that one of them has. */
export interface OpenTokens {
  input: number;
  output: number;
  cached: number;
}

/**
 * What such calls cost by the pricing table, in USD; null where the table and the catalogue don't know the model.
 * Cached tokens are part of the input, at their own price.
 * @param isLong whether each of the calls is above the input length from which the model costs more.
 */
export function priceHere(prices: PriceBook, model: string | null, tokens: OpenTokens, isLong = false): number | null {
  const price = model === null ? null : prices.find(model).price;
  if (price === null) return null;
  const amounts = amountsFor(price, isLong ? Number.POSITIVE_INFINITY : 0);
  if (amounts.output === null && tokens.output > 0) return null;
  const cached = Math.min(tokens.cached, tokens.input);
  return (
    usd(tokens.input - cached, amounts.input) +
    usd(cached, amounts.cachedInput) +
    usd(tokens.output, amounts.output ?? 0)
  );
}

/** The input length above which OpenAI's models of today cost more, where they have one: as the catalogue has it. */
export const LONG_INPUT_TOKENS = 271_999;

/** The model's name as people say it: without the snapshot's date, so that requested and answered names meet. */
export const modelName = (model: string | null): string | null => (model === null ? null : withoutSnapshotDate(model));
