import type { Connection } from "./connection";
import type { Price, PriceBook } from "../../pricing/price";
import { callPriceOf } from "../callPrice";
import { cellDimensions } from "../dimensions";
import { restOf } from "../rest";
import {
  type Filters,
  MOST_VALUES,
  REST,
  type SpendCell,
  type SpendCube,
  type SpendQuery,
  type UserSpend,
} from "../spend";
import type { Days } from "./days";
import { DetailScan } from "./detail";
import { type Cells, cellsOf, valueOf } from "./fold";
import { FAILED, LIMITED, type Scan, UNREPORTED, eachCall, knownCost } from "./scan";
import type { Series, SeriesBook } from "./series";
import { sumsOf } from "./sums";

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
      eachCall(scan, day, fromUs, toUs, (at, mark, priced) => {
        sums.add(day.series[at] ?? 0, day, at, mark, priced);
        ranking.add(day.user[at] ?? 0, knownCost(day, at, priced), day.input[at] ?? 0);
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
    const series = this.book.read();
    const isChosen = new Uint8Array(series.length);
    const marks = new Uint8Array(series.length);
    const priceOf: (Price | null)[] = [];
    series.forEach((one, id) => {
      if (one === undefined) return;
      isChosen[id] = isSeriesChosen(one, query.filters) ? 1 : 0;
      const isReported = one.state === "reported";
      marks[id] = (one.failed === 1 ? FAILED : 0) | (one.limited === 1 ? LIMITED : 0) | (isReported ? 0 : UNREPORTED);
      if (one.state === "open") priceOf[id] = callPriceOf(prices, one.model);
    });
    return { query, series, isChosen, isUser: this.usersChosen(query.filters.user), marks, prices: priceOf };
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
    { keys, cellOf }: Cells,
    userIds: readonly number[],
    detail: DetailScan | null,
  ): [SpendCell[], UserSpend[]] {
    const { fromUs, toUs, bucketUs } = scan.query;
    const firstBucket = Math.floor(fromUs / bucketUs);
    const buckets = Math.max(1, Math.ceil(toUs / bucketUs) - firstBucket);
    const sums = sumsOf(buckets * keys.length);
    const slots = new Int32Array(Math.max(0, ...userIds) + 1).fill(-1);
    userIds.forEach((id, slot) => (slots[id] = slot));
    const userSums = sumsOf(userIds.length);
    // The newest days first: the lists of calls fill at once, and most other calls are no candidates.
    for (const day of [...this.days.between(fromUs, toUs)].reverse()) {
      eachCall(scan, day, fromUs, toUs, (at, mark, priced) => {
        const cell = cellOf[day.series[at] ?? 0] ?? 0;
        sums.add(
          (Math.floor((day.start[at] ?? 0) / bucketUs) - firstBucket) * keys.length + cell,
          day,
          at,
          mark,
          priced,
        );
        const slot = slots[day.user[at] ?? 0] ?? -1;
        if (slot >= 0) userSums.add(slot, day, at, mark, priced);
        detail?.add(day, at, priced);
      });
    }
    const cells: SpendCell[] = [];
    sums.each((place, amounts) => {
      const cell = keys[place % keys.length];
      if (cell === undefined) return;
      cells.push({ bucketUs: (Math.floor(place / keys.length) + firstBucket) * bucketUs, ...cell, ...amounts });
    });
    const users = userIds.map((id, slot): UserSpend => {
      const name = id === 0 ? null : this.database.get("SELECT name FROM user WHERE id = ?", [id])?.["name"];
      return { user: { value: typeof name === "string" ? name : null, isRest: false }, ...userSums.at(slot) };
    });
    return [cells, users];
  }
}

const isSeriesChosen = (series: Series, filters: Filters): boolean =>
  cellDimensions.every((name) => filters[name]?.includes(valueOf(series, name)) ?? true);

/** Users of a piece: numbers grow for as long as the store lives, and most are of users who have gone. */
const PIECE = 4096;

/** What each user spends, to rank them by: USD, input tokens, calls. */
class Ranking {
  private readonly pieces: (Float64Array | undefined)[] = [];

  add(user: number, cost: number, input: number): void {
    const piece = (this.pieces[Math.floor(user / PIECE)] ??= new Float64Array(PIECE * 3));
    const from = (user % PIECE) * 3;
    piece[from] = (piece[from] ?? 0) + cost;
    piece[from + 1] = (piece[from + 1] ?? 0) + input;
    piece[from + 2] = (piece[from + 2] ?? 0) + 1;
  }

  /** The numbers of the most expensive users, the first first. */
  top(count: number): number[] {
    const users = new Uint32Array(this.pieces.length * PIECE);
    let length = 0;
    this.pieces.forEach((piece, number) => {
      for (let at = 0; piece !== undefined && at < PIECE; at++)
        if ((piece[at * 3 + 2] ?? 0) > 0) users[length++] = number * PIECE + at;
    });
    const figure = (user: number, place: number): number =>
      this.pieces[Math.floor(user / PIECE)]?.[(user % PIECE) * 3 + place] ?? 0;
    const ranked = users.subarray(0, length).sort((a, b) => figure(b, 0) - figure(a, 0) || figure(b, 1) - figure(a, 1));
    return [...ranked.subarray(0, count)];
  }
}
