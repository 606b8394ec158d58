import { z } from "zod";

const amounts = z.object({ input: z.number(), cachedInput: z.number().optional(), output: z.number().optional() });

const rows = z.record(
  z.string(),
  amounts.extend({ model: z.string(), above: amounts.extend({ inputTokens: z.number() }).optional() }),
);

const catalogue = z.object({
  /** The package and version that the rows are from. */
  source: z.string(),
  /** OpenAI's. */
  rows,
  /** The other services', by their `Service.id`. `unpriced`: why a model has no price that is known before a call. */
  vendors: z.record(z.string(), z.object({ rows, unpriced: z.record(z.string(), z.string()) })),
});

/** Prices by exact name of the model, in lower case: what fills in where the user's table has no row. */
export type Catalogue = z.infer<typeof catalogue>;
export type CatalogueRow = Catalogue["rows"][string];

/** Reads the file that `build/prices.mjs` writes. */
export function parseCatalogue(text: string): Catalogue {
  return catalogue.parse(JSON.parse(text));
}
