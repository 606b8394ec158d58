import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Tracker } from "./edit";
import type { PriceForm } from "./priceModule";

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
  const form = formOf(file, text);
  const folder = form === "py" ? pythonRoot(file, text, root) : packageFolder(file, root);
  const [wrapper, prices] = wrapperNames[form].map((name) => path.join(folder, name)) as [string, string];
  const ending = form === "ts" ? (usesEndings(file, text) ? ".js" : "") : `.${form}`;
  const relative = path.relative(path.dirname(file), folder).split(path.sep).join("/");
  const base = relative === "" ? "./" : relative.startsWith(".") ? `${relative}/` : `./${relative}/`;
  return {
    form,
    tracker: form === "py" ? { module: "prompt_cost", style: "python" } : { module: `${base}promptCost${ending}`, style: form === "cjs" ? "commonjs" : "esm" },
    wrapper,
    prices,
    pricesModule: form === "py" ? "prompt_cost_prices" : `./promptCostPrices${ending}`,
  };
}

function formOf(file: string, text: string): PriceForm {
  if (/\.pyi?$/.test(file)) return "py";
  if (/\.[cm]?tsx?$/.test(file)) return "ts";
  if (file.endsWith(".cjs")) return "cjs";
  if (file.endsWith(".mjs") || /^\s*(import\s[^(]|export\s)/m.test(text)) return "mjs";
  return /\brequire\s*\(|\bmodule\.exports\b|\bexports\./.test(text) ? "cjs" : "mjs";
}

/** The folder from which the file's own absolute imports are found: where its top package lies. */
function pythonRoot(file: string, text: string, root: string): string {
  let folder = path.dirname(file);
  while (folder !== root && existsSync(path.join(folder, "__init__.py"))) folder = path.dirname(folder);
  const imported = [...text.matchAll(/^(?:from|import)\s+([A-Za-z_]\w*)/gm)].map(([, name]) => name ?? "");
  for (let at = folder; ; at = path.dirname(at)) {
    if (imported.some((name) => name !== "" && name !== "prompt_cost" && (existsSync(path.join(at, name, "__init__.py")) || existsSync(path.join(at, `${name}.py`)) || isFolderOf(path.join(at, name), file)))) return at;
    if (at === root || path.dirname(at) === at) return folder;
  }
}

/** A package without `__init__.py`, which holds the file. */
const isFolderOf = (folder: string, file: string): boolean => file.startsWith(`${folder}${path.sep}`);

/** The folder of the file's package, and its `src` where the file lies in it. */
function packageFolder(file: string, root: string): string {
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    if (at === root || path.dirname(at) === at || existsSync(path.join(at, "package.json")) || existsSync(path.join(at, "tsconfig.json"))) {
      const source = path.join(at, "src");
      return file.startsWith(`${source}${path.sep}`) ? source : at === root && !existsSync(path.join(at, "package.json")) && !existsSync(path.join(at, "tsconfig.json")) ? path.dirname(file) : at;
    }
  }
}

/** Whether relative imports name the file's ending (`./prompts.js`), as ES modules in Node ask. */
function usesEndings(file: string, text: string): boolean {
  if (/from\s+["']\.{1,2}\/[^"']*\.js["']/.test(text)) return true;
  if (/from\s+["']\.{1,2}\/[^"']*["']/.test(text)) return false;
  for (let at = path.dirname(file); path.dirname(at) !== at; at = path.dirname(at)) {
    const config = path.join(at, "tsconfig.json");
    if (existsSync(config)) return /"module(Resolution)?"\s*:\s*"(node16|node18|node20|nodenext)"/i.test(readFileSync(config, "utf8"));
  }
  return false;
}
