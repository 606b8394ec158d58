import {
  LARGEST_FIGURE,
  figureColumns,
  rateLimitColumns,
  rateLimitValues,
  surroundingOperations,
  textColumns,
  unpricedColumn,
} from "../columns";
import { dimensionTable, dimensions } from "../dimensions";
import type { ReportedMeasure } from "../measures";
import type { Filters } from "../spend";
import { isOneOf, quote, values } from "./quote";
import type { StreamSchema } from "./schema";

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
    const found = this.present(columns).map(
      (column) =>
        `NULLIF(${this.schema.columns.get(column) === "Utf8" ? this.name(column) : `CAST(${this.name(column)} AS VARCHAR)`}, '')`,
    );
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
    const found = this.present(rateLimitColumns).map(
      (column) => `COALESCE(CAST(${this.name(column)} AS VARCHAR), '') IN (${values(rateLimitValues)})`,
    );
    return found.length === 0 ? "0" : `CASE WHEN ${found.join(" OR ")} THEN 1 ELSE 0 END`;
  }

  isUnpriced(): string {
    return this.schema.columns.has(unpricedColumn)
      ? `CASE WHEN CAST(${this.name(unpricedColumn)} AS VARCHAR) = 'true' THEN 1 ELSE 0 END`
      : "0";
  }

  isError(): string {
    return this.schema.columns.has("span_status")
      ? `CASE WHEN ${this.name("span_status")} = 'ERROR' THEN 1 ELSE 0 END`
      : "0";
  }
}

/** What spans report beside the cost, by the columns of `callsOf`. */
export const reportedAs = {
  inputTokens: "tokens_in",
  outputTokens: "tokens_out",
  cachedTokens: "tokens_cached",
  reasoningTokens: "tokens_reasoning",
} as const satisfies Record<Exclude<ReportedMeasure, "costUsd">, string>;

/** Columns of one call, as `callsOf` names them. */
export const callColumns = [
  "ts",
  "trace",
  "span",
  ...dimensions.map((dimension) => dimensionTable[dimension].sqlName),
  "service",
  "file",
  "function",
  "line",
  "finish",
  "duration",
  "first_token",
  "cost",
  ...Object.values(reportedAs),
  "failed",
  "limited",
  "open",
] as const;

/**
 * One row a call, each once: a span under another call's span is the same call, and one that was sent twice too.
 * @param toUs where the range ends before the end that the server is given.
 */
export function callsOf(schema: StreamSchema, filters: Filters, fromUs: number, toUs: number | null = null): string {
  const c = new Columns(schema, "c");
  const p = new Columns(schema, "p");
  const columns = [
    `${c.name("_timestamp")} AS ts`,
    `${c.name("trace_id")} AS trace`,
    `${c.name("span_id")} AS span`,
    ...dimensions.map((dimension) => `${c.text(textColumns[dimension])} AS ${dimensionTable[dimension].sqlName}`),
    `${c.text(textColumns.service)} AS service`,
    `${c.text(textColumns.file)} AS file`,
    `${c.text(textColumns.function)} AS function`,
    `${c.figure(figureColumns.line)} AS line`,
    `${c.text(textColumns.finishReasons)} AS finish`,
    `${c.figure(["duration"])} AS duration`,
    `COALESCE(${c.figure(figureColumns.firstTokenMs)} * 1000, ${c.figure(figureColumns.firstChunkSeconds)} * 1000000) AS first_token`,
    `${c.figure(figureColumns.costUsd, ">")} AS cost`,
    ...(Object.keys(reportedAs) as (keyof typeof reportedAs)[]).map(
      (name) => `COALESCE(${c.figure(figureColumns[name])}, 0) AS ${reportedAs[name]}`,
    ),
    `${c.isError()} AS failed`,
    `${c.isRateLimited()} AS limited`,
    `${c.isUnpriced()} AS open`,
  ];
  const stream = quote(schema.name, "name");
  const hasParents = schema.columns.has("reference_parent_span_id");
  const join = hasParents
    ? ` LEFT JOIN ${stream} AS p ON ${c.name("reference_parent_span_id")} = ${p.name("span_id")} AND ${c.name("trace_id")} = ${p.name("trace_id")} AND ${p.isCall()}`
    : "";
  const where = [
    c.isCall(),
    `${c.name("_timestamp")} >= ${fromUs}`,
    ...(toUs === null ? [] : [`${c.name("_timestamp")} < ${toUs}`]),
    ...(hasParents ? [`${p.name("span_id")} IS NULL`] : []),
    ...filtersOf(c, filters),
  ];
  return `SELECT DISTINCT ${columns.join(", ")} FROM ${stream} AS c${join} WHERE ${where.join(" AND ")}`;
}

const filtersOf = (c: Columns, filters: Filters): string[] =>
  dimensions.flatMap((dimension) => {
    const chosen = filters[dimension];
    if (chosen === undefined) return [];
    const column = c.text(textColumns[dimension]);
    if (dimension !== "model") return [isOneOf(column, chosen)];
    // A chosen model stands for its dated snapshots too.
    const snapshots = chosen
      .filter((model) => model !== null)
      .map((model) => `${column} LIKE ${quote(`${model.replace(/[\\%_]/g, "_")}-20__-__-__`, "value")}`);
    return [`(${[isOneOf(column, chosen), ...snapshots].join(" OR ")})`];
  });
