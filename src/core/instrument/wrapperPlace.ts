import path from "node:path";
import { languageOfFile } from "../languages/registry";
import type { Tracker } from "./trackerSource";
import { scriptPlace } from "./scriptPlace";
import { pythonPlace } from "./pythonPlace";
import { type PriceForm, wrapperNames } from "./wrapperNames";

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

/** @param root the workspace's folder: nothing is written outside of it. */
export function wrapperPlace(file: string, text: string, root: string): WrapperPlace {
  const { form, folder, tracker, pricesModule } = isPython(file)
    ? { form: "py" as const, ...pythonPlace(file, text, root) }
    : scriptPlace(file, text, root);
  const [wrapper, prices] = wrapperNames[form].map((name) => path.join(folder, name)) as [string, string];
  return { form, tracker, wrapper, prices, pricesModule };
}

function isPython(file: string): boolean {
  const instrumenting = languageOfFile(file)?.instrumenting;
  return instrumenting !== undefined && "style" in instrumenting && instrumenting.style === "python";
}
