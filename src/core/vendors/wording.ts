import { PRICING_FILE } from "../pricing/tableFile";
import { named } from "../tokens/confidence";
import { OPENAI } from "./services";
import type { Vendor } from "./vendor";

/** How a vendor reads in lenses, hovers and reasons. Names hold code: what shows them makes it safe. */

/** What stands beside the figures; empty of OpenAI itself, and where the price says it already. */
export function vendorText({ kind, id, name }: Vendor, isSaidByPrice: boolean): string {
  if (id === OPENAI.id && name === OPENAI.name) return "";
  if (kind === "unknown" || isSaidByPrice) return "";
  return kind === "proxy" ? `via ${name}` : name;
}

/** In place of a price that isn't known; null where the vendor isn't why. */
export function noPriceText({ kind, name }: Vendor): string | null {
  if (kind === "local") return `${name}: no price`;
  return kind === "unknown" ? `price unknown: ${name}` : null;
}

const deciders: Record<Vendor["decidedBy"], string> = {
  address: "by the client's address",
  class: "by the client's class",
  name: "by the name of its key or client",
  model: "by the model's name",
  assumed: "assumed, as no client that says otherwise is seen",
};

/** A sentence without its end: `Helicone (oai.helicone.ai), which passes on OpenAI's prices, by the client's address`. */
export function vendorSentence(vendor: Vendor): string {
  const { kind, name, host, pricesName, decidedBy, isDefault } = vendor;
  const where = host === null || name.includes(host) ? name : `${name} (${host})`;
  const passesOn = kind === "proxy" ? `, which passes on the prices of ${pricesName}` : "";
  const unless = isDefault ? ", unless callers or the environment say otherwise" : "";
  return kind === "unknown" ? `not known (${name})` : `${where}${passesOn}, ${deciders[decidedBy]}${unless}`;
}

/** Why a vendor's model has no price. */
export function whyNoPrice(model: string, vendor: Vendor): string {
  const { kind, name, host } = vendor;
  if (kind === "local") return `${host === null ? name : `${name} (${host})`} asks none that is known`;
  if (kind === "unknown") return host === null ? `who answers is not known (${name})` : `the ${name} is not known`;
  const at = kind === "own" ? "" : ` at ${name}`;
  return `no price for ${model}${at} in the pricing table or the built-in catalog`;
}

/** What stands in front of a model's name in the rows of the user's table that are this vendor's alone. */
export function rowPrefixes({ id, host, kind, prices }: Vendor): string[] {
  const all = [host?.toLowerCase(), id, prices, kind === "local" ? "local" : undefined];
  return [...new Set(all.filter((one) => one !== undefined && one !== "unknown" && one !== OPENAI.id))].filter(
    (one) => one !== undefined,
  );
}

/** What gives a vendor's model a price, as a sentence; names stand between backticks. */
export function howToPrice(model: string | null, vendor: Vendor): string {
  if (vendor.kind === "unknown" && vendor.host === null)
    return `\`hosts\` in ${PRICING_FILE} says at whose prices hosts answer that aren't known.`;
  if (model === null) return "";
  const isOpenAi = vendor.kind === "own" || (vendor.kind === "proxy" && vendor.prices === OPENAI.id);
  const prefix = vendor.kind === "local" ? "local" : vendor.kind === "unknown" ? vendor.host : vendor.prices;
  return `A row ${named(isOpenAi ? model : `${prefix ?? ""}/${model}`)} in ${PRICING_FILE} prices it.`;
}
