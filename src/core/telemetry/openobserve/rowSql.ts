import { cellDimensions, dimensionTable } from "../dimensions";
import { type Measure, measures } from "../measures";
import type { MeasureEntry } from "../measureTable";
import { reportedAs } from "./callSql";
import { quote } from "./quote";

/** What each measure adds up, of one call, as SQL. */
type OfCall<Name extends string> = Readonly<Record<Name, string>>;

/** A table of measures as SQL, under the names that the table gives them. */
export function sqlOf<Name extends string>(table: Readonly<Record<Name, Pick<MeasureEntry, "sqlName">>>) {
  const names = Object.keys(table) as Name[];
  const columns = (value: (name: Name) => string): Record<string, string> =>
    Object.fromEntries(names.map((name) => [table[name].sqlName, value(name)]));
  return {
    names: names.map((name) => table[name].sqlName),
    sums: (of: OfCall<Name>, filter: string, prefix: string): string =>
      names.map((name) => `COALESCE(SUM(${of[name]})${filter}, 0) AS ${prefix}${table[name].sqlName}`).join(", "),
    /** As columns of a row: sums, or the figures of the one call. */
    sumColumns: (of: OfCall<Name>) => columns((name) => `COALESCE(SUM(${of[name]}), 0)`),
    callColumns: (of: OfCall<Name>) => columns((name) => of[name]),
  };
}

const sql = sqlOf(measures);
export const sqlNames = sql.names;

/** What the measures add up, of a call in `s`. `price` is what a call without a cost costs, or NULL. */
function measuresOfCall(s: string, price: string): Record<Measure, string> {
  const here = `CASE WHEN ${s}.cost IS NULL AND ${s}.tokens_in + ${s}.tokens_out > 0 THEN ${price} END`;
  return {
    calls: "1",
    errors: `${s}.failed`,
    rateLimited: `${s}.limited`,
    inputTokens: `${s}.${reportedAs.inputTokens}`,
    outputTokens: `${s}.${reportedAs.outputTokens}`,
    cachedTokens: `${s}.${reportedAs.cachedTokens}`,
    reasoningTokens: `${s}.${reportedAs.reasoningTokens}`,
    costUsd: `COALESCE(${s}.cost, 0)`,
    pricedHereUsd: `COALESCE(${here}, 0)`,
    pricedHereCalls: `CASE WHEN ${here} IS NOT NULL THEN 1 ELSE 0 END`,
    unpricedCalls: `CASE WHEN ${s}.cost IS NULL AND NOT (${s}.failed = 1 AND ${s}.open = 0 AND ${s}.tokens_in + ${s}.tokens_out = 0) AND ${here} IS NULL THEN 1 ELSE 0 END`,
  };
}

/** What the measures are made of, taken from a call in `s`. */
export const measured = ["failed", "limited", "open", ...Object.values(reportedAs), "cost"]
  .map((name) => `s.${name} AS ${name}`)
  .join(", ");

/** The measures over rows of calls in `s`. */
export const sums = (price: string, filter: string, prefix = ""): string =>
  sql.sums(measuresOfCall("s", price), filter, prefix);

/** The measures as columns of a row, over a table that has each call's price as `here`. */
export const sumColumns = (table: string): Partial<Row> => sql.sumColumns(measuresOfCall(table, `${table}.here`));

const texts = [
  ...cellDimensions.map((dimension) => `${dimension}_key` as const),
  "trace",
  "span",
  "service",
  "file",
  "function",
  "finish",
] as const;
const figures = [
  "at",
  "is_old",
  ...cellDimensions.map((dimension) => `${dimension}_rest` as const),
  "line",
  "duration",
  "first_token",
  "newest",
  ...sqlNames,
] as const;
/**
 * Columns of an answer whose rows are of several kinds: `cell`, `duration` and `firstToken` (`at` is the step), `finish`,
 * `site`, `newest` and `costliest` (`at` is the start), `before`. What a kind hasn't is NULL.
 */
type Row = Record<(typeof texts)[number] | (typeof figures)[number], string>;

export function row(kind: string, columns: Partial<Row>, from: string): string {
  const names = [
    ...texts.map((name) => `CAST(${columns[name] ?? "NULL"} AS VARCHAR) AS ${name}`),
    ...figures.map((name) => `CAST(${columns[name] ?? "NULL"} AS DOUBLE) AS ${quote(name, "name")}`),
  ];
  return `SELECT ${quote(kind, "value")} AS kind, ${names.join(", ")} FROM ${from}`;
}

/** Rows of a kind, of which only the first in some order are of interest. */
export function limited(kind: string, columns: Partial<Row>, from: string, order: string, most: number): string {
  const names = ["kind", ...[...texts, ...figures].map((name) => quote(name, "name"))];
  return `SELECT ${names.join(", ")} FROM (${row(kind, columns, from)} ORDER BY ${order} LIMIT ${most}) AS ${kind}_rows`;
}

/** Columns of a table under their own names. */
export const own = (table: string, names: readonly string[]): Partial<Row> =>
  Object.fromEntries(names.map((name) => [name, `${table}.${name}`]));

/** A row of a single call. */
export const callRow: Partial<Row> = {
  at: "k.ts",
  ...Object.fromEntries(
    cellDimensions.map((dimension) => [`${dimension}_key`, `k.${dimensionTable[dimension].sqlName}`]),
  ),
  ...own("k", ["trace", "span", "service", "file", "function", "line", "duration", "first_token"]),
  ...sql.callColumns(measuresOfCall("k", "k.here")),
};
