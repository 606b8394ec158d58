/**
 * Writes the built-in catalogue: OpenAI's models out of @pydantic/genai-prices, one row a name, with the
 * prices in force on the day of the build. Read by `src/core/pricing/catalogue.ts`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);

export function writePrices(file) {
  const { findProvider } = require("@pydantic/genai-prices");
  const packageFile = path.join(path.dirname(require.resolve("@pydantic/genai-prices")), "..", "package.json");
  const { version } = JSON.parse(readFileSync(packageFile, "utf8"));
  const rows = {};
  for (const model of findProvider({ providerId: "openai" }).models) {
    const price = readPrice(pricesToday(model.prices));
    if (price === undefined) continue;
    for (const name of namesOf(model)) rows[name] ??= { model: model.id, ...price };
  }
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ source: `@pydantic/genai-prices ${version}`, rows }));
}

/** Only whole names: a match by beginning or substring would price a model's longer neighbour too. */
function namesOf(model) {
  const equals = (match) => (match.or ?? [match]).flatMap((one) => (one.equals ? [one.equals] : []));
  return new Set([model.id.replace(/-$/, ""), ...equals(model.match)]);
}

function pricesToday(prices) {
  if (!Array.isArray(prices)) return prices;
  const today = new Date().toISOString().slice(0, 10);
  const inForce = prices.filter(
    ({ constraint }) => !constraint || (constraint.type === "start_date" && constraint.start_date <= today),
  );
  return inForce.at(-1)?.prices ?? {};
}

function readPrice({ input_mtok: input, cache_read_mtok: cachedInput, output_mtok: output }) {
  if (input === undefined) return undefined;
  const base = (price) => (typeof price === "object" ? price.base : price);
  const price = { input: base(input), cachedInput: base(cachedInput), output: base(output) };
  const tier = typeof input === "object" ? input.tiers[0] : undefined;
  if (tier === undefined) return price;
  const above = (one) => (typeof one === "object" ? one.tiers[0].price : one);
  return {
    ...price,
    above: { inputTokens: tier.start, input: above(input), cachedInput: above(cachedInput), output: above(output) },
  };
}
