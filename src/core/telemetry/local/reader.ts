import type { Database } from "node-sqlite3-wasm";
import type { PriceBook } from "../../pricing/price";
import { modelName, priceHere } from "../callPrice";
import type { CostState } from "../llmSpan";
import { type Amounts, type Dimension, type Filters, type Key, MOST_VALUES, type SpendCell, type SpendCube, type SpendQuery, type UserSpend, addAmounts, noAmounts } from "../spend";
import { restOf } from "../rest";
import { DAY_US, type Piece, cut, widestFor } from "./times";

interface Series {
  id: number;
  model: string | null;
  feature: string | null;
  team: string | null;
  environment: string | null;
  state: CostState;
}

type Row = Record<string, unknown>;
const SUMS = "sum(calls) AS calls, sum(errors) AS errors, sum(limited) AS limited, sum(input) AS input, sum(output) AS output, sum(cached) AS cached, sum(cost) AS cost";
/** The same sums over single spans, of which only those that stand for a call count. */
const SPAN_SUMS = SUMS.replace("sum(calls)", "count(*)");
const REST: Key = { value: null, isRest: true };

/** Reads spend out of the database. */
export class SpendReader {
  constructor(private readonly database: Database) {}

  spend(query: SpendQuery, prices: PriceBook): SpendCube {
    const all = this.series();
    const chosen = all.filter((series) => isChosen(series, query.filters));
    const users = query.filters.user;
    const widestUs = users === undefined ? widestFor(query.bucketUs) : 0;
    this.fold(chosen.map(({ id }) => [id, id]));
    const where = users === undefined ? "" : `AND user IN (${this.userIds(users).join()})`;
    const totals = new Map<number, Amounts>();
    for (const piece of cut(query.fromUs, query.toUs, users === undefined ? DAY_US : 0)) {
      for (const row of this.sums(piece, "cell", where)) merge(totals, Number(row["cell"]), toAmounts(row));
    }
    const folded = foldSeries(chosen.filter(({ id }) => totals.has(id)), totals, prices);
    this.fold(folded.flatMap(({ series }, cell) => series.map((id): [number, number] => [id, cell])));
    const cells: SpendCell[] = [];
    const byBucket = new Map<string, SpendCell>();
    for (const piece of cut(query.fromUs, query.toUs, widestUs)) {
      for (const row of this.sums(piece, `start / ${query.bucketUs} * ${query.bucketUs} AS bucket, cell`, where)) {
        const group = folded[Number(row["cell"])];
        if (group === undefined) continue;
        const bucketUs = Number(row["bucket"]);
        const name = `${bucketUs} ${group.name}`;
        let cell = byBucket.get(name);
        if (cell === undefined) byBucket.set(name, (cell = { bucketUs, ...group.keys, ...noAmounts() }));
        addAmounts(cell, priced(toAmounts(row), group.state, group.model, prices));
      }
    }
    cells.push(...byBucket.values());
    const newest = this.database.get(`SELECT start FROM span CROSS JOIN fold USING (series) WHERE counted = 1 AND start >= ? AND start < ? ${where} ORDER BY start DESC LIMIT 1`, [query.fromUs, query.toUs])?.["start"];
    return { query, cells, users: this.users(query, chosen, chosen.length < all.length, prices, where, cells), newestUs: typeof newest === "number" ? newest : null, partial: false, warnings: [] };
  }

  private series(): Series[] {
    return this.database.all("SELECT id, model, feature, team, environment, state FROM series") as unknown as Series[];
  }

  private userIds(names: readonly (string | null)[]): number[] {
    return names.flatMap((name) => (name === null ? [0] : this.database.all("SELECT id FROM user WHERE name = ?", [name]).map(({ id }) => Number(id))));
  }

  /** Which cell a series' sums go to; series that aren't named take no part. */
  private fold(pairs: [number, number][]): void {
    this.database.exec("CREATE TEMP TABLE IF NOT EXISTS fold(series INTEGER PRIMARY KEY, cell INTEGER); DELETE FROM fold");
    const insert = this.database.prepare("INSERT INTO fold VALUES (?, ?)");
    try {
      for (const pair of pairs) insert.run(pair);
    } finally {
      insert.finalize();
    }
  }

  private sums({ table, fromUs, toUs }: Piece, keys: string, where: string): Row[] {
    const sums = table === "span" ? SPAN_SUMS : SUMS;
    const counted = table === "span" ? "counted = 1 AND" : "";
    const group = keys.replace(/^.* AS /, "");
    return this.database.all(`SELECT ${keys}, ${sums} FROM ${table} CROSS JOIN fold USING (series) WHERE ${counted} start >= ? AND start < ? ${where} GROUP BY ${group}`, [fromUs, toUs]);
  }

  /** The most expensive users; what is left of the cube's whole is the rest, so that it is exact. */
  private users(query: SpendQuery, chosen: Series[], isFiltered: boolean, prices: PriceBook, where: string, cells: SpendCell[]): UserSpend[] {
    const open = chosen.filter(({ state }) => state === "open" || state === "openLong");
    this.fold(chosen.map((series) => [series.id, series.id]));
    const pieces = cut(query.fromUs, query.toUs, DAY_US).map((piece) => (piece.table === "day" ? piece : { ...piece, table: "span" as const }));
    if (pieces.length === 0) return [];
    this.priceTable(open, prices);
    // A join looks a million rows up one by one: it is made only where something is filtered, or priced here.
    const joins = `${isFiltered ? "CROSS JOIN fold USING (series)" : ""} ${open.length > 0 ? "LEFT JOIN price p USING (series)" : ""}`;
    const cost = open.length > 0 ? "cost + coalesce(input * p.i + cached * p.c + output * p.o, 0)" : "cost";
    // Each table is grouped by itself: the sums by day lie in the order of users, and need no sorting.
    const spent = pieces.map(({ table, fromUs, toUs }) => `SELECT user, sum(${cost}) AS spent, sum(input) AS input, ${table === "span" ? "count(*)" : "sum(calls)"} AS calls FROM ${table === "span" ? "span" : "user_day"} ${joins} WHERE ${table === "span" ? "counted = 1 AND" : ""} start >= ${fromUs} AND start < ${toUs} ${where} GROUP BY user`);
    const top = this.database.all(`SELECT user, sum(spent) AS spent FROM (${spent.join(" UNION ALL ")}) GROUP BY user HAVING sum(calls) > 0 ORDER BY spent DESC, sum(input) DESC LIMIT ${MOST_VALUES + 1}`);
    const isCut = top.length > MOST_VALUES;
    const ids = (isCut ? top.slice(0, MOST_VALUES) : top).map(({ user }) => Number(user));
    const bySeries = new Map(chosen.map((series) => [series.id, series]));
    const found = new Map<number, Amounts>();
    for (const piece of pieces) {
      const table = piece.table === "span" ? "span" : "user_day";
      const rows = this.database.all(`SELECT user, series, ${table === "span" ? SPAN_SUMS : SUMS} FROM ${table} WHERE ${table === "span" ? "counted = 1 AND" : ""} start >= ? AND start < ? AND user IN (${ids.join()}) GROUP BY user, series`, [piece.fromUs, piece.toUs]);
      for (const row of rows) {
        const series = bySeries.get(Number(row["series"]));
        if (series !== undefined) merge(found, Number(row["user"]), priced(toAmounts(row), series.state, series.model, prices));
      }
    }
    const users = ids.flatMap((id): UserSpend[] => {
      const amounts = found.get(id);
      const name = id === 0 ? null : this.database.get("SELECT name FROM user WHERE id = ?", [id])?.["name"];
      return amounts === undefined || amounts.calls === 0 ? [] : [{ user: { value: typeof name === "string" ? name : null, isRest: false }, ...amounts }];
    });
    return isCut ? [...users, { user: REST, ...restOf(cells, users) }] : users;
  }

  /** What a token of a series costs, for ranking users in SQL; sums that are shown are computed by `priced`. */
  private priceTable(open: readonly Series[], prices: PriceBook): void {
    this.database.exec("CREATE TEMP TABLE IF NOT EXISTS price(series INTEGER PRIMARY KEY, i REAL, c REAL, o REAL); DELETE FROM price");
    for (const { id, model, state } of open) {
      const of = (tokens: { input?: number; output?: number; cached?: number }): number => (priceHere(prices, model, { input: 0, output: 0, cached: 0, ...tokens }, state === "openLong") ?? 0) / 1e6;
      const input = of({ input: 1e6 });
      this.database.run("INSERT INTO price VALUES (?, ?, ?, ?)", [id, input, of({ input: 1e6, cached: 1e6 }) - input, of({ output: 1e6 })]);
    }
  }
}

const isChosen = (series: Series, filters: Filters): boolean =>
  (["feature", "team", "environment"] as const).every((name) => filters[name]?.includes(series[name]) ?? true) && (filters.model?.includes(modelName(series.model)) ?? true);

function toAmounts(row: Row): Amounts {
  const figure = (name: string): number => Number(row[name] ?? 0);
  return { ...noAmounts(), calls: figure("calls"), errors: figure("errors"), rateLimited: figure("limited"), inputTokens: figure("input"), outputTokens: figure("output"), cachedTokens: figure("cached"), costUsd: figure("cost") };
}

function merge<K>(into: Map<K, Amounts>, key: K, amounts: Amounts): void {
  const sum = into.get(key);
  if (sum === undefined) into.set(key, amounts);
  else addAmounts(sum, amounts);
}

/** Gives sums whose spans report no cost the price of the table, or counts them as unpriced. */
export function priced(amounts: Amounts, state: CostState, model: string | null, prices: PriceBook): Amounts {
  if (state === "reported") return amounts;
  const cost = state === "unknown" ? null : priceHere(prices, model, { input: amounts.inputTokens, output: amounts.outputTokens, cached: amounts.cachedTokens }, state === "openLong");
  return cost === null ? { ...amounts, unpricedCalls: amounts.calls } : { ...amounts, costUsd: amounts.costUsd + cost, pricedHereUsd: cost, pricedHereCalls: amounts.calls };
}

interface Folded {
  name: string;
  keys: Record<Exclude<Dimension, "user">, Key>;
  state: CostState;
  /** As reported: prices may differ by snapshot. */
  model: string | null;
  series: number[];
}

/** Joins series into cells: of every dimension the largest values stand for themselves, the others are the rest. */
function foldSeries(series: readonly Series[], totals: ReadonlyMap<number, Amounts>, prices: PriceBook): Folded[] {
  const value = { feature: (one: Series) => one.feature, model: (one: Series) => modelName(one.model), team: (one: Series) => one.team, environment: (one: Series) => one.environment };
  const cost = (one: Series): Amounts => priced(totals.get(one.id) ?? noAmounts(), one.state, one.model, prices);
  const keyOf = {} as Record<keyof typeof value, (one: Series) => Key>;
  for (const [name, read] of Object.entries(value) as [keyof typeof value, (one: Series) => string | null][]) {
    const sums = new Map<string | null, Amounts>();
    for (const one of series) merge(sums, read(one), { ...cost(one) });
    const largest = new Set([...sums].sort(([, a], [, b]) => b.costUsd - a.costUsd || b.inputTokens - a.inputTokens).slice(0, MOST_VALUES).map(([key]) => key));
    keyOf[name] = (one) => (largest.has(read(one)) ? { value: read(one), isRest: false } : REST);
  }
  const cells = new Map<string, Folded>();
  for (const one of series) {
    const keys = { feature: keyOf.feature(one), model: keyOf.model(one), team: keyOf.team(one), environment: keyOf.environment(one) };
    const name = JSON.stringify(Object.values(keys));
    const exact = JSON.stringify([name, one.state, one.model]);
    const cell = cells.get(exact);
    if (cell === undefined) cells.set(exact, { name, keys, state: one.state, model: one.model, series: [one.id] });
    else cell.series.push(one.id);
  }
  return [...cells.values()];
}
