import { STEP_GROWTH } from "../latency";
import { type CellDimension, type Dimension, cellDimensions, dimensionTable } from "../dimensions";
import { type Filters, MOST_COSTLIEST, MOST_NEWEST, MOST_SITES, MOST_VALUES } from "../spend";
import { callColumns, callsOf } from "./callSql";
import { isOneOf, quote } from "./quote";
import { callRow, limited, measured, own, row, sqlNames, sumColumns, sums } from "./rowSql";
import type { StreamSchema } from "./schema";

type Named = Partial<Record<Dimension, readonly (string | null)[]>>;

/** Composes the questions of one refresh over one stream. */
export class SpendSql {
  private readonly calls: string;

  /** @param fromUs spans before it are read only as parents: the server is given an earlier start. */
  constructor(
    private readonly schema: StreamSchema,
    private readonly filters: Filters,
    private readonly fromUs: number,
    /** Calls before it will not change any more: sums that have no bucket tell them apart (`is_old`). */
    private readonly edgeUs: number,
  ) {
    this.calls = callsOf(schema, filters, fromUs);
  }

  /** Models whose spans report tokens and no cost: `model`. */
  openModels(): string {
    return `SELECT s.model AS model, COUNT(*) AS calls FROM (${this.calls}) AS s WHERE s.cost IS NULL AND s.model IS NOT NULL GROUP BY s.model ORDER BY calls DESC`;
  }

  /**
   * The largest values of each dimension, and what they spend: `dim`, `key_value`, the measures, and the measures
   * before the edge under names that begin with `old_`.
   */
  largest(dimensions: readonly Dimension[], price: string, onlyUsers: readonly (string | null)[] | null): string {
    const parts = dimensions.map((dimension) => {
      const key = dimensionTable[dimension].sqlName;
      const only = dimension === "user" && onlyUsers !== null ? ` WHERE ${isOneOf(`s.${key}`, onlyUsers)}` : "";
      const names = ["dim", "key_value", ...sqlNames, ...sqlNames.map((name) => `old_${name}`)];
      const inner = `SELECT ${quote(dimension, "value")} AS dim, s.${key} AS key_value, ${sums(price, "")}, ${sums(price, ` FILTER (WHERE s.ts < ${this.edgeUs})`, "old_")}, SUM(COALESCE(s.cost, ${price}, 0)) AS spent FROM (${this.calls}) AS s${only} GROUP BY s.${key} ORDER BY spent DESC, input_tokens DESC LIMIT ${MOST_VALUES + 1}`;
      return `SELECT ${names.join(", ")} FROM (${inner}) AS ${key}_largest`;
    });
    return parts.join(" UNION ALL ");
  }

  /**
   * The cube and, beside it, what a dashboard shows besides sums: one answer of rows of several kinds (see `rowColumns`).
   * @param beforeUs where the period before the range starts; null leaves it out.
   */
  cube(bucketUs: number, price: string, named: Named, withDetail: boolean, beforeUs: number | null): string {
    const cell = this.cell(bucketUs, price, named);
    return (
      withDetail
        ? [cell, ...this.detail(price, named), ...(beforeUs === null ? [] : [this.before(price, named, beforeUs)])]
        : [cell]
    ).join(" UNION ALL ");
  }

  /** The calls with `here`, what each costs by the pricing table. */
  private priced(price: string, calls = this.calls): string {
    return `SELECT ${callColumns.map((name) => `s.${name} AS ${name}`).join(", ")}, ${price} AS here FROM (${calls}) AS s`;
  }

  private cell(bucketUs: number, price: string, named: Named): string {
    const keys = cellDimensions.map((dimension) => `${keyOf(dimension, named)}, ${restOf(dimension, named)}`);
    const inner = `SELECT s.ts - s.ts % ${bucketUs} AS bucket, ${keys.join(", ")}, s.ts AS ts, ${measured}, ${price} AS here FROM (${this.calls}) AS s`;
    const names = cellDimensions.flatMap((dimension) => [`${dimension}_key`, `${dimension}_rest`]);
    return row(
      "cell",
      { at: "k.bucket", ...own("k", names), ...sumColumns("k"), newest: "MAX(k.ts)" },
      `(${inner}) AS k GROUP BY k.bucket, ${names.map((name) => `k.${name}`).join(", ")}`,
    );
  }

  private detail(price: string, named: Named): string[] {
    const feature = `${keyOf("feature", named)}, ${restOf("feature", named)}`;
    const age = `CASE WHEN s.ts < ${this.edgeUs} THEN 1 ELSE 0 END AS is_old`;
    const by = "k.feature_key, k.feature_rest, k.is_old";
    const keys = own("k", ["feature_key", "feature_rest", "is_old"]);
    const latency = (of: string, column: string): string =>
      row(
        of,
        { ...keys, at: "k.step", calls: "COUNT(*)" },
        `(SELECT ${feature}, ${age}, ${stepSql(`s.${column}`)} AS step FROM (${this.calls}) AS s WHERE s.${column} IS NOT NULL) AS k GROUP BY ${by}, k.step`,
      );
    const place = ["file", "function", "line"];
    const site = `SELECT ${feature}, ${age}, ${place.map((name) => `s.${name} AS ${name}`).join(", ")}, ${measured}, ${price} AS here FROM (${this.calls}) AS s WHERE s.file IS NOT NULL OR s.function IS NOT NULL`;
    return [
      latency("duration", "duration"),
      latency("firstToken", "first_token"),
      limited(
        "finish",
        { ...own("k", ["finish", "is_old"]), calls: "COUNT(*)" },
        `(SELECT s.finish AS finish, ${age} FROM (${this.calls}) AS s) AS k GROUP BY k.finish, k.is_old`,
        "calls DESC",
        MOST_REASONS,
      ),
      limited(
        "site",
        { ...keys, ...own("k", place), ...sumColumns("k") },
        `(${site}) AS k GROUP BY ${by}, ${place.map((name) => `k.${name}`).join(", ")}`,
        "reported + priced_here DESC, calls DESC",
        MOST_SITES,
      ),
      limited("newest", callRow, `(${this.priced(price)}) AS k`, '"at" DESC', MOST_NEWEST),
      limited(
        "costliest",
        callRow,
        `(${this.priced(price)}) AS k WHERE COALESCE(k.cost, k.here, 0) > 0`,
        "reported + priced_here DESC",
        MOST_COSTLIEST,
      ),
    ];
  }

  private before(price: string, named: Named, beforeUs: number): string {
    const calls = callsOf(this.schema, this.filters, beforeUs, this.fromUs);
    const inner = `SELECT ${keyOf("feature", named)}, ${restOf("feature", named)}, ${measured}, ${price} AS here FROM (${calls}) AS s`;
    return limited(
      "before",
      { ...own("k", ["feature_key", "feature_rest"]), ...sumColumns("k") },
      `(${inner}) AS k GROUP BY k.feature_key, k.feature_rest`,
      "reported + priced_here DESC",
      MOST_BEFORE,
    );
  }
}

/** Finish reasons that are told apart; features of the period before, where they have not to be folded. */
const MOST_REASONS = 100;
const MOST_BEFORE = 1000;

const keyOf = (dimension: CellDimension, named: Named): string => {
  const [column, list] = [`s.${dimensionTable[dimension].sqlName}`, named[dimension]];
  return list === undefined
    ? `${column} AS ${dimension}_key`
    : `CASE WHEN ${isOneOf(column, list)} THEN ${column} ELSE CAST(NULL AS VARCHAR) END AS ${dimension}_key`;
};
const restOf = (dimension: CellDimension, named: Named): string => {
  const list = named[dimension];
  return list === undefined
    ? `0 AS ${dimension}_rest`
    : `CASE WHEN ${isOneOf(`s.${dimensionTable[dimension].sqlName}`, list)} THEN 0 ELSE 1 END AS ${dimension}_rest`;
};

/** The step of a time in microseconds, as `stepOf` in `latency.ts` has it. */
export const stepSql = (column: string): string =>
  `CASE WHEN ${column} <= 1000 THEN 0 ELSE CAST(FLOOR(LN(${column} / 1000.0) / LN(${STEP_GROWTH})) AS BIGINT) + 1 END`;
