import type { Connection } from "./connection";
import type { PriceBook } from "../../pricing/price";
import { modelName, priceHere } from "../callPrice";
import type { CostState } from "../llmSpan";
import { restOf } from "../rest";
import {
  type Filters,
  type Key,
  MOST_VALUES,
  type SpendCell,
  type SpendCube,
  type SpendQuery,
  type UserSpend,
  addAmounts,
  noAmounts,
} from "../spend";
import type { Days } from "./days";
import { DetailScan } from "./detail";
import { type Cells, cellsOf } from "./fold";
import { type Scan, amountsOf, costOf, eachCall } from "./scan";
import type { Series, SeriesBook } from "./series";
import { sumsOf } from "./sums";

const REST: Key = { value: null, isRest: true };

/** Reads spend out of the days' columns. */
export class SpendReader {
  constructor(
    private readonly database: Connection,
    private readonly book: SeriesBook,
    private readonly days: Days,
  ) {}

  spend(query: SpendQuery, prices: PriceBook): SpendCube {
    const scan = this.prepare(query, prices);
    const { fromUs, toUs } = query;
    const ranking = new Ranking();
    const sums = sumsOf(scan.series.length);
    let newestUs: number | null = null;
    for (const day of this.days.between(fromUs, toUs)) {
      eachCall(scan, day, fromUs, toUs, (at) => {
        const series = day.series[at] ?? 0;
        sums.add(series, day, at);
        ranking.add(day.user[at] ?? 0, costOf(scan, day, at), day.input[at] ?? 0);
        const start = day.start[at] ?? 0;
        if (newestUs === null || start > newestUs) newestUs = start;
      });
    }
    const cells = cellsOf(scan, sums);
    const top = ranking.top(MOST_VALUES + 1);
    const isCut = top.length > MOST_VALUES;
    const detail = query.withDetail === true ? new DetailScan(scan, cells) : null;
    const [filled, users] = this.fill(scan, cells, isCut ? top.slice(0, MOST_VALUES) : top, detail);
    return {
      query,
      cells: filled,
      users: isCut ? [...users, { user: REST, ...restOf(filled, users) }] : users,
      detail: detail === null ? null : detail.result(this.database, this.days, sums),
      newestUs,
      partial: false,
      warnings: [],
    };
  }

  private prepare(query: SpendQuery, prices: PriceBook): Scan {
    const series = this.book.all;
    const isChosen = new Uint8Array(series.length);
    const rates = new Float64Array(series.length * 3);
    const byModel = new Map<string, [number, number, number]>();
    series.forEach((one, id) => {
      if (one === undefined) return;
      isChosen[id] = isSeriesChosen(one, query.filters) ? 1 : 0;
      if (one.state !== "open" && one.state !== "openLong") return;
      const name = JSON.stringify([one.model, one.state]);
      let found = byModel.get(name);
      if (found === undefined) byModel.set(name, (found = ratesOf(prices, one.model, one.state)));
      rates.set(found, id * 3);
    });
    return { query, prices, series, isChosen, isUser: this.usersChosen(query.filters.user), rates };
  }

  private usersChosen(names: Filters["user"]): Uint8Array | null {
    if (names === undefined) return null;
    const ids = names.flatMap((name) =>
      name === null ? [0] : this.database.all("SELECT id FROM user WHERE name = ?", [name]).map(({ id }) => Number(id)),
    );
    const chosen = new Uint8Array(Math.max(0, ...ids) + 1);
    for (const id of ids) chosen[id] = 1;
    return chosen;
  }

  /** The second reading: the cells' sums by bucket, and those of the users who stand for themselves. */
  private fill(
    scan: Scan,
    { groups, cellOf }: Cells,
    userIds: readonly number[],
    detail: DetailScan | null,
  ): [SpendCell[], UserSpend[]] {
    const { fromUs, toUs, bucketUs } = scan.query;
    const firstBucket = Math.floor(fromUs / bucketUs);
    const buckets = Math.max(1, Math.ceil(toUs / bucketUs) - firstBucket);
    const sums = sumsOf(buckets * groups.length);
    const slots = new Int32Array(Math.max(0, ...userIds) + 1).fill(-1);
    userIds.forEach((id, slot) => (slots[id] = slot));
    const userSums = sumsOf(userIds.length * groups.length);
    // The newest days first: the lists of calls fill at once, and most other calls are no candidates.
    for (const day of [...this.days.between(fromUs, toUs)].reverse()) {
      eachCall(scan, day, fromUs, toUs, (at) => {
        const group = cellOf[day.series[at] ?? 0] ?? 0;
        sums.add((Math.floor((day.start[at] ?? 0) / bucketUs) - firstBucket) * groups.length + group, day, at);
        const slot = slots[day.user[at] ?? 0] ?? -1;
        if (slot >= 0) userSums.add(slot * groups.length + group, day, at);
        detail?.add(day, at);
      });
    }
    const cells = new Map<string, SpendCell>();
    sums.each((place, figures) => {
      const group = groups[place % groups.length];
      if (group === undefined) return;
      const bucketUsed = (Math.floor(place / groups.length) + firstBucket) * bucketUs;
      const name = `${bucketUsed} ${group.name}`;
      let cell = cells.get(name);
      if (cell === undefined) cells.set(name, (cell = { bucketUs: bucketUsed, ...group.keys, ...noAmounts() }));
      addAmounts(cell, amountsOf(scan, figures, group));
    });
    const users = userIds.map((id): UserSpend => {
      const name = id === 0 ? null : this.database.get("SELECT name FROM user WHERE id = ?", [id])?.["name"];
      return { user: { value: typeof name === "string" ? name : null, isRest: false }, ...noAmounts() };
    });
    userSums.each((place, figures) => {
      const [user, group] = [users[Math.floor(place / groups.length)], groups[place % groups.length]];
      if (user !== undefined && group !== undefined) addAmounts(user, amountsOf(scan, figures, group));
    });
    return [[...cells.values()], users];
  }
}

function ratesOf(prices: PriceBook, model: string | null, state: CostState): [number, number, number] {
  const of = (tokens: { input?: number; output?: number; cached?: number }): number =>
    (priceHere(prices, model, { input: 0, output: 0, cached: 0, ...tokens }, state === "openLong") ?? 0) / 1e6;
  const input = of({ input: 1e6 });
  return [input, of({ input: 1e6, cached: 1e6 }) - input, of({ output: 1e6 })];
}

const isSeriesChosen = (series: Series, filters: Filters): boolean =>
  (["feature", "team", "environment"] as const).every((name) => filters[name]?.includes(series[name]) ?? true) &&
  (filters.model?.includes(modelName(series.model)) ?? true);

/** What each user spends, to rank them by. */
class Ranking {
  private spent = new Float64Array(1024);
  private input = new Float64Array(1024);
  private calls = new Uint32Array(1024);

  add(user: number, cost: number, input: number): void {
    if (user >= this.spent.length) this.grow(user);
    this.spent[user] = (this.spent[user] ?? 0) + cost;
    this.input[user] = (this.input[user] ?? 0) + input;
    this.calls[user] = (this.calls[user] ?? 0) + 1;
  }

  private grow(user: number): void {
    const size = Math.max(user + 1, this.spent.length * 2);
    const { spent, input, calls } = this;
    [this.spent, this.input, this.calls] = [new Float64Array(size), new Float64Array(size), new Uint32Array(size)];
    this.spent.set(spent);
    this.input.set(input);
    this.calls.set(calls);
  }

  /** The numbers of the most expensive users, the first first. */
  top(count: number): number[] {
    const { spent, input, calls } = this;
    const users: number[] = [];
    for (let user = 0; user < calls.length; user++) if ((calls[user] ?? 0) > 0) users.push(user);
    return users.sort((a, b) => (spent[b] ?? 0) - (spent[a] ?? 0) || (input[b] ?? 0) - (input[a] ?? 0)).slice(0, count);
  }
}
