import { z } from "zod";
import type { LanguagePack } from "../languages/pack";
import { languageOfIdentifier } from "../languages/registry";
import type { Stretch } from "./parts";

const source = z
  .union([z.string(), z.array(z.string())])
  .transform((lines) => (typeof lines === "string" ? lines : lines.join("")));

const notebook = z.object({
  metadata: z
    .object({
      language_info: z.object({ name: z.string() }).partial().optional(),
      kernelspec: z.object({ language: z.string(), name: z.string() }).partial().optional(),
    })
    .optional(),
  cells: z.array(z.object({ cell_type: z.string(), source: source.default("") })),
});

/** A notebook's code: one stretch a code cell, at offsets in the code of all of them. */
export interface NotebookCode {
  language: LanguagePack;
  cells: (Stretch & { /** Counts all cells, from 0. */ index: number })[];
}

/**
 * Reads a Jupyter notebook.
 * @throws SyntaxError or ZodError where the text is no notebook.
 */
export function readNotebook(text: string): NotebookCode | undefined {
  const { cells, metadata } = notebook.parse(JSON.parse(text));
  const name = (metadata?.language_info?.name ?? metadata?.kernelspec?.language ?? "python").toLowerCase();
  const language = languageOfIdentifier(name === "ipython" ? "python" : name);
  if (language === undefined) return undefined;
  let start = 0;
  const code = cells.flatMap((cell, index) => {
    if (cell.cell_type !== "code" || isForeign(cell.source)) return [];
    const stretch = { text: withoutMagics(cell.source), start, index };
    start += cell.source.length + 1;
    return [stretch];
  });
  return { language, cells: code };
}

/** `%%bash` and the like: a cell in another language. */
const isForeign = (cell: string): boolean => /^\s*%%(?!time|timeit|capture|prun|memit)/.test(cell);

/** IPython's lines that are no Python: `%pip …`, `!ls`, `?help`; blanked out, so that places stay the same. */
const withoutMagics = (cell: string): string =>
  cell.replace(/^[ \t]*(?:%|!|\?).*$/gm, (line) => " ".repeat(line.length));
