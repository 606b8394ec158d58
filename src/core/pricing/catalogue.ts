import { z } from "zod";

const amounts = z.object({ input: z.number(), cachedInput: z.number().optional(), output: z.number().optional() });

const catalogue = z.object({
  /** The package and version that the rows are from. */
  source: z.string(),
  rows: z.record(
    z.string(),
    amounts.extend({ model: z.string(), above: amounts.extend({ inputTokens: z.number() }).optional() }),
  ),
});

/** Prices by exact name of the model: what fills in where the user's table has no row. */
export type Catalogue = z.infer<typeof catalogue>;

/** Reads the file that `build/prices.mjs` writes. */
export function parseCatalogue(text: string): Catalogue {
  return catalogue.parse(JSON.parse(text));
}
