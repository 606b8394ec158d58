import path from "node:path";
import type { Tracker } from "./edit";
import { scriptPlace } from "./scriptPlace";
import type { PriceForm } from "./priceModule";
import { pythonPlace } from "./pythonPlace";

/** Where a file's wrapper stands, and how the file imports it. */
export interface WrapperPlace {
  form: PriceForm;
  tracker: Tracker;
  /** The wrapper's own file, and that of its prices. */
  wrapper: string;
  prices: string;
  /** How the wrapper imports its prices. */
  pricesModule: string;
}

/** A wrapper's file, and that of its prices. */
export const wrapperNames: Record<PriceForm, [string, string]> = { py: ["prompt_cost.py", "prompt_cost_prices.py"], ts: ["promptCost.ts", "promptCostPrices.ts"], mjs: ["promptCost.mjs", "promptCostPrices.mjs"], cjs: ["promptCost.cjs", "promptCostPrices.cjs"] };

/** @param root the workspace's folder: nothing is written outside of it. */
export function wrapperPlace(file: string, text: string, root: string): WrapperPlace {
  const { form, folder, tracker, pricesModule } = /\.pyi?$/.test(file) ? { form: "py" as const, ...pythonPlace(file, text, root) } : scriptPlace(file, text, root);
  const [wrapper, prices] = wrapperNames[form].map((name) => path.join(folder, name)) as [string, string];
  return { form, tracker, wrapper, prices, pricesModule };
}
