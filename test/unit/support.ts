import path from "node:path";
import { Assets } from "../../src/core/assets";
import type { Files } from "../../src/core/calls/files";
import { languageOfFile } from "../../src/core/languages/registry";
import { AnalysedText, Analyser } from "../../src/core/estimate/analyser";
import type { EstimatedCall } from "../../src/core/estimate/analysis";
import { PriceBook } from "../../src/core/pricing/price";

/** The repository's root: tests run from it. */
export const root = process.cwd();

export const assets = new Assets(path.join(root, "dist"));

export const builtInPrices = new PriceBook(null, assets.catalogue);

/** A workspace that is only in memory: files by path from its root, `/work`. */
export class MemoryFiles implements Files {
  readonly roots = ["/work"];
  constructor(private readonly files: Record<string, string>) {}
  read(file: string): string | undefined {
    return this.files[path.posix.relative("/work", file)];
  }
}

/** The calls of the first file, as the whole core sees them; the others are there to be imported or read. */
export async function analyse(files: Record<string, string>, book = builtInPrices): Promise<EstimatedCall[]> {
  const [[name, text] = ["", ""]] = Object.entries(files);
  const language = languageOfFile(name);
  if (language === undefined) throw new Error(`${name} is in no known language`);
  const analyser = new Analyser(assets.grammars, assets.encodings, new MemoryFiles(files));
  const analysed = new AnalysedText(analyser, language, `/work/${name}`);
  const { calls } = await analysed.analyse(text, book);
  analysed.dispose();
  return calls;
}

export const analysePython = (code: string, beside: Record<string, string> = {}): Promise<EstimatedCall[]> =>
  analyse({ "main.py": code, ...beside });
export const analyseTypeScript = (code: string, beside: Record<string, string> = {}): Promise<EstimatedCall[]> =>
  analyse({ "main.ts": code, ...beside });

/** Tokens of a chat prompt of these texts on a model that does not reason, by the published formula. */
export const chatTokens = (...contents: string[]): number =>
  3 + contents.reduce((sum, content) => sum + 4 + assets.encodings.get("o200k_base").count(content), 0);
