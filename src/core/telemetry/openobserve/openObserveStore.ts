import type { PriceBook } from "../../pricing/price";
import { modelName } from "../callPrice";
import { type Dimension, cellDimensions, cellKeys, dimensions } from "../dimensions";
import {
  MOST_VALUES,
  REST,
  type SpendCell,
  type SpendCube,
  type SpendDetail,
  type SpendQuery,
  type UserSpend,
  addAmounts,
  noAmounts,
} from "../spend";
import type { RemoteStore } from "../remote";
import { TelemetryError } from "../store";
import { RecentMap } from "../recentMap";
import { restOf } from "../rest";
import type { OpenObserveClient } from "./client";
import type { SearchAnswer } from "./answers";
import { isClamped, unknownStream, warningsOf } from "./failures";
import { type StreamSchema, hasLlmSpans } from "./schema";
import { joinDetails, readDetail } from "./detail";
import { priceSql } from "./priceSql";
import { type Row, keyAt, textAt, toAmounts } from "./rows";
import { SpendSql } from "./sql";

/** Spans that start so long before the range are still looked at as parents of calls in it. */
const PARENT_US = 10 * 60_000_000;
/** Spans arrive after they start: buckets younger than this are asked for again. */
const LATE_US = 5 * 60_000_000;
/** Schema, models and closed buckets are asked for anew after so long, in milliseconds. */
const FRESH_MS = 10 * 60_000;
/** The most rows of the cube. */
const MOST_ROWS = 60_000;
/**
 * Selections whose answers are kept: those of a sidebar and a dashboard, each before and after a change. An answer has
 * up to `MOST_ROWS` cells, so twice as many (see `RecentMap`) are all that fits.
 */
const KEPT_SELECTIONS = 2;
/** What an answer to a selection has taught: while only the newest buckets change, only they are asked for. */
interface Known {
  prices: PriceBook;
  askedAt: number;
  edgeUs: number;
  /** Cells and users before the edge. */
  cells: SpendCell[];
  users: UserSpend[];
  named: Partial<Record<Dimension, (string | null)[]>>;
  detail: SpendDetail | null;
  newestUs: number | null;
}

/** Spend out of a stream of OpenObserve, by SQL. A refresh asks at most three times, one at a time. */
export class OpenObserveStore implements RemoteStore {
  readonly source = "openobserve";
  private schema: { value: StreamSchema; readAt: number } | null = null;
  /** By selection: each open view has its own. */
  private readonly models = new RecentMap<string, { value: string[]; readAt: number }>(KEPT_SELECTIONS);
  private readonly known = new RecentMap<string, Known>(KEPT_SELECTIONS);
  /** Whether the server lets a search reach back to the period before the range. */
  private canLookBack = true;

  constructor(
    readonly client: OpenObserveClient,
    readonly stream: string,
  ) {}

  async spend(query: SpendQuery, prices: PriceBook, signal?: AbortSignal): Promise<SpendCube> {
    try {
      return await this.ask(query, prices, signal);
    } catch (error) {
      // A column has gone, or the schema that was read is of an older time: read it again, and try once more.
      if (!(error instanceof TelemetryError && error.kind === "unknown-column")) throw error;
      this.schema = null;
      this.known.clear();
      return this.ask(query, prices, signal);
    }
  }

  private async readSchema(signal?: AbortSignal): Promise<StreamSchema> {
    if (this.schema === null || Date.now() - this.schema.readAt > FRESH_MS)
      this.schema = { value: await this.client.schema(this.stream, signal), readAt: Date.now() };
    if (!hasLlmSpans(this.schema.value)) {
      this.schema = null;
      throw new TelemetryError(
        "no-llm-spans",
        `Stream "${this.stream}" has no spans of calls to models yet.`,
        "Instrument a call and run it, or choose another stream.",
        true,
      );
    }
    return this.schema.value;
  }

  private async ask(query: SpendQuery, prices: PriceBook, signal?: AbortSignal): Promise<SpendCube> {
    const schema = await this.readSchema(signal);
    const name = JSON.stringify([query.fromUs, query.bucketUs, query.filters, query.withDetail]);
    const known = this.freshFor(name, query, prices);
    const fromUs = known?.edgeUs ?? query.fromUs;
    const edgeUs = Math.max(query.fromUs, Math.floor((query.toUs - LATE_US) / query.bucketUs) * query.bucketUs);
    const answers = new Answers();
    const sql = new SpendSql(schema, query.filters, fromUs, edgeUs);
    const withParents =
      schema.maxQueryRangeHours === 0 || query.toUs - fromUs + PARENT_US <= schema.maxQueryRangeHours * 3_600_000_000;
    const ask = (title: string, text: string, size: number, startUs = fromUs): Promise<SearchAnswer> =>
      this.client.search(
        title,
        { sql: text, startUs: withParents ? startUs - PARENT_US : startUs, endUs: query.toUs, size },
        this.stream,
        signal,
      );
    const search = async (title: string, text: string, size: number): Promise<Row[]> =>
      answers.take(await ask(title, text, size), size, this.stream);
    const models = await this.openModels(sql, name, search);
    const price = priceSql(models, prices);
    const asked: readonly Dimension[] = known === null ? dimensions : ["user"];
    const largest = await search(
      "largest",
      sql.largest(asked, price, known?.named.user ?? null),
      (MOST_VALUES + 1) * asked.length,
    );
    const named = known?.named ?? namedOf(largest);
    const withDetail = query.withDetail === true;
    let beforeUs = withDetail && known === null && this.canLookBack ? earlierStart(query, schema) : null;
    const cube = (): Promise<SearchAnswer> =>
      ask("cube", sql.cube(query.bucketUs, price, named, withDetail, beforeUs), MOST_ROWS, beforeUs ?? fromUs);
    let answer = await cube();
    if (beforeUs !== null && isClamped(answer)) {
      // The server's own limit is shorter than the range and the period before it: it is asked without, now and later.
      this.canLookBack = false;
      beforeUs = null;
      answer = await cube();
    }
    const rows = answers.take(answer, MOST_ROWS, this.stream);
    const cellRows = rows.filter(({ kind }) => kind === "cell");
    const cells = foldCells([...(known?.cells ?? []), ...cellRows.map(toCell)]);
    const detailRows = rows.filter(({ kind }) => kind !== "cell");
    const detail = withDetail ? joinDetails(known?.detail ?? null, readDetail(detailRows, beforeUs !== null)) : null;
    const users = usersOf(largest, named.user !== undefined, known?.users ?? [], "");
    const newestUs = cellRows.reduce<number | null>(
      (newest, row) => Math.max(newest ?? 0, Number(row["newest"])),
      known?.newestUs ?? null,
    );
    if (!answers.partial) {
      const old =
        edgeUs > fromUs || known === null
          ? {
              cells: cells.filter(({ bucketUs }) => bucketUs < edgeUs),
              users: usersOf(largest, named.user !== undefined, known?.users ?? [], "old_"),
            }
          : { cells: known.cells, users: known.users };
      const oldDetail = withDetail
        ? joinDetails(known?.detail ?? null, readDetail(detailRows.filter(isOld), beforeUs !== null))
        : null;
      this.known.set(name, {
        prices,
        askedAt: known?.askedAt ?? Date.now(),
        edgeUs: Math.max(edgeUs, fromUs),
        ...old,
        named,
        detail: oldDetail,
        newestUs,
      });
    }
    return {
      query,
      cells,
      users: named.user === undefined ? users : [...users, { user: REST, ...restOf(cells, users) }],
      detail,
      newestUs,
      partial: answers.partial,
      warnings: answers.warnings,
    };
  }

  private async openModels(
    sql: SpendSql,
    name: string,
    search: (title: string, text: string, size: number) => Promise<Row[]>,
  ): Promise<string[]> {
    const known = this.models.get(name);
    if (known !== undefined && Date.now() - known.readAt <= FRESH_MS) return known.value;
    const rows = await search("models", sql.openModels(), 1000);
    const value = rows.flatMap(({ model }) => (typeof model === "string" ? [model] : []));
    this.models.set(name, { value, readAt: Date.now() });
    return value;
  }

  /** What is known of a selection, as long as it can be built upon. */
  private freshFor(name: string, { toUs }: SpendQuery, prices: PriceBook): Known | null {
    const known = this.known.get(name);
    if (known === undefined || known.prices !== prices) return null;
    return Date.now() - known.askedAt < FRESH_MS && known.edgeUs < toUs ? known : null;
  }

  async check(signal?: AbortSignal): Promise<void> {
    await this.client.schema(this.stream, signal);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Gathers what the answers of one refresh say of themselves. */
class Answers {
  partial = false;
  warnings: string[] = [];

  take(
    answer: {
      hits: Row[];
      is_partial?: boolean | null | undefined;
      function_error?: string | string[] | null | undefined;
    },
    size: number,
    stream: string,
  ): Row[] {
    const texts = [answer.function_error ?? []].flat().filter((text) => text !== "");
    // v0.14.7 answers so for a stream that isn't there.
    if (texts.some((text) => /^Stream not found/i.test(text))) throw unknownStream(stream);
    if (answer.is_partial === true || texts.length > 0) this.warn(warningsOf(texts, true));
    if (answer.hits.length >= size && size === MOST_ROWS)
      this.warn([
        `The answer has more than ${MOST_ROWS} rows; what lies beyond is left out. Choose a shorter range or a filter.`,
      ]);
    return answer.hits;
  }

  private warn(warnings: readonly string[]): void {
    this.partial = true;
    for (const warning of warnings) if (!this.warnings.includes(warning)) this.warnings.push(warning);
  }
}

/** Values that stand for themselves, of dimensions that have more than fit. */
function namedOf(largest: readonly Row[]): Partial<Record<Dimension, (string | null)[]>> {
  return Object.fromEntries(
    dimensions.flatMap((dimension) => {
      const keys = largest.filter(({ dim }) => dim === dimension).map((row) => textAt(row, "key_value"));
      return keys.length > MOST_VALUES ? [[dimension, keys.slice(0, MOST_VALUES)]] : [];
    }),
  );
}

/** Where the period of the same length before the range starts; null where the stream may not be asked so far back. */
function earlierStart({ fromUs, toUs }: SpendQuery, { maxQueryRangeHours }: StreamSchema): number | null {
  const span = 2 * (toUs - fromUs) + PARENT_US;
  return maxQueryRangeHours === 0 || span <= maxQueryRangeHours * 3_600_000_000 ? fromUs - (toUs - fromUs) : null;
}

/** What lasts: sums of calls before the edge, and lists, whose calls are told apart by their ids. */
const isOld = ({ kind, is_old: old }: Row): boolean =>
  Number(old) === 1 || kind === "newest" || kind === "costliest" || kind === "before";

function toCell(row: Row): SpendCell {
  return {
    bucketUs: Number(row["at"]),
    ...cellKeys((dimension) => keyAt(row, dimension, dimension === "model" ? modelName : undefined)),
    ...toAmounts(row),
  };
}

/** Joins cells of the same keys: of a model's snapshots, and of what was known with what is new. */
function foldCells(cells: readonly SpendCell[]): SpendCell[] {
  const folded = new Map<string, SpendCell>();
  for (const cell of cells) {
    const name = JSON.stringify([cell.bucketUs, ...cellDimensions.map((dimension) => cell[dimension])]);
    const same = folded.get(name);
    if (same === undefined) folded.set(name, { ...cell });
    else addAmounts(same, cell);
  }
  return [...folded.values()];
}

function usersOf(
  largest: readonly Row[],
  isCut: boolean,
  known: readonly UserSpend[],
  prefix: "" | "old_",
): UserSpend[] {
  const users = new Map<string | null, UserSpend>(known.map((one) => [one.user.value, { ...one }]));
  const rows = largest.filter(({ dim }) => dim === "user");
  for (const row of isCut ? rows.slice(0, MOST_VALUES) : rows) {
    const value = textAt(row, "key_value");
    const amounts = toAmounts(row, prefix);
    const same = users.get(value);
    if (same !== undefined) addAmounts(same, amounts);
    else if (amounts.calls > 0) users.set(value, { user: { value, isRest: false }, ...noAmounts(), ...amounts });
  }
  return [...users.values()];
}
