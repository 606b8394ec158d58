import type { Catalogue } from "../pricing/catalogue";
import { PriceBook } from "../pricing/price";
import type { PricingTable } from "../pricing/table";
import { OPENAI, services } from "../vendors/services";
import { GENERATED, type PriceForm } from "./wrapperNames";

interface Amounts {
  input: number;
  cachedInput: number;
  output: number | null;
}

interface Row extends Amounts {
  factors: Record<string, number>;
  above?: Amounts & { inputTokens: number };
}

type Tables = Record<string, Record<string, Row | string>>;

const TIERS = ["batch", "flex", "priority"] as const;
const HEAD = `${GENERATED} from prompt-cost.pricing.json and the built-in catalogue; do not edit. USD per million tokens.`;

/**
 * The prices that the extension itself would use, as a module beside the wrapper: one table prices the hint and the
 * call. The rows of the user's table come before those of the catalogue, whatever form of a name they match.
 */
export function priceModule(table: PricingTable | null, catalogue: Catalogue, form: PriceForm): string {
  const book = new PriceBook(table, catalogue);
  const names = [
    ...new Set(Object.entries(table?.models ?? {}).flatMap(([row, { aliases }]) => [row, ...(aliases ?? [])])),
  ];
  const bare = new PriceBook(null, catalogue);
  const rows = {
    table: rowsOf(names, book, (name, tier) => book.factorOf(name, tier)),
    catalogue: rowsOf(Object.keys(catalogue.rows), bare, (_name, tier) => book.factorOf(null, tier)),
    hosts: hostsOf(table),
  };
  if (form === "py")
    return `"""${HEAD}"""\n\nfrom typing import Any\n\nPRICES: dict[str, dict[str, Any]] = ${python(rows)}\n`;
  // As a plain key, this name would set the table's prototype.
  const json = jsonOf(rows, 2).replace(/^( *)"__proto__":/gm, '$1["__proto__"]:');
  if (form === "cjs") return `// ${HEAD}\n"use strict";\n\nexports.prices = ${json};\n`;
  if (form === "mjs") return `// ${HEAD}\nexport const prices = ${json};\n`;
  return `// ${HEAD}\n${TYPES}\nexport const prices: Prices = ${json};\n`;
}

const TYPES = `interface Amounts {
  input: number;
  cachedInput: number;
  output: number | null;
}

interface Row extends Amounts {
  /** What a service tier multiplies prices by; a tier that isn't here has no price. */
  factors: Partial<Record<string, number>>;
  /** Prices of longer prompts. */
  above?: Amounts & { inputTokens: number };
}

interface Prices {
  table: Partial<Record<string, Row>>;
  catalogue: Partial<Record<string, Row>>;
  /** The vendor whose prices a host, and all below it, asks. */
  hosts: Partial<Record<string, string>>;
}
`;

/** At whose prices hosts answer: the known ones, proxies at OpenAI's, and those of the user's table. */
const hostsOf = (table: PricingTable | null): Record<string, string> =>
  Object.fromEntries([
    ...services.flatMap(({ kind, id, hosts }) =>
      hosts.map((host) => [host, kind === "proxy" ? OPENAI.id : id] as const),
    ),
    ...Object.entries(table?.hosts ?? {}).map(([host, vendor]) => [host.toLowerCase(), vendor.toLowerCase()] as const),
  ]);

function rowsOf(
  names: readonly string[],
  book: PriceBook,
  factorOf: (name: string, tier: string) => number | null,
): Record<string, Row> {
  return Object.fromEntries(
    names.flatMap((name): [string, Row][] => {
      const { price } = book.find(name);
      if (price === null) return [];
      const { input, cachedInput, output, above } = price;
      const factors: Record<string, number> = { default: 1 };
      for (const tier of TIERS) {
        const factor = factorOf(name, tier);
        if (factor !== null) factors[tier] = factor;
      }
      return [
        [
          name.trim().toLowerCase(),
          {
            input,
            cachedInput,
            output,
            factors,
            ...(above === null
              ? {}
              : {
                  above: {
                    inputTokens: above.inputTokens,
                    input: above.input,
                    cachedInput: above.cachedInput,
                    output: above.output,
                  },
                }),
          },
        ],
      ];
    }),
  );
}

/** JSON as Python reads it. No line ends with `null` but one of that value: names end with a quote. */
function python(rows: Tables): string {
  return jsonOf(rows, 4).replace(/: null(,?)$/gm, ": None$1");
}

/** JSON whose names, whatever a table calls its models, end no line of a program. */
function jsonOf(rows: Tables, indent: number): string {
  return JSON.stringify(rows, null, indent).replace(
    /[\u0085\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
