import type { Connection, PreparedStatement } from "../connection";
import { HOUR_US } from "../days";
import { Names } from "../names";
import { seriesColumns, seriesKey } from "../series";
import type { Cell, Value } from "./cells";

/** Rows a transaction: more would grow the log, fewer would wait for the disk. */
const BATCH = 20_000;
const SPAN_COLUMNS = 15;

type RowKind = "span" | "series" | "user";

/** Puts the rows that are found on a damaged store's pages, in any order, into a new store. */
export class RecoveredRows {
  private inBatch = 0;
  private readonly statements: Record<RowKind, PreparedStatement>;

  /** @param database a new store, without rows. */
  constructor(private readonly database: Connection) {
    const places = (count: number): string => Array.from({ length: count }, () => "?").join(", ");
    this.statements = {
      span: database.prepare(`INSERT OR IGNORE INTO span VALUES (${places(SPAN_COLUMNS)})`),
      series: database.prepare(`INSERT OR IGNORE INTO series VALUES (${places(3 + seriesColumns.length)})`),
      user: database.prepare("INSERT OR IGNORE INTO user VALUES (?, ?, ?)"),
    };
    database.exec("BEGIN");
  }

  /** @returns false where the row looks like one of a store but its values make no sense. */
  take({ rowid, values }: Cell): boolean {
    if (rowid === null) return values.length !== SPAN_COLUMNS || this.takeSpan(values);
    // The number of a table's row stands beside the row, which has null in its place.
    const [number, ...columns] = values;
    if (number !== null) return true;
    // Version 2 had neither a key nor a day.
    if (columns.length === seriesColumns.length) return this.takeSeries(rowid, null, columns);
    if (columns.length === 2 + seriesColumns.length) return this.takeSeries(rowid, columns[0], columns.slice(2));
    if (columns.length <= 2 && typeof columns[0] === "string") this.put("user", [rowid, columns[0], 0]);
    return true;
  }

  private takeSpan(values: Value[]): boolean {
    const [start, id, trace, parent, hour, ...figures] = values;
    const isSpan =
      Number.isSafeInteger(start) &&
      hour === Math.floor(Number(start) / HOUR_US) &&
      Buffer.isBuffer(id) &&
      Buffer.isBuffer(trace) &&
      (parent === null || Buffer.isBuffer(parent)) &&
      figures.slice(0, -1).every((figure) => typeof figure === "number" && figure >= 0) &&
      (figures.at(-1) === null || typeof figures.at(-1) === "number");
    if (isSpan) this.put("span", values);
    return isSpan;
  }

  private takeSeries(id: number, key: Value | undefined, columns: Value[]): boolean {
    // Series of long prompts were told apart by their state in version 2.
    const values = columns.map((value) => (value === "openLong" ? "open" : value));
    if (typeof values.at(-1) !== "string") return false;
    const put = (text: string): boolean =>
      this.put("series", [id, Buffer.isBuffer(key) ? key : seriesKey(text), 0, ...values]);
    // The first of two equal ones has the key.
    if (!put(JSON.stringify(values))) put(JSON.stringify([...values, id]));
    return true;
  }

  /** @returns false where an equal row is there already: pages may hold a row twice. */
  private put(kind: RowKind, values: (Value | Uint8Array)[]): boolean {
    const isNew = this.statements[kind].run(values) > 0;
    if (++this.inBatch >= BATCH) {
      this.database.exec("COMMIT; BEGIN");
      this.inBatch = 0;
    }
    return isNew;
  }

  /** After the last row: calls whose names are lost get a series without any, and names without calls are dropped. */
  finish(): { spans: number; withoutNames: number } {
    const { database } = this;
    const count = (rows: string): number => Number(database.get(`SELECT count(*) AS rows FROM ${rows}`)?.["rows"]);
    const withoutNames = count(
      "span WHERE series NOT IN (SELECT id FROM series) OR (user <> 0 AND user NOT IN (SELECT id FROM user))",
    );
    database.exec(`
INSERT INTO series(id, key, day, failed, limited, state) SELECT series, randomblob(16), 0, 0, 0, iif(max(cost) > 0, 'reported', 'unknown') FROM span WHERE series NOT IN (SELECT id FROM series) GROUP BY series;
UPDATE span SET user = 0 WHERE user NOT IN (SELECT id FROM user)`);
    for (const names of [
      new Names(database, "series", ["key", ...seriesColumns]),
      new Names(database, "user", ["name"]),
    ]) {
      names.dropUnused();
      names.close();
    }
    const spans = count("span");
    database.exec("COMMIT");
    return { spans, withoutNames };
  }
}
