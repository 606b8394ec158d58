/**
 * Writes the built-in catalogue out of @pydantic/genai-prices: the models of OpenAI and of the other services that
 * OpenAI's clients talk to, one row a name, with the prices in force on the day of the build. Read by
 * `src/core/pricing/catalogue.ts`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);

/** Services that a client of OpenAI's can be pointed at; `as` where this project's name of it is another one. */
const VENDORS = [
  ...["anthropic", "arcee", "avian", "aws", "azure", "baseten", "cerebras", "cohere", "deepseek", "doubleword"],
  ...["fireworks", "google", "groq", "minimax", "mistral", "moonshotai", "novita", "openrouter", "ovhcloud"],
  ...["perplexity", "together", "x-ai", "zai", "zhipuai"],
  ...["cerebras", "fireworks-ai", "groq", "hyperbolic", "nebius", "novita", "nscale", "ovhcloud", "publicai"].map(
    inRouter,
  ),
  ...["sambanova", "together"].map(inRouter),
];

function inRouter(name) {
  return `huggingface_${name}`;
}

export function writePrices(file) {
  const packageFile = path.join(path.dirname(require.resolve("@pydantic/genai-prices")), "..", "package.json");
  const { version } = JSON.parse(readFileSync(packageFile, "utf8"));
  // OpenAI gives gpt-oss away and doesn't serve it: whoever does has a price for it.
  const { rows } = rowsOf("openai", (model) => !model.id.startsWith("gpt-oss"));
  const vendors = Object.fromEntries(VENDORS.map((id) => [id, rowsOf(id)]));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ source: `@pydantic/genai-prices ${version}`, rows, vendors }));
}

/** A vendor's prices by name, and why others of its models have none that is known before a call. */
function rowsOf(providerId, isWanted = () => true) {
  const provider = require("@pydantic/genai-prices").findProvider({ providerId });
  if (provider === undefined) throw new Error(`@pydantic/genai-prices has no provider ${providerId}`);
  const rows = {};
  const unpriced = {};
  for (const model of provider.models.filter(isWanted)) {
    const reason = whyUnpriced(model.prices);
    const price = reason === undefined ? readPrice(pricesToday(model.prices)) : undefined;
    for (const name of namesOf(model)) {
      if (price !== undefined) rows[name] ??= { model: model.id, ...price };
      else if (reason !== undefined) unpriced[name] = reason;
    }
  }
  return { rows, unpriced };
}

function whyUnpriced(prices) {
  const all = Array.isArray(prices) ? prices : [{ prices }];
  if (all.some(({ constraint }) => constraint?.type === "time_of_date")) return "depends on the time of day";
  if (all.some((one) => one.prices.requests_kcount !== undefined)) return "has a part for each request";
  return undefined;
}

/** Only whole names: a match by beginning or substring would price a model's longer neighbour too. */
function namesOf(model) {
  const equals = (match) => (match.or ?? [match]).flatMap((one) => (one.equals ? [one.equals] : []));
  return new Set([model.id.replace(/-$/, ""), ...equals(model.match)].map((name) => name.toLowerCase()));
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
