import type { PriceBook } from "../../pricing/price";
import { quote } from "./quote";

/** `callCost` of `callPrice.ts` as SQL over the tokens of a call in `s`, in USD; NULL where the price is unknown. */
export function priceSql(models: readonly string[], prices: PriceBook): string {
  const cached = "CASE WHEN s.tokens_cached < s.tokens_in THEN s.tokens_cached ELSE s.tokens_in END";
  const cases = models.flatMap((model) => {
    const { price } = prices.find(model);
    if (price === null) return [];
    const cost = ({
      input,
      cachedInput,
      output,
    }: {
      input: number;
      cachedInput: number;
      output: number | null;
    }): string => {
      const sum = `((s.tokens_in - ${cached}) * ${decimal(input)} + ${cached} * ${decimal(cachedInput)} + s.tokens_out * ${decimal(output ?? 0)}) / 1000000.0`;
      return output === null ? `CASE WHEN s.tokens_out > 0 THEN CAST(NULL AS DOUBLE) ELSE ${sum} END` : sum;
    };
    const is = `s.model = ${quote(model, "value")}`;
    return [
      ...(price.above === null
        ? []
        : [`WHEN ${is} AND s.tokens_in > ${price.above.inputTokens} THEN ${cost(price.above)}`]),
      `WHEN ${is} THEN ${cost(price)}`,
    ];
  });
  return cases.length === 0 ? "CAST(NULL AS DOUBLE)" : `CASE ${cases.join(" ")} ELSE CAST(NULL AS DOUBLE) END`;
}

/** A number as SQL reads it, never in exponent form. */
const decimal = (number: number): string => {
  const text = number.toFixed(12).replace(/0+$/, "");
  return text.endsWith(".") ? `${text}0` : text;
};
