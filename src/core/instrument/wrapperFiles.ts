import { existsSync } from "node:fs";
import path from "node:path";
import { textIfReadable } from "../files/readFile";
import type { Catalogue } from "../pricing/catalogue";
import type { PricingTable } from "../pricing/table";
import { priceModule } from "./priceModule";
import { refusalToWrite } from "./writable";
import { type PriceForm, isOwn, wrapperNames } from "./wrapperNames";
import type { WrapperPlace } from "./wrapperPlace";

/** What a wrapper is made of. */
export interface WrapperSource {
  /** The build's output, where the templates lie. */
  dist: string;
  table: PricingTable | null;
  catalogue: Catalogue;
}

export interface WrittenFile {
  file: string;
  text: string;
}

/** A file of somebody else's where the wrapper would be written, in words; null where there is none. */
export function foreignFile({ wrapper, prices }: WrapperPlace, root: string): string | null {
  const foreign = [wrapper, prices].find((file) => existsSync(file) && !isOwn(textIfReadable(file, [root]) ?? ""));
  return foreign === undefined
    ? null
    : `${path.basename(foreign)}, which the wrapper would be called, is a file of your own`;
}

/** The wrapper's files that a place lacks, or whose prices are of another table. @param root the workspace's folder. */
export function wrapperFiles(
  { form, wrapper, prices, pricesModule }: WrapperPlace,
  root: string,
  source: WrapperSource,
): WrittenFile[] {
  const text = priceModule(source.table, source.catalogue, form);
  return [
    ...(existsSync(wrapper) ? [] : [{ file: wrapper, text: templateOf(wrapper, root, pricesModule, source.dist) }]),
    ...(textIfReadable(prices, [root]) === text ? [] : [{ file: prices, text }]),
  ];
}

/** The files of a wrapper that lies there, as they would be written now; none behind links. @param file the path of the wrapper or of its prices. */
export function currentWrapper(file: string, root: string, source: WrapperSource): WrittenFile[] {
  const folder = path.dirname(file);
  return (Object.keys(wrapperNames) as PriceForm[]).flatMap((form) => {
    const [own, prices] = wrapperNames[form].map((name) => path.join(folder, name)) as [string, string];
    if (file !== own && file !== prices) return [];
    if ([own, prices].some((one) => refusalToWrite(one, root) !== null)) return [];
    const written = textIfReadable(own, [root]) ?? "";
    const pricesModule =
      /(?:from |["'])(\.?prompt_cost_prices|\.\/promptCostPrices[.\w]*)/.exec(written)?.[1] ?? DEFAULT_PRICES[form];
    return [
      { file: own, text: templateOf(own, root, pricesModule, source.dist) },
      { file: prices, text: priceModule(source.table, source.catalogue, form) },
    ];
  });
}

const DEFAULT_PRICES: Record<PriceForm, string> = {
  py: "prompt_cost_prices",
  ts: "./promptCostPrices",
  mjs: "./promptCostPrices.mjs",
  cjs: "./promptCostPrices.cjs",
};

/** The template, with what depends on where it lies: how it imports its prices, and where the project begins. */
function templateOf(wrapper: string, root: string, pricesModule: string, dist: string): string {
  const project = path.relative(path.dirname(wrapper), root).split(path.sep).join("/") || ".";
  const template = textIfReadable(path.join(dist, "wrapper", path.basename(wrapper)), [dist]);
  if (template === undefined) throw new Error("the wrapper's template is missing from this installation");
  return template
    .replace("from prompt_cost_prices import", () => `from ${pricesModule} import`)
    .replace('"./promptCostPrices"', () => JSON.stringify(pricesModule))
    .replace(/(_PROJECT = .*|PROJECT(?:: string)? = )"\."/, (_all, before: string) => before + JSON.stringify(project));
}

/**
 * Wrappers among a workspace's files that no other file imports any more, with their prices.
 * @param textOf a file's text where it isn't what lies on the disk; null where it is to be removed.
 */
export function unusedWrappers(
  files: readonly string[],
  root: string,
  textOf: (file: string) => string | null | undefined,
): string[] {
  const written = ownWrappers(files, root, textOf);
  return written.length === 0 || importsWrapper(files, root, textOf) ? [] : written;
}

/** Wrappers that we wrote, with their prices, among some files. @param textOf as above. */
export const ownWrappers = (
  files: readonly string[],
  root: string,
  textOf: (file: string) => string | null | undefined,
): string[] => files.filter((file) => isWrapper(file) && isOwn(textOf(file) ?? textIfReadable(file, [root]) ?? ""));

const IMPORT = /\b(?:from|import)\s+[\w.]*\bprompt_cost\b|["'][^"'\n]*\bpromptCost(?:\.\w+)?["']/;

/** Whether any of a workspace's files still imports a wrapper. */
export function importsWrapper(
  files: readonly string[],
  root: string,
  textOf: (file: string) => string | null | undefined,
): boolean {
  return files.some(
    (file) =>
      !isWrapper(file) && textOf(file) !== null && IMPORT.test(textOf(file) ?? textIfReadable(file, [root]) ?? ""),
  );
}

/** Whether a file is called as a wrapper, or its prices, are. */
export const isWrapper = (file: string): boolean => Object.values(wrapperNames).flat().includes(path.basename(file));
