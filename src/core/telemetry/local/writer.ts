import type { Connection, PreparedStatement } from "./connection";
import type { LlmSpan } from "../llmSpan";
import type { CallFigures } from "./dayColumns";
import { type Days, dayOf, stepsOf } from "./days";
import type { SeriesBook } from "./series";

const HOUR_US = 3_600_000_000;

/** Puts spans into the database: each batch is one transaction. */
export class SpanWriter {
  private readonly userIds = new Map<string, number>();
  private readonly statements: Record<
    "insert" | "parent" | "children" | "uncount" | "user" | "findUser",
    PreparedStatement
  >;

  constructor(
    private readonly database: Connection,
    private readonly series: SeriesBook,
    private readonly days: Days,
  ) {
    const prepare = (sql: string): PreparedStatement => database.prepare(sql);
    this.statements = {
      insert: prepare("INSERT OR IGNORE INTO span VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      parent: prepare(
        "SELECT 1 AS found FROM span INDEXED BY span_id WHERE hour IN (?, ?) AND trace = ? AND id = ? LIMIT 1",
      ),
      children: prepare(
        "SELECT start, id, series, user FROM span INDEXED BY span_parent WHERE hour IN (?, ?) AND trace = ? AND parent = ? AND counted = 1",
      ),
      uncount: prepare("UPDATE span SET counted = 0 WHERE start = ? AND id = ? AND trace = ?"),
      user: prepare("INSERT OR IGNORE INTO user(name) VALUES (?)"),
      findUser: prepare("SELECT id FROM user WHERE name = ?"),
    };
  }

  /**
   * Writes a batch; after it returns, the batch survives the process.
   * @returns how many of the spans were new.
   * @throws what SQLite throws; nothing of the batch is written then.
   */
  write(spans: readonly LlmSpan[]): number {
    const knownSeries = this.series.all.length;
    const newUsers: string[] = [];
    const changes = new Changes();
    this.database.exec("BEGIN IMMEDIATE");
    try {
      for (const span of spans) this.insert(span, changes, newUsers);
      for (const day of changes.days) this.days.unseal(day);
      this.database.exec("COMMIT");
    } catch (error) {
      this.series.forgetFrom(knownSeries);
      for (const name of newUsers) this.userIds.delete(name);
      // Where the disk is full, SQLite has rolled back by itself.
      if (this.database.inTransaction) this.database.exec("ROLLBACK");
      throw error;
    }
    for (const call of changes.added) this.days.add(call);
    for (const { start, series, user } of changes.uncounted) this.days.uncount(start, series, user);
    return changes.added.length;
  }

  private insert(span: LlmSpan, changes: Changes, newUsers: string[]): void {
    const start = span.startUs;
    const hour = Math.floor(start / HOUR_US);
    const [id, trace] = [Buffer.from(span.spanId, "hex"), Buffer.from(span.traceId, "hex")];
    const parent = span.parentSpanId === null ? null : Buffer.from(span.parentSpanId, "hex");
    const series = this.series.idOf(span);
    const user = span.user === null ? 0 : this.userOf(span.user, newUsers);
    // A wrapper's span with an automatic instrumentation's beneath is one call: the outer one counts, in whatever order they come.
    const counted = parent !== null && this.statements.parent.get([hour - 1, hour, trace, parent]) !== null ? 0 : 1;
    const call = {
      start,
      series,
      user,
      counted,
      input: span.inputTokens ?? 0,
      output: span.outputTokens ?? 0,
      cached: span.cachedTokens ?? 0,
      reasoning: span.reasoningTokens ?? 0,
      cost: span.costUsd ?? 0,
    };
    const inserted = this.statements.insert.run([
      start,
      id,
      trace,
      parent,
      hour,
      series,
      user,
      counted,
      call.input,
      call.output,
      call.cached,
      call.reasoning,
      call.cost,
      span.durationUs,
      span.firstTokenUs,
    ]);
    if (inserted === 0) return;
    changes.add({ ...call, ...stepsOf(span.durationUs, span.firstTokenUs) });
    for (const child of this.statements.children.all([hour, hour + 1, trace, id])) {
      this.statements.uncount.run([child["start"] as number, child["id"] as Uint8Array, trace]);
      changes.uncount({ start: Number(child["start"]), series: Number(child["series"]), user: Number(child["user"]) });
    }
  }

  private userOf(name: string, added: string[]): number {
    let id = this.userIds.get(name);
    if (id === undefined) {
      this.statements.user.run([name]);
      id = Number(this.statements.findUser.get([name])?.["id"]);
      // A bounded memory of ids: with very many users the database is asked again.
      if (this.userIds.size > 200_000) this.userIds.clear();
      this.userIds.set(name, id);
      added.push(name);
    }
    return id;
  }

  close(): void {
    for (const statement of Object.values(this.statements)) statement.close();
  }
}

/** What a batch changes in the columns, which follow once it is committed. */
class Changes {
  readonly days = new Set<number>();
  readonly added: CallFigures[] = [];
  readonly uncounted: Pick<CallFigures, "start" | "series" | "user">[] = [];

  add(call: CallFigures): void {
    this.days.add(dayOf(call.start));
    this.added.push(call);
  }

  uncount(call: Pick<CallFigures, "start" | "series" | "user">): void {
    this.days.add(dayOf(call.start));
    this.uncounted.push(call);
  }
}
