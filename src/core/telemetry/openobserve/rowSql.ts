import { quote } from "./quote";

export const measureNames = [
  "calls",
  "errors",
  "limited",
  "input_tokens",
  "output_tokens",
  "cached_tokens",
  "reasoning_tokens",
  "reported",
  "priced_here",
  "priced_here_calls",
  "unpriced",
] as const;
type Measure = (typeof measureNames)[number];

/** What the measures add up, of a call in `s`. `price` is what a call without a cost costs, or NULL. */
function measuresOfCall(s: string, price: string): Record<Measure, string> {
  const here = `CASE WHEN ${s}.cost IS NULL AND ${s}.tokens_in + ${s}.tokens_out > 0 THEN ${price} END`;
  return {
    calls: "1",
    errors: `${s}.failed`,
    limited: `${s}.limited`,
    input_tokens: `${s}.tokens_in`,
    output_tokens: `${s}.tokens_out`,
    cached_tokens: `${s}.tokens_cached`,
    reasoning_tokens: `${s}.tokens_reasoning`,
    reported: `COALESCE(${s}.cost, 0)`,
    priced_here: `COALESCE(${here}, 0)`,
    priced_here_calls: `CASE WHEN ${here} IS NOT NULL THEN 1 ELSE 0 END`,
    unpriced: `CASE WHEN ${s}.cost IS NULL AND NOT (${s}.failed = 1 AND ${s}.open = 0 AND ${s}.tokens_in + ${s}.tokens_out = 0) AND ${here} IS NULL THEN 1 ELSE 0 END`,
  };
}

/** What the measures are made of, taken from a call in `s`. */
export const measured = [
  "failed",
  "limited",
  "open",
  "tokens_in",
  "tokens_out",
  "tokens_cached",
  "tokens_reasoning",
  "cost",
]
  .map((name) => `s.${name} AS ${name}`)
  .join(", ");

/** The measures over rows of calls in `s`. */
export function measures(price: string, filter: string, prefix = ""): string {
  const of = measuresOfCall("s", price);
  return measureNames.map((name) => `COALESCE(SUM(${of[name]})${filter}, 0) AS ${prefix}${name}`).join(", ");
}

/** The measures as columns of a row, over a table that has each call's price as `here`. */
export function measureColumns(table: string): Partial<Row> {
  const of = measuresOfCall(table, `${table}.here`);
  return Object.fromEntries(measureNames.map((name) => [name, `COALESCE(SUM(${of[name]}), 0)`]));
}

const texts = [
  "feature_key",
  "model_key",
  "team_key",
  "environment_key",
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
  "feature_rest",
  "model_rest",
  "team_rest",
  "environment_rest",
  "line",
  "duration",
  "first_token",
  "newest",
  ...measureNames,
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
  feature_key: "k.feature",
  model_key: "k.model",
  team_key: "k.team",
  environment_key: "k.environment",
  ...own("k", ["trace", "span", "service", "file", "function", "line", "duration", "first_token"]),
  ...measuresOfCall("k", "k.here"),
};
