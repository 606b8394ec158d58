import type { Connection } from "./connection";
import { stepOf } from "../latency";
import { type CallFigures, DayColumns, NO_STEP } from "./dayColumns";

/** A day, in microseconds. Days are UTC's. */
export const DAY_US = 86_400_000_000;
export const dayOf = (us: number): number => Math.floor(us / DAY_US);

/** The most calls whose columns stay in memory, at 61 bytes each. */
const MOST_IN_MEMORY = 3_000_000;

interface Day {
  columns: DayColumns | null;
  /** Whether the database holds the columns too, so that they need not be made of rows again. */
  isSealed: boolean;
  /** Whether calls have come since the last sealing round. */
  isBusy: boolean;
}

export const DAYS_SCHEMA = "CREATE TABLE day(day INTEGER PRIMARY KEY, calls INTEGER NOT NULL, columns BLOB NOT NULL)";

/** The days of a store, as columns: kept as calls arrive, read when they are asked for. */
export class Days {
  private readonly days = new Map<number, Day>();

  constructor(private readonly database: Connection) {
    const sealed = new Set(database.all("SELECT day FROM day").map(({ day }) => Number(day)));
    // From day to day by the key: reading every row would take long.
    for (let from = -DAY_US; ;) {
      const start = database.get("SELECT start FROM span WHERE start >= ? ORDER BY start LIMIT 1", [from])?.["start"];
      if (start === undefined || start === null) break;
      const day = dayOf(Number(start));
      this.days.set(day, { columns: null, isSealed: sealed.has(day), isBusy: false });
      from = (day + 1) * DAY_US;
    }
  }

  /** Within the transaction that changes a day: its columns in the database are no longer true. */
  unseal(day: number): void {
    const known = this.days.get(day);
    if (known?.isSealed !== true) return;
    this.database.run("DELETE FROM day WHERE day = ?", [day]);
  }

  /** After the transaction. */
  add(call: CallFigures): void {
    const day = this.changed(dayOf(call.start));
    day.columns?.add(call);
  }

  uncount(start: number, series: number, user: number): void {
    this.changed(dayOf(start)).columns?.uncount(start, series, user);
  }

  private changed(number: number): Day {
    let day = this.days.get(number);
    if (day === undefined) this.days.set(number, (day = { columns: new DayColumns(), isSealed: false, isBusy: true }));
    day.isSealed = false;
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
    const columns = day.isSealed ? this.readSealed(number) : this.readRows(number);
    day.columns = columns;
    this.days.delete(number);
    this.days.set(number, day);
    this.makeRoom(number);
    return columns;
  }

  private readSealed(number: number): DayColumns {
    const blob = this.database.get("SELECT columns FROM day WHERE day = ?", [number])?.["columns"];
    if (!(blob instanceof Uint8Array)) throw new Error("malformed: a day without columns");
    return DayColumns.decode(blob);
  }

  private readRows(number: number): DayColumns {
    const columns = new DayColumns();
    this.database.each(
      "SELECT start, input, output, cached, reasoning, cost, duration, first_token, series, user, counted FROM span WHERE start >= ? AND start < ?",
      [number * DAY_US, (number + 1) * DAY_US],
      (row) => {
        const {
          duration,
          first_token: firstToken,
          ...rest
        } = row as unknown as CallFigures & { duration: number; first_token: number | null };
        columns.add({ ...rest, ...stepsOf(duration, firstToken) });
      },
    );
    return columns;
  }

  private makeRoom(except: number): void {
    let all = 0;
    for (const { columns } of this.days.values()) all += columns?.length ?? 0;
    for (const [number, day] of this.days) {
      if (all <= MOST_IN_MEMORY) return;
      if (number === except || day.columns === null) continue;
      all -= day.columns.length;
      day.columns = null;
    }
  }

  /** Writes the columns of days that have come to rest, so that the next start need not make them of rows. */
  seal(includingBusy: boolean): void {
    for (const [number, day] of this.days) {
      if (!day.isSealed && day.columns !== null && (includingBusy || !day.isBusy)) {
        this.database.run("INSERT OR REPLACE INTO day VALUES (?, ?, ?)", [
          number,
          day.columns.calls,
          day.columns.encode(),
        ]);
        day.isSealed = true;
      }
      day.isBusy = false;
    }
  }

  /** Forgets days before one; the rows are the caller's. */
  dropBefore(day: number): void {
    this.database.run("DELETE FROM day WHERE day < ?", [day]);
    for (const number of this.numbers()) if (number < day) this.days.delete(number);
  }

  /** Reads everything anew when it is asked for: rows were deleted. */
  forgetColumns(): void {
    this.database.exec("DELETE FROM day");
    for (const day of this.days.values()) {
      day.columns = null;
      day.isSealed = false;
    }
  }

  get calls(): number {
    let calls = 0;
    for (const [number, { columns, isSealed }] of this.days) {
      const count = (): unknown =>
        (isSealed
          ? this.database.get("SELECT calls FROM day WHERE day = ?", [number])
          : this.database.get("SELECT count(*) AS calls FROM span WHERE start >= ? AND start < ? AND counted = 1", [
              number * DAY_US,
              (number + 1) * DAY_US,
            ]))?.["calls"];
      calls += columns?.calls ?? Number(count() ?? 0);
    }
    return calls;
  }
}

/** How long a call took, as columns have it. Times are microseconds. */
export const stepsOf = (
  duration: number,
  firstToken: number | null,
): Pick<CallFigures, "durationStep" | "firstTokenStep"> => ({
  durationStep: stepOf(duration),
  firstTokenStep: firstToken === null ? NO_STEP : stepOf(firstToken),
});
