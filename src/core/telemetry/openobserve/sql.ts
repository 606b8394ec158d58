import { MOST_VALUES, type Dimension, type Filters } from "../spend";
import { type PriceBook } from "../../pricing/price";
import { LONG_INPUT_TOKENS } from "../callPrice";
import { LARGEST_FIGURE, figureColumns, rateLimitColumns, rateLimitValues, surroundingOperations, textColumns } from "../columns";
import type { StreamSchema } from "./schema";

/** The one way in which text becomes SQL: a value in single quotes, or a name in double ones (PostgreSQL's rules). */
export function quote(text: string, as: "value" | "name"): string {
  // A null character ends a text in some parsers; no name that is shown contains one.
  const clean = text.replaceAll("\u0000", "");
  return as === "value" ? `'${clean.replaceAll("'", "''")}'` : `"${clean.replaceAll('"', '""')}"`;
}

const values = (texts: readonly string[]): string => texts.map((text) => quote(text, "value")).join(", ");

/** What a span says, as SQL over the columns that the stream has. A column that isn't there is a typed NULL. */
class Columns {
  constructor(
    private readonly schema: StreamSchema,
    private readonly table: string,
  ) {}

  name(column: string): string {
    return `${this.table}.${quote(column, "name")}`;
  }

  private present(columns: readonly string[]): string[] {
    return columns.filter((column) => this.schema.columns.has(column));
  }

  text(columns: readonly string[]): string {
    const found = this.present(columns).map((column) => `NULLIF(${this.schema.columns.get(column) === "Utf8" ? this.name(column) : `CAST(${this.name(column)} AS VARCHAR)`}, '')`);
    return found.length === 0 ? "CAST(NULL AS VARCHAR)" : `COALESCE(${found.join(", ")}, CAST(NULL AS VARCHAR))`;
  }

  /** Everything is stored as text, and some of it is empty or `NaN`: TRY_CAST, and within bounds. */
  figure(columns: readonly string[], above: ">" | ">=" = ">="): string {
    const found = this.present(columns).map((column) => {
      const number = `TRY_CAST(${this.name(column)} AS DOUBLE)`;
      return `CASE WHEN ${number} ${above} 0 AND ${number} < ${LARGEST_FIGURE.toExponential()} THEN ${number} END`;
    });
    return found.length === 0 ? "CAST(NULL AS DOUBLE)" : `COALESCE(${found.join(", ")}, CAST(NULL AS DOUBLE))`;
  }

  /** Whether the span is a call to a model. */
  isCall(): string {
    const [operation, model] = [this.text(textColumns.operation), this.text(textColumns.model)];
    return `(${model} IS NOT NULL OR ${operation} IS NOT NULL) AND COALESCE(${operation}, '') NOT IN (${values(surroundingOperations)})`;
  }

  isRateLimited(): string {
    const found = this.present(rateLimitColumns).map((column) => `COALESCE(CAST(${this.name(column)} AS VARCHAR), '') IN (${values(rateLimitValues)})`);
    return found.length === 0 ? "0" : `CASE WHEN ${found.join(" OR ")} THEN 1 ELSE 0 END`;
  }

  isError(): string {
    return this.schema.columns.has("span_status") ? `CASE WHEN ${this.name("span_status")} = 'ERROR' THEN 1 ELSE 0 END` : "0";
  }
}

const keyColumns = { feature: "feature", model: "model", team: "team", environment: "environment", user: "user_key" } as const satisfies Record<Dimension, string>;

/** Composes the questions of one refresh over one stream. */
export class SpendSql {
  private readonly calls: string;

  /** @param fromUs spans before it are read only as parents: the server is given an earlier start. */
  constructor(schema: StreamSchema, filters: Filters, fromUs: number) {
    this.calls = callsOf(schema, filters, fromUs);
  }

  /** Models whose spans report tokens and no cost: `model`. */
  openModels(): string {
    return `SELECT s.model AS model, COUNT(*) AS calls FROM (${this.calls}) AS s WHERE s.cost IS NULL AND s.model IS NOT NULL GROUP BY s.model ORDER BY calls DESC`;
  }

  /**
   * The largest values of each dimension, and what they spend: `dim`, `key_value`, the measures, and the measures
   * before `edgeUs` under names that begin with `old_`.
   */
  largest(dimensions: readonly Dimension[], price: string, edgeUs: number, onlyUsers: readonly (string | null)[] | null): string {
    const parts = dimensions.map((dimension) => {
      const key = keyColumns[dimension];
      const only = dimension === "user" && onlyUsers !== null ? ` WHERE ${isOneOf(`s.${key}`, onlyUsers)}` : "";
      const names = ["dim", "key_value", ...measureNames, ...measureNames.map((name) => `old_${name}`)];
      const inner = `SELECT ${quote(dimension, "value")} AS dim, s.${key} AS key_value, ${measures(price, "")}, ${measures(price, ` FILTER (WHERE s.ts < ${edgeUs})`, "old_")}, SUM(COALESCE(s.cost, ${price}, 0)) AS spent FROM (${this.calls}) AS s${only} GROUP BY s.${key} ORDER BY spent DESC, input_tokens DESC LIMIT ${MOST_VALUES + 1}`;
      return `SELECT ${names.join(", ")} FROM (${inner}) AS ${key}_largest`;
    });
    return parts.join(" UNION ALL ");
  }

  /** The cube: `bucket` (microseconds), the four dimensions with their `…_rest` (1 where values are added up), the measures, `newest`. */
  cube(bucketUs: number, price: string, named: Partial<Record<Dimension, readonly (string | null)[]>>): string {
    const keys = (["feature", "model", "team", "environment"] as const).flatMap((dimension) => {
      const column = `s.${keyColumns[dimension]}`;
      const list = named[dimension];
      if (list === undefined) return [`${column} AS ${dimension}_key`, `0 AS ${dimension}_rest`];
      const isNamed = isOneOf(column, list);
      return [`CASE WHEN ${isNamed} THEN ${column} ELSE CAST(NULL AS VARCHAR) END AS ${dimension}_key`, `CASE WHEN ${isNamed} THEN 0 ELSE 1 END AS ${dimension}_rest`];
    });
    const names = ["feature", "model", "team", "environment"].flatMap((dimension) => [`${dimension}_key`, `${dimension}_rest`]);
    return `SELECT k.bucket AS bucket, ${names.map((name) => `k.${name} AS ${name}`).join(", ")}, ${measures("k.here", "", "", "k")}, MAX(k.ts) AS newest FROM (SELECT s.ts - s.ts % ${bucketUs} AS bucket, ${keys.join(", ")}, s.ts AS ts, s.failed AS failed, s.limited AS limited, s.tokens_in AS tokens_in, s.tokens_out AS tokens_out, s.tokens_cached AS tokens_cached, s.cost AS cost, ${price} AS here FROM (${this.calls}) AS s) AS k GROUP BY k.bucket, ${names.map((name) => `k.${name}`).join(", ")}`;
  }
}

const isOneOf = (column: string, keys: readonly (string | null)[]): string => {
  const texts = keys.filter((key): key is string => key !== null);
  const parts = [...(texts.length > 0 ? [`${column} IN (${values(texts)})`] : []), ...(keys.includes(null) ? [`${column} IS NULL`] : [])];
  return parts.length === 0 ? "1 = 0" : `(${parts.join(" OR ")})`;
};

/** One row a call, each once: a span under another call's span is the same call, and one that was sent twice too. */
function callsOf(schema: StreamSchema, filters: Filters, fromUs: number): string {
  const c = new Columns(schema, "c");
  const p = new Columns(schema, "p");
  const columns = [
    `${c.name("_timestamp")} AS ts`,
    `${c.name("trace_id")} AS trace`,
    `${c.name("span_id")} AS span`,
    ...(["feature", "model", "team", "environment"] as const).map((dimension) => `${c.text(textColumns[dimension])} AS ${keyColumns[dimension]}`),
    `${c.text(textColumns.user)} AS ${keyColumns.user}`,
    `${c.figure(figureColumns.costUsd, ">")} AS cost`,
    `COALESCE(${c.figure(figureColumns.inputTokens)}, 0) AS tokens_in`,
    `COALESCE(${c.figure(figureColumns.outputTokens)}, 0) AS tokens_out`,
    `COALESCE(${c.figure(figureColumns.cachedTokens)}, 0) AS tokens_cached`,
    `${c.isError()} AS failed`,
    `${c.isRateLimited()} AS limited`,
  ];
  const stream = quote(schema.name, "name");
  const hasParents = schema.columns.has("reference_parent_span_id");
  const join = hasParents ? ` LEFT JOIN ${stream} AS p ON ${c.name("reference_parent_span_id")} = ${p.name("span_id")} AND ${c.name("trace_id")} = ${p.name("trace_id")} AND ${p.isCall()}` : "";
  const where = [c.isCall(), `${c.name("_timestamp")} >= ${fromUs}`, ...(hasParents ? [`${p.name("span_id")} IS NULL`] : []), ...filtersOf(c, filters)];
  return `SELECT DISTINCT ${columns.join(", ")} FROM ${stream} AS c${join} WHERE ${where.join(" AND ")}`;
}

const filtersOf = (c: Columns, filters: Filters): string[] =>
  (Object.keys(keyColumns) as Dimension[]).flatMap((dimension) => {
    const chosen = filters[dimension];
    if (chosen === undefined) return [];
    const column = c.text(textColumns[dimension]);
    if (dimension !== "model") return [isOneOf(column, chosen)];
    // A chosen model stands for its dated snapshots too.
    const snapshots = chosen.filter((model) => model !== null).map((model) => `${column} LIKE ${quote(`${model.replace(/[\\%_]/g, "_")}-20__-__-__`, "value")}`);
    return [`(${[isOneOf(column, chosen), ...snapshots].join(" OR ")})`];
  });

const measureNames = ["calls", "errors", "limited", "input_tokens", "output_tokens", "cached_tokens", "reported", "priced_here", "priced_here_calls", "unpriced"] as const;

/** The measures over rows of calls in `s`; `price` is what a call without a cost costs, or NULL. */
function measures(price: string, filter: string, prefix = "", s = "s"): string {
  const isUnknown = `${s}.cost IS NULL AND NOT (${s}.failed = 1 AND ${s}.tokens_in + ${s}.tokens_out = 0)`;
  const here = `CASE WHEN ${s}.cost IS NULL AND ${s}.tokens_in + ${s}.tokens_out > 0 THEN ${price} END`;
  const sum = (expression: string): string => `COALESCE(SUM(${expression})${filter}, 0)`;
  const expressions: Record<(typeof measureNames)[number], string> = {
    calls: sum("1"),
    errors: sum(`${s}.failed`),
    limited: sum(`${s}.limited`),
    input_tokens: sum(`${s}.tokens_in`),
    output_tokens: sum(`${s}.tokens_out`),
    cached_tokens: sum(`${s}.tokens_cached`),
    reported: sum(`COALESCE(${s}.cost, 0)`),
    priced_here: sum(`COALESCE(${here}, 0)`),
    priced_here_calls: sum(`CASE WHEN ${here} IS NOT NULL THEN 1 ELSE 0 END`),
    unpriced: sum(`CASE WHEN ${isUnknown} AND ${here} IS NULL THEN 1 ELSE 0 END`),
  };
  return measureNames.map((name) => `${expressions[name]} AS ${prefix}${name}`).join(", ");
}

/** What a call costs by the pricing table, as SQL over its tokens in `s`; NULL for models that it doesn't know. */
export function priceSql(models: readonly string[], prices: PriceBook): string {
  const cached = "CASE WHEN s.tokens_cached < s.tokens_in THEN s.tokens_cached ELSE s.tokens_in END";
  const cases = models.flatMap((model) => {
    const { price } = prices.find(model);
    if (price === null) return [];
    const cost = ({ input, cachedInput, output }: { input: number; cachedInput: number; output: number | null }): string => {
      const sum = `((s.tokens_in - ${cached}) * ${decimal(input)} + ${cached} * ${decimal(cachedInput)} + s.tokens_out * ${decimal(output ?? 0)}) / 1000000.0`;
      return output === null ? `CASE WHEN s.tokens_out > 0 THEN CAST(NULL AS DOUBLE) ELSE ${sum} END` : sum;
    };
    const is = `s.model = ${quote(model, "value")}`;
    return [...(price.above === null ? [] : [`WHEN ${is} AND s.tokens_in > ${LONG_INPUT_TOKENS} THEN ${cost(price.above)}`]), `WHEN ${is} THEN ${cost(price)}`];
  });
  return cases.length === 0 ? "CAST(NULL AS DOUBLE)" : `CASE ${cases.join(" ")} ELSE CAST(NULL AS DOUBLE) END`;
}

/** A number as SQL reads it, never in exponent form. */
const decimal = (number: number): string => {
  const text = number.toFixed(12).replace(/0+$/, "");
  return text.endsWith(".") ? `${text}0` : text;
};
