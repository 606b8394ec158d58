import type { PriceBook } from "../../pricing/price";
import { modelName } from "../callPrice";
import { type Amounts, type Dimension, type Key, MOST_VALUES, type SpendCell, type SpendCube, type SpendQuery, type UserSpend, addAmounts, dimensions, noAmounts } from "../spend";
import { TelemetryError, type TelemetryStore } from "../store";
import { restOf } from "../rest";
import type { OpenObserveClient } from "./client";
import { unknownStream, warningsOf } from "./failures";
import { type StreamSchema, hasLlmSpans } from "./schema";
import { SpendSql, priceSql } from "./sql";

/** Spans that start so long before the range are still looked at as parents of calls in it. */
const PARENT_US = 10 * 60_000_000;
/** Spans arrive after they start: buckets younger than this are asked for again. */
const LATE_US = 5 * 60_000_000;
/** Schema, models and closed buckets are asked for anew after so long, in milliseconds. */
const FRESH_MS = 10 * 60_000;
/** The most rows of the cube. */
const MOST_ROWS = 20_000;
const REST: Key = { value: null, isRest: true };

type Row = Record<string, unknown>;

/** What an answer has taught: while only the newest buckets change, only they are asked for. */
interface Known {
  name: string;
  prices: PriceBook;
  askedAt: number;
  edgeUs: number;
  /** Cells and users before the edge. */
  cells: SpendCell[];
  users: UserSpend[];
  named: Partial<Record<Dimension, (string | null)[]>>;
  newestUs: number | null;
}

/** Spend out of a stream of OpenObserve, by SQL. A refresh asks at most three times, one at a time. */
export class OpenObserveStore implements TelemetryStore {
  readonly source = "openobserve";
  private schema: { value: StreamSchema; readAt: number } | null = null;
  private models: { value: string[]; name: string; readAt: number } | null = null;
  private known: Known | null = null;

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
      this.known = null;
      return this.ask(query, prices, signal);
    }
  }

  private async readSchema(signal?: AbortSignal): Promise<StreamSchema> {
    if (this.schema === null || Date.now() - this.schema.readAt > FRESH_MS) this.schema = { value: await this.client.schema(this.stream, signal), readAt: Date.now() };
    if (!hasLlmSpans(this.schema.value)) {
      this.schema = null;
      throw new TelemetryError("no-llm-spans", `Stream "${this.stream}" has no spans of calls to models yet.`, "Instrument a call and run it, or choose another stream.", true);
    }
    return this.schema.value;
  }

  private async ask(query: SpendQuery, prices: PriceBook, signal?: AbortSignal): Promise<SpendCube> {
    const schema = await this.readSchema(signal);
    const name = JSON.stringify([query.fromUs, query.bucketUs, query.filters]);
    const known = this.known?.name === name && this.known.prices === prices && Date.now() - this.known.askedAt < FRESH_MS && this.known.edgeUs < query.toUs ? this.known : null;
    const fromUs = known?.edgeUs ?? query.fromUs;
    const edgeUs = Math.max(query.fromUs, Math.floor((query.toUs - LATE_US) / query.bucketUs) * query.bucketUs);
    const answers = new Answers();
    const sql = new SpendSql(schema, query.filters, fromUs);
    const withParents = schema.maxQueryRangeHours === 0 || query.toUs - fromUs + PARENT_US <= schema.maxQueryRangeHours * 3_600_000_000;
    const search = async (title: string, text: string, size: number): Promise<Row[]> => {
      const answer = await this.client.search(title, { sql: text, startUs: withParents ? fromUs - PARENT_US : fromUs, endUs: query.toUs, size }, this.stream, signal);
      return answers.take(answer, size, this.stream);
    };
    const models = await this.openModels(sql, name, search);
    const price = priceSql(models, prices);
    const asked: readonly Dimension[] = known === null ? dimensions : ["user"];
    const largest = await search("largest", sql.largest(asked, price, edgeUs, known?.named.user ?? null), (MOST_VALUES + 1) * asked.length);
    const named = known?.named ?? namedOf(largest);
    const rows = await search("cube", sql.cube(query.bucketUs, price, named), MOST_ROWS);
    const cells = foldCells([...(known?.cells ?? []), ...rows.map(toCell)]);
    const users = usersOf(largest, named.user !== undefined, known?.users ?? [], "");
    const newestUs = rows.reduce<number | null>((newest, row) => Math.max(newest ?? 0, Number(row["newest"])), known?.newestUs ?? null);
    if (!answers.partial) {
      const old = edgeUs > fromUs || known === null ? { cells: cells.filter(({ bucketUs }) => bucketUs < edgeUs), users: usersOf(largest, named.user !== undefined, known?.users ?? [], "old_") } : { cells: known.cells, users: known.users };
      this.known = { name, prices, askedAt: known?.askedAt ?? Date.now(), edgeUs: Math.max(edgeUs, fromUs), ...old, named, newestUs };
    }
    return { query, cells, users: named.user === undefined ? users : [...users, { user: REST, ...restOf(cells, users) }], newestUs, partial: answers.partial, warnings: answers.warnings };
  }

  private async openModels(sql: SpendSql, name: string, search: (title: string, text: string, size: number) => Promise<Row[]>): Promise<string[]> {
    if (this.models?.name !== name || Date.now() - this.models.readAt > FRESH_MS) {
      const rows = await search("models", sql.openModels(), 1000);
      this.models = { value: rows.flatMap(({ model }) => (typeof model === "string" ? [model] : [])), name, readAt: Date.now() };
    }
    return this.models.value;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Gathers what the answers of one refresh say of themselves. */
class Answers {
  partial = false;
  warnings: string[] = [];

  take(answer: { hits: Row[]; is_partial?: boolean | null | undefined; function_error?: string | string[] | null | undefined }, size: number, stream: string): Row[] {
    const texts = [answer.function_error ?? []].flat().filter((text) => text !== "");
    // v0.14.7 answers so for a stream that isn't there.
    if (texts.some((text) => /^Stream not found/i.test(text))) throw unknownStream(stream);
    if (answer.is_partial === true || texts.length > 0) this.warn(warningsOf(texts, true));
    if (answer.hits.length >= size && size === MOST_ROWS) this.warn([`The answer has more than ${MOST_ROWS} rows; what lies beyond is left out. Choose a shorter range or a filter.`]);
    return answer.hits;
  }

  private warn(warnings: readonly string[]): void {
    this.partial = true;
    for (const warning of warnings) if (!this.warnings.includes(warning)) this.warnings.push(warning);
  }
}

const textAt = (row: Row, name: string): string | null => (typeof row[name] === "string" ? row[name] : null);

/** Values that stand for themselves, of dimensions that have more than fit. */
function namedOf(largest: readonly Row[]): Partial<Record<Dimension, (string | null)[]>> {
  return Object.fromEntries(
    dimensions.flatMap((dimension) => {
      const keys = largest.filter(({ dim }) => dim === dimension).map((row) => textAt(row, "key_value"));
      return keys.length > MOST_VALUES ? [[dimension, keys.slice(0, MOST_VALUES)]] : [];
    }),
  );
}

function toAmounts(row: Row, prefix = ""): Amounts {
  const figure = (name: string): number => Number(row[`${prefix}${name}`] ?? 0);
  return {
    calls: figure("calls"),
    errors: figure("errors"),
    rateLimited: figure("limited"),
    inputTokens: figure("input_tokens"),
    outputTokens: figure("output_tokens"),
    cachedTokens: figure("cached_tokens"),
    costUsd: figure("reported") + figure("priced_here"),
    pricedHereUsd: figure("priced_here"),
    pricedHereCalls: figure("priced_here_calls"),
    unpricedCalls: figure("unpriced"),
  };
}

function toCell(row: Row): SpendCell {
  const key = (dimension: string, name = (value: string | null): string | null => value): Key => (Number(row[`${dimension}_rest`]) === 1 ? REST : { value: name(textAt(row, `${dimension}_key`)), isRest: false });
  return { bucketUs: Number(row["bucket"]), feature: key("feature"), model: key("model", modelName), team: key("team"), environment: key("environment"), ...toAmounts(row) };
}

/** Joins cells of the same keys: of a model's snapshots, and of what was known with what is new. */
function foldCells(cells: readonly SpendCell[]): SpendCell[] {
  const folded = new Map<string, SpendCell>();
  for (const cell of cells) {
    const name = JSON.stringify([cell.bucketUs, cell.feature, cell.model, cell.team, cell.environment]);
    const same = folded.get(name);
    if (same === undefined) folded.set(name, { ...cell });
    else addAmounts(same, cell);
  }
  return [...folded.values()];
}

function usersOf(largest: readonly Row[], isCut: boolean, known: readonly UserSpend[], prefix: "" | "old_"): UserSpend[] {
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
