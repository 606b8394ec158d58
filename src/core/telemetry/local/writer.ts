import type { Database, Statement } from "node-sqlite3-wasm";
import { type LlmSpan, costStateOf } from "../llmSpan";
import { DAY_US, HOUR_US, QUARTER_US, floorTo } from "./times";

/** Sums of one cell: calls, errors, limited, input, output, cached, cost. */
type Sums = [number, number, number, number, number, number, number];
const COLUMNS = "calls, errors, limited, input, output, cached, cost";
const ADD = COLUMNS.split(", ").map((column) => `${column} = ${column} + excluded.${column}`).join(", ");

interface Cell {
  key: number[];
  sums: Sums;
}

/** Puts spans into the database: each batch is one transaction, with the sums that it changes. */
export class SpanWriter {
  private readonly seriesIds = new Map<string, number>();
  private readonly userIds = new Map<string, number>();
  private readonly statements: Record<"insert" | "parent" | "children" | "uncount" | "series" | "user" | "findUser" | "hour" | "quarter" | "day" | "userDay", Statement>;

  constructor(private readonly database: Database) {
    const prepare = (sql: string): Statement => database.prepare(sql);
    const upsert = (table: string, keys: string): Statement => prepare(`INSERT INTO ${table}(${keys}, ${COLUMNS}) VALUES (${"?, ".repeat(keys.split(", ").length)}?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET ${ADD}`);
    this.statements = {
      insert: prepare("INSERT OR IGNORE INTO span VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      parent: prepare("SELECT 1 AS found FROM span INDEXED BY span_id WHERE hour IN (?, ?) AND trace = ? AND id = ? LIMIT 1"),
      children: prepare("SELECT start, id, trace, hour, series, user, errors, limited, input, output, cached, cost FROM span INDEXED BY span_parent WHERE hour IN (?, ?) AND trace = ? AND parent = ? AND counted = 1"),
      uncount: prepare("UPDATE span SET counted = 0 WHERE start = ? AND id = ? AND trace = ?"),
      series: prepare("INSERT INTO series(model, provider, feature, team, environment, file, function, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
      user: prepare("INSERT OR IGNORE INTO user(name) VALUES (?)"),
      findUser: prepare("SELECT id FROM user WHERE name = ?"),
      hour: upsert("hour", "start, series"),
      quarter: upsert("quarter", "start, series"),
      day: upsert("day", "start, series"),
      userDay: upsert("user_day", "user, start, series"),
    };
    for (const row of database.all("SELECT * FROM series")) {
      const [id, ...key] = ["id", "model", "provider", "feature", "team", "environment", "file", "function", "state"].map((column) => row[column]);
      this.seriesIds.set(JSON.stringify(key), Number(id));
    }
  }

  /**
   * Writes a batch; after it returns, the batch survives the process.
   * @returns how many of the spans were new.
   * @throws what SQLite throws; nothing of the batch is written then.
   */
  write(spans: readonly LlmSpan[]): number {
    const changes = new Changes();
    const [seriesBefore, usersBefore] = [new Map(this.seriesIds), new Map<string, number>()];
    this.database.exec("BEGIN IMMEDIATE");
    try {
      let added = 0;
      for (const span of spans) if (this.insert(span, changes, usersBefore)) added++;
      for (const { key, sums } of changes.hours.values()) this.statements.hour.run([...key, ...sums]);
      for (const { key, sums } of changes.quarters.values()) this.statements.quarter.run([...key, ...sums]);
      for (const { key, sums } of changes.days.values()) this.statements.day.run([...key, ...sums]);
      for (const { key, sums } of changes.users.values()) this.statements.userDay.run([...key, ...sums]);
      this.database.exec("COMMIT");
      return added;
    } catch (error) {
      this.forget(seriesBefore, usersBefore);
      throw error;
    }
  }

  private forget(series: ReadonlyMap<string, number>, users: ReadonlyMap<string, number>): void {
    for (const key of [...this.seriesIds.keys()]) if (!series.has(key)) this.seriesIds.delete(key);
    for (const name of users.keys()) this.userIds.delete(name);
    // Where the disk is full, SQLite has rolled back by itself.
    if (this.database.inTransaction) this.database.exec("ROLLBACK");
  }

  private insert(span: LlmSpan, changes: Changes, newUsers: Map<string, number>): boolean {
    const hour = floorTo(span.startUs, HOUR_US);
    const [id, trace] = [Buffer.from(span.spanId, "hex"), Buffer.from(span.traceId, "hex")];
    const parent = span.parentSpanId === null ? null : Buffer.from(span.parentSpanId, "hex");
    const series = this.seriesOf(span);
    const user = span.user === null ? 0 : this.userOf(span.user, newUsers);
    // A wrapper's span with an automatic instrumentation's beneath is one call: the outer one counts, in whatever order they come.
    const isInner = parent !== null && this.statements.parent.get([hour - HOUR_US, hour, trace, parent]) !== null;
    const sums: Sums = [1, span.isError ? 1 : 0, span.isRateLimited ? 1 : 0, span.inputTokens ?? 0, span.outputTokens ?? 0, span.cachedTokens ?? 0, span.costUsd ?? 0];
    const { changes: inserted } = this.statements.insert.run([span.startUs, id, trace, parent, hour, series, user, isInner ? 0 : 1, ...sums.slice(1), span.durationUs]);
    if (inserted === 0) return false;
    if (!isInner) changes.add(hour, series, user, sums);
    for (const child of this.statements.children.all([hour, hour + HOUR_US, trace, id])) {
      this.statements.uncount.run([child["start"] as number, child["id"] as Uint8Array, child["trace"] as Uint8Array]);
      const figure = (column: string): number => -Number(child[column]);
      changes.add(Number(child["hour"]), Number(child["series"]), Number(child["user"]), [-1, figure("errors"), figure("limited"), figure("input"), figure("output"), figure("cached"), figure("cost")]);
    }
    return true;
  }

  private seriesOf(span: LlmSpan): number {
    const values = [span.model, span.provider, span.feature, span.team, span.environment, span.file, span.function, costStateOf(span)];
    const key = JSON.stringify(values);
    let id = this.seriesIds.get(key);
    if (id === undefined) {
      id = Number(this.statements.series.run(values).lastInsertRowid);
      this.seriesIds.set(key, id);
    }
    return id;
  }

  private userOf(name: string, added: Map<string, number>): number {
    let id = this.userIds.get(name);
    if (id === undefined) {
      this.statements.user.run([name]);
      id = Number(this.statements.findUser.get([name])?.["id"]);
      // A bounded memory of ids: with very many users the database is asked again.
      if (this.userIds.size > 200_000) this.userIds.clear();
      this.userIds.set(name, id);
      added.set(name, id);
    }
    return id;
  }

  /** Statements hold memory of the database: they go before it closes. */
  close(): void {
    for (const statement of Object.values(this.statements)) statement.finalize();
  }
}

/** What a batch changes in the sums, added up before it is written. */
class Changes {
  readonly hours = new Map<string, Cell>();
  readonly quarters = new Map<string, Cell>();
  readonly days = new Map<string, Cell>();
  readonly users = new Map<string, Cell>();

  add(hour: number, series: number, user: number, sums: Sums): void {
    const day = floorTo(hour, DAY_US);
    addTo(this.hours, [hour, series], sums);
    addTo(this.quarters, [floorTo(hour, QUARTER_US), series], sums);
    addTo(this.days, [day, series], sums);
    addTo(this.users, [user, day, series], sums);
  }
}

function addTo(cells: Map<string, Cell>, key: number[], sums: Sums): void {
  const name = key.join();
  const cell = cells.get(name);
  if (cell === undefined) cells.set(name, { key, sums: [...sums] });
  else for (let index = 0; index < sums.length; index++) cell.sums[index] = (cell.sums[index] ?? 0) + (sums[index] ?? 0);
}
