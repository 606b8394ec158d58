import { encodingOf, openAiSpelling, withoutSnapshotDate } from "../tokens/models";
import { ASSUMED, type Vendor, atPricesOf } from "../vendors/vendor";
import { rowPrefixes, whyNoPrice } from "../vendors/wording";
import type { Catalogue, CatalogueRow } from "./catalogue";
import type { ModelPriceRow, PricingTable } from "./table";
import { PRICING_FILE } from "./tableFile";

/** Prices in USD per million tokens. */
export interface Amounts {
  input: number;
  cachedInput: number;
  /** Null where the model answers no tokens (embeddings) or the row doesn't say. */
  output: number | null;
}

/** The price of one model on one service tier, and where it is from. */
export interface Price extends Amounts {
  /** The row's name in its table. */
  row: string;
  source: "table" | "catalogue";
  /** In words: the file, or the catalogue's package and version. */
  sourceName: string;
  /** Longer prompts cost more on some models: all of their tokens, above a number of input tokens. */
  above: (Amounts & { inputTokens: number }) | null;
}

export type PriceResult = { price: Price; reason: null } | { price: null; reason: string };

/** OpenAI halves its prices for batch and flex. */
const OPENAI_HALF = 0.5;

/** Finds prices: the user's table first, then the catalogue. */
export class PriceBook {
  private readonly names = new Map<string, { row: string; price: ModelPriceRow }>();
  private readonly hosts: ReadonlyMap<string, string>;
  private readonly found = new Map<string, PriceResult>();

  constructor(
    /** The user's own table, or null. */
    readonly table: PricingTable | null,
    private readonly catalogue: Catalogue,
  ) {
    for (const [row, price] of Object.entries(table?.models ?? {})) {
      for (const name of [row, ...(price.aliases ?? [])]) this.names.set(normal(name), { row, price });
    }
    this.hosts = new Map(Object.entries(table?.hosts ?? {}).map(([host, vendor]) => [normal(host), normal(vendor)]));
  }

  /**
   * The price of a model.
   * @param tier `service_tier` of the request, or `batch`; null is the default tier.
   * @param vendor who answers; OpenAI where nothing else is known.
   */
  find(model: string, tier: string | null = null, vendor: Vendor = ASSUMED): PriceResult {
    const name = [vendor.kind, vendor.id, vendor.prices, vendor.host, tier, model].join(" ");
    let found = this.found.get(name);
    if (found === undefined) {
      // Names come from spans too: the memory of them is bounded.
      if (this.found.size > 1000) this.found.clear();
      this.found.set(name, (found = this.look(model, tier, vendor)));
    }
    return found;
  }

  private look(model: string, tier: string | null, vendor: Vendor): PriceResult {
    const sellsOpenAi = isOpenAiSeller(vendor);
    const factor = (row: ModelPriceRow | undefined): number | undefined =>
      sellsOpenAi ? this.factor(row, tier) : otherFactor(tier);
    for (const name of rowNames(model, vendor)) {
      const own = this.names.get(name);
      if (own !== undefined) return withFactor(fromTable(own.row, own.price), factor(own.price), tier, own.row);
    }
    const { rows, unpriced, sourceName } = this.pricesOf(vendor);
    for (const name of sellsOpenAi ? candidates(model) : namesAt(model, vendor)) {
      const row = rows(name);
      if (row === undefined) {
        const reason = unpriced[name];
        if (reason !== undefined && Object.hasOwn(unpriced, name))
          return { price: null, reason: `the price of ${model} at ${vendor.name} ${reason}` };
        continue;
      }
      const price: Price = {
        ...amounts(row),
        row: row.model,
        source: "catalogue",
        sourceName,
        above: row.above === undefined ? null : { ...amounts(row.above), inputTokens: row.above.inputTokens },
      };
      return withFactor(price, factor(undefined), tier, row.model);
    }
    return { price: null, reason: whyNoPrice(model, vendor) };
  }

  /** A vendor's rows of the catalogue. */
  private pricesOf({ prices }: Vendor): {
    rows: (name: string) => CatalogueRow | undefined;
    unpriced: Record<string, string>;
    sourceName: string;
  } {
    const { vendors, rows, source } = this.catalogue;
    const own = Object.hasOwn(vendors, prices) ? vendors[prices] : undefined;
    const of = (some: Catalogue["rows"], name: string): CatalogueRow | undefined =>
      Object.hasOwn(some, name) ? some[name] : undefined;
    return {
      unpriced: own?.unpriced ?? {},
      sourceName: source,
      rows: (name) => {
        // OpenRouter's free variants are free, all of them.
        if (prices === "openrouter" && name.endsWith(":free"))
          return { model: name, input: 0, cachedInput: 0, output: 0 };
        const isOpenAi = prices === "openai" || prices === "azure";
        return (isOpenAi ? of(rows, name) : undefined) ?? (own === undefined ? undefined : of(own.rows, name));
      },
    };
  }

  /** The vendor with what the user's table says of its host: at whose prices it answers. `*` is any that isn't known. */
  atItsPrices(vendor: Vendor): Vendor {
    const host = normal(vendor.host ?? "");
    const any = vendor.kind === "unknown" ? this.hosts.get("*") : undefined;
    const prices = this.hosts.get(host) ?? this.hosts.get(host.replace(/:\d+$/, "")) ?? any;
    return prices === undefined
      ? vendor
      : atPricesOf(prices, { ...vendor, id: prices, kind: "proxy", name: vendor.host ?? "its host" });
  }

  /** What a tier multiplies prices by: of a model's own row, or (null) of the catalogue's. Null where nothing is said of the tier. */
  factorOf(name: string | null, tier: string): number | null {
    return this.factor(name === null ? undefined : this.names.get(normal(name))?.price, tier) ?? null;
  }

  /** The model behind an alias of the user's table, such as a deployment's name; the name itself where it is none. */
  modelBehind(name: string): string {
    return this.names.get(normal(name))?.row ?? name;
  }

  private factor(row: ModelPriceRow | undefined, tier: string | null): number | undefined {
    switch (tier) {
      case null:
      case "":
      case "default":
      case "auto":
      case "standard":
        return 1;
      case "batch":
        return row?.batchFactor ?? this.table?.batchFactor ?? OPENAI_HALF;
      case "flex":
        return row?.flexFactor ?? this.table?.flexFactor ?? OPENAI_HALF;
      case "priority":
        return row?.priorityFactor;
      default:
        // No price is published for any other tier, and code can hold any text here.
        return undefined;
    }
  }
}

/** Whether a vendor asks OpenAI's prices: plain rows of the user's table, and half for batch and flex. */
const isOpenAiSeller = ({ kind, prices }: Vendor): boolean =>
  (kind === "own" || kind === "proxy") && (prices === "openai" || prices === "azure");

/** What other vendors ask for their tiers isn't known. */
const otherFactor = (tier: string | null): number | undefined =>
  /^(|default|auto|standard)$/.test(tier ?? "") ? 1 : undefined;

/** The names of the user's rows that price a model of a vendor, the most exact first. */
function rowNames(model: string, vendor: Vendor): string[] {
  const names = candidates(model);
  const own = isOpenAiSeller(vendor) ? names : names.filter((name) => !isOpenAiName(name));
  return [...rowPrefixes(vendor).flatMap((prefix) => names.map((name) => `${prefix}/${name}`)), ...own];
}

/** A plain name of OpenAI's is OpenAI's model; gpt-oss is everybody's. */
const isOpenAiName = (name: string): boolean => encodingOf(name).known && !/\/|^gpt-oss/.test(name);

/** The names that a model may have in a vendor's own list. */
function namesAt(model: string, { prices }: Vendor): string[] {
  const name = normal(model);
  return prices === "anthropic" ? [name, name.replace(/-\d{8}$/, "")] : [name];
}

const normal = (name: string): string => name.trim().toLowerCase();

/**
 * The names that a model's price may stand under, the most exact first. A snapshot maps to its model; a
 * fine-tune only to rows of fine-tunes; nothing maps to a name that is merely longer or shorter.
 */
function candidates(model: string): string[] {
  const name = normal(model);
  const bare = name.replace(/^openai\//, "");
  const fineTuned = /^ft:([^:]+)/.exec(bare)?.[1];
  const dated = fineTuned ?? bare;
  const undated = withoutSnapshotDate(dated);
  const bases = [dated, openAiSpelling(dated), undated, openAiSpelling(undated)];
  return [...new Set([name, bare, ...bases.map((base) => (fineTuned === undefined ? base : `ft:${base}`))])];
}

const amounts = (row: { input: number; cachedInput?: number | undefined; output?: number | undefined }): Amounts => ({
  input: row.input,
  cachedInput: row.cachedInput ?? row.input,
  output: row.output ?? null,
});

const fromTable = (row: string, price: ModelPriceRow): Price => ({
  ...amounts(price),
  row,
  source: "table",
  sourceName: PRICING_FILE,
  above: null,
});

function withFactor(price: Price, factor: number | undefined, tier: string | null, row: string): PriceResult {
  if (factor === undefined) return { price: null, reason: `no price for service tier "${tier ?? ""}" of ${row}` };
  if (factor === 1) return { price, reason: null };
  const scale = <T extends Amounts>(one: T): T => ({
    ...one,
    input: one.input * factor,
    cachedInput: one.cachedInput * factor,
    output: one.output === null ? null : one.output * factor,
  });
  return { price: { ...scale(price), above: price.above === null ? null : scale(price.above) }, reason: null };
}

/** Cost of tokens in USD, rounded to a millionth of a millionth so that sums carry no noise of binary fractions. */
export function usd(tokens: number, perMillion: number): number {
  return Math.round(tokens * perMillion * 1e6) / 1e12;
}

/** The amounts that apply to a prompt of this many input tokens. */
export function amountsFor(price: Price, inputTokens: number): Amounts {
  return price.above !== null && inputTokens > price.above.inputTokens ? price.above : price;
}
