import type { Connection, Row } from "./connection";
import { stepOf } from "../latency";
import { type CallFigures, DayColumns, NO_STEP, type SpanIdentity, identityOf } from "./dayColumns";
import { digestOf, digestOfRows, sealed, unsealed } from "./sealedDay";

/** A day, in microseconds. Days are UTC's. */
export const DAY_US = 86_400_000_000;
export const HOUR_US = 3_600_000_000;
export const dayOf = (us: number): number => Math.floor(us / DAY_US);

/** The most calls whose columns stay in memory, at 73 bytes each. */
const MAX_IN_MEMORY = 3_000_000;

interface Day {
  columns: DayColumns | null;
  /** Whether the database holds columns too: `stale` ones don't agree with the rows. */
  seal: "none" | "good" | "stale";
  /** Counted calls, where they are known without the columns. */
  calls: number | null;
  /** Whether calls have come since the last sealing round. */
  isBusy: boolean;
}

/** The days of a store, as columns: kept as calls arrive, read when they are asked for. */
export class Days {
  private readonly days = new Map<number, Day>();

  constructor(private readonly database: Connection) {
    const sealedDays = new Set(database.all("SELECT day FROM day").map(({ day }) => Number(day)));
    // From day to day by the key: reading every row would take long.
    for (let from = -DAY_US; ;) {
      const start = database.get("SELECT start FROM span WHERE start >= ? ORDER BY start LIMIT 1", [from])?.["start"];
      if (start === undefined || start === null) break;
      const day = dayOf(Number(start));
      this.days.set(day, { columns: null, seal: sealedDays.has(day) ? "good" : "none", calls: null, isBusy: false });
      from = (day + 1) * DAY_US;
    }
  }

  /** Within the transaction that changes a day: its columns in the database are no longer true. */
  unseal(day: number): void {
    const known = this.days.get(day);
    if (known !== undefined && known.seal !== "none") this.database.run("DELETE FROM day WHERE day = ?", [day]);
  }

  /** After the transaction. */
  add(call: CallFigures): void {
    this.changed(dayOf(call.start), call.counted).columns?.add(call);
  }

  uncount(start: number, identity: SpanIdentity): void {
    this.changed(dayOf(start), -1).columns?.uncount(start, identity);
  }

  private changed(number: number, calls: number): Day {
    let day = this.days.get(number);
    if (day === undefined)
      this.days.set(number, (day = { columns: new DayColumns(), seal: "none", calls: 0, isBusy: true }));
    if (day.calls !== null) day.calls += calls;
    day.seal = "none";
    day.isBusy = true;
    return day;
  }

  /** The days that a range touches, oldest first; they are read where they aren't in memory. */
  *between(fromUs: number, toUs: number): Generator<DayColumns> {
    for (const number of this.numbers()) {
      if ((number + 1) * DAY_US <= fromUs || number * DAY_US >= toUs) continue;
      yield this.load(number);
    }
  }

  private numbers(): number[] {
    return [...this.days.keys()].sort((a, b) => a - b);
  }

  private load(number: number): DayColumns {
    const day = this.days.get(number);
    if (day === undefined) return new DayColumns();
    if (day.columns !== null) {
      // The least recently asked for lie first in the map's order, and go first.
      this.days.delete(number);
      this.days.set(number, day);
      return day.columns;
    }
    let columns = day.seal === "good" ? this.readSealed(number) : null;
    if (columns === null) {
      columns = this.readRows(number);
      if (day.seal === "good") day.seal = "stale";
    }
    day.columns = columns;
    this.days.delete(number);
    this.days.set(number, day);
    this.makeRoom(number);
    return columns;
  }

  /** The sealed columns of a day; null where they don't agree with its rows, which are the truth. */
  private readSealed(number: number): DayColumns | null {
    const blob = this.database.get("SELECT columns FROM day WHERE day = ?", [number])?.["columns"];
    const columns = blob instanceof Uint8Array ? unsealed(blob) : null;
    if (columns === null) return null;
    const [found, wanted] = [digestOf(columns), digestOfRows(this.database, number * DAY_US, (number + 1) * DAY_US)];
    return found.rows === wanted.rows && found.sum === wanted.sum ? columns : null;
  }

  private readRows(number: number): DayColumns {
    const columns = new DayColumns();
    this.database.each(
      "SELECT start, id, trace, input, output, cached, reasoning, cost, duration, first_token, series, user, counted FROM span WHERE start >= ? AND start < ?",
      [number * DAY_US, (number + 1) * DAY_US],
      (row) => {
        if (!isWhole(row)) throw new Error("malformed: a row without its figures");
        const { id, trace, duration, first_token: firstToken, ...figures } = row;
        columns.add({ ...figures, ...identityOf(id, trace), ...stepsOf(duration, firstToken) });
      },
    );
    return columns;
  }

  private makeRoom(except: number): void {
    let all = 0;
    for (const { columns } of this.days.values()) all += columns?.length ?? 0;
    for (const [number, day] of this.days) {
      if (all <= MAX_IN_MEMORY) return;
      if (number === except || day.columns === null) continue;
      all -= day.columns.length;
      day.columns = null;
    }
  }

  /** Writes the columns of days that have come to rest, so that the next start need not make them of rows. */
  seal(includingBusy: boolean): void {
    for (const [number, day] of this.days) {
      if (day.seal !== "good" && day.columns !== null && (includingBusy || !day.isBusy)) {
        this.database.run("INSERT OR REPLACE INTO day VALUES (?, ?)", [number, sealed(day.columns)]);
        day.seal = "good";
      }
      day.isBusy = false;
    }
  }

  /** Within the transaction that deletes the rows of days before one. */
  unsealBefore(day: number): void {
    this.database.run("DELETE FROM day WHERE day < ?", [day]);
  }

  /** After that transaction. */
  dropBefore(day: number): void {
    for (const number of this.numbers()) if (number < day) this.days.delete(number);
  }

  /** Within a transaction that deletes rows of any day. */
  unsealAll(): void {
    this.database.exec("DELETE FROM day");
  }

  /** After that transaction: everything is read from the rows when it is asked for. */
  forgetColumns(): void {
    for (const day of this.days.values()) Object.assign(day, { columns: null, seal: "none", calls: null });
  }

  /** Counted calls of all days. */
  get calls(): number {
    let calls = 0;
    for (const [number, day] of this.days) calls += day.calls ??= day.columns?.calls ?? this.countRows(number);
    return calls;
  }

  private countRows(number: number): number {
    const row = this.database.get("SELECT count(*) AS calls FROM span WHERE start >= ? AND start < ? AND counted = 1", [
      number * DAY_US,
      (number + 1) * DAY_US,
    ]);
    return Number(row?.["calls"] ?? 0);
  }
}

/** A row of the span table, as far as columns need it. */
type StoredRow = Omit<CallFigures, keyof SpanIdentity | "durationStep" | "firstTokenStep"> & {
  id: Uint8Array;
  trace: Uint8Array;
  duration: number;
  first_token: number | null;
};

/** How long a call took, as columns have it. Times are microseconds. */
export const stepsOf = (
  duration: number,
  firstToken: number | null,
): Pick<CallFigures, "durationStep" | "firstTokenStep"> => ({
  durationStep: stepOf(duration),
  firstTokenStep: firstToken === null ? NO_STEP : stepOf(firstToken),
});

/** A damaged page can hold rows that SQLite reads and that make no sense. */
function isWhole(row: Row): row is Row & StoredRow {
  for (const name in row) {
    const value = row[name];
    if (typeof value === "number" || (name === "first_token" && value === null)) continue;
    if (!(value instanceof Uint8Array) || (name !== "id" && name !== "trace")) return false;
  }
  return row["id"] instanceof Uint8Array && row["trace"] instanceof Uint8Array;
}
