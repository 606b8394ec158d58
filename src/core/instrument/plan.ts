import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { languageOfFile } from "../calls/languages/registry";
import { ModuleParser } from "../calls/module";
import { Modules } from "../calls/modules";
import type { LoadedLanguage } from "../calls/syntax";
import type { Assets } from "../assets";
import type { Catalogue } from "../pricing/catalogue";
import type { PricingTable } from "../pricing/table";
import { type Attribution, type TextEdit, type TrackableCall, instrument, removeTracking, trackableCalls } from "./edit";
import { priceModule } from "./priceModule";
import { type WrapperPlace, wrapperNames, wrapperPlace } from "./wrapperPlace";

/** A file's calls, its tree still at hand. */
export interface OpenedFile {
  file: string;
  text: string;
  calls: TrackableCall[];
  hasErrors: boolean;
  /** The edits that track calls. @param calls those to track, each with its attribution. */
  track: (calls: readonly { call: TrackableCall; attribution: Attribution }[]) => TextEdit[];
  /** The edits that take the tracking away. */
  untrack: (calls: readonly TrackableCall[]) => TextEdit[];
  place: WrapperPlace;
  close: () => void;
}

/** Opens files for instrumenting. */
export class Instrumenter {
  private readonly loaded = new Map<string, LoadedLanguage>();

  constructor(private readonly assets: Assets) {}

  /** @param root the workspace's folder. Null where the file is of no language that is known. */
  async open(file: string, text: string, root: string): Promise<OpenedFile | null> {
    const language = languageOfFile(file);
    if (language === undefined) return null;
    const loaded = this.loaded.get(language.grammar) ?? (await this.assets.grammars.load(language));
    this.loaded.set(language.grammar, loaded);
    const parser = new ModuleParser(loaded, file);
    const module = parser.parse(text);
    const calls = trackableCalls(module, new Modules({ roots: [root], read: () => undefined }, this.loaded));
    const place = wrapperPlace(file, text, root);
    return {
      file,
      text,
      calls,
      hasErrors: module.sections.some(({ root: tree }) => tree.hasError),
      track: (chosen) => instrument(module, text, chosen, place.tracker),
      untrack: (chosen) => removeTracking(module, text, chosen, calls, place.tracker.style),
      place,
      close: () => parser.dispose(),
    };
  }
}

/** The files of a wrapper that lies there, as they would be written now. @param wrapper the path of the wrapper or of its prices. */
export function currentWrapper(wrapper: string, dist: string, table: PricingTable | null, catalogue: Catalogue): { file: string; text: string }[] {
  const folder = path.dirname(wrapper);
  return (["py", "ts", "mjs", "cjs"] as const).flatMap((form) => {
    const [own, prices] = [wrapperNames[form][0], wrapperNames[form][1]].map((name) => path.join(folder, name)) as [string, string];
    if (wrapper !== own && wrapper !== prices) return [];
    const imported = existsSync(own) ? /["'](\.\/promptCostPrices[^"']*)["']/.exec(readFileSync(own, "utf8"))?.[1] : undefined;
    return [
      { file: own, text: templateOf(own, dist, imported ?? "./promptCostPrices") },
      { file: prices, text: priceModule(table, catalogue, form) },
    ];
  });
}

const templateOf = (wrapper: string, dist: string, pricesModule: string): string => readFileSync(path.join(dist, "wrapper", path.basename(wrapper)), "utf8").replace("./promptCostPrices", pricesModule);

/** The wrapper's files that a place lacks, or whose prices are of another table. @param dist the build's output. */
export function wrapperFiles(place: WrapperPlace, dist: string, table: PricingTable | null, catalogue: Catalogue): { file: string; text: string }[] {
  const prices = priceModule(table, catalogue, place.form);
  return [
    ...(existsSync(place.wrapper) ? [] : [{ file: place.wrapper, text: templateOf(place.wrapper, dist, place.pricesModule) }]),
    ...(existsSync(place.prices) && readFileSync(place.prices, "utf8") === prices ? [] : [{ file: place.prices, text: prices }]),
  ];
}
