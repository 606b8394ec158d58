/** The pricing table's name, at the root of a workspace folder. */
export const PRICING_FILE = "prompt-cost.pricing.json";
