import { existsSync } from "node:fs";
import path from "node:path";
import { type Within, readTextFile } from "../core/files/readFile";
import type { Catalogue } from "../core/pricing/catalogue";
import { PriceBook } from "../core/pricing/price";
import { type PricingTable, parsePricingTable } from "../core/pricing/table";
import { PRICING_FILE } from "../core/pricing/tableFile";
import { LineStarts } from "../core/scan/lineStarts";
import { UsageError } from "./usageError";

/**
 * The prices for a command: a given table, or the one at the root of what is scanned, or the one here.
 * @throws UsageError where the table can't be read.
 */
export function readPriceBook(given: string | undefined, folders: readonly string[], catalogue: Catalogue): PriceBook {
  const candidates = [...folders, process.cwd()].map((folder) => path.join(folder, PRICING_FILE));
  const file = given ?? candidates.find((candidate) => existsSync(candidate));
  // A table that was found must lie where it was found; one that a person names may lie anywhere.
  const within = given === undefined ? [...folders, process.cwd()] : "anywhere";
  return new PriceBook(file === undefined ? null : readTable(file, within), catalogue);
}

function readTable(file: string, within: Within): PricingTable {
  const content = readTextFile(file, within);
  if ("unreadable" in content) throw new UsageError(`${file} can't be read: it is ${content.unreadable}`);
  const { table, problems } = parsePricingTable(content.text);
  if (table !== null) return table;
  const [first] = problems;
  const { line, column } = new LineStarts(content.text).at(first?.start ?? 0);
  throw new UsageError(`${file}:${line}:${column}: ${first?.message ?? "is no pricing table"}`);
}
