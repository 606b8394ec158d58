import type { Connection, PreparedStatement } from "./connection";
import type { LlmSpan } from "../llmSpan";
import { type CallFigures, type SpanIdentity, identityOf } from "./dayColumns";
import { type Days, HOUR_US, dayOf, stepsOf } from "./days";
import type { Names } from "./names";
import type { SeriesBook } from "./series";

/** Puts spans into the database: each batch is one transaction. */
export class SpanWriter {
  private readonly statements: Record<"insert" | "parent" | "children" | "uncount", PreparedStatement>;

  constructor(
    private readonly database: Connection,
    private readonly series: SeriesBook,
    private readonly users: Names,
    private readonly days: Days,
  ) {
    const prepare = (sql: string): PreparedStatement => database.prepare(sql);
    this.statements = {
      insert: prepare("INSERT OR IGNORE INTO span VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      parent: prepare(
        "SELECT 1 AS found FROM span INDEXED BY span_id WHERE hour IN (?, ?) AND trace = ? AND id = ? LIMIT 1",
      ),
      children: prepare(
        "SELECT start, id FROM span INDEXED BY span_parent WHERE hour IN (?, ?) AND trace = ? AND parent = ? AND counted = 1",
      ),
      uncount: prepare("UPDATE span SET counted = 0 WHERE start = ? AND id = ? AND trace = ?"),
    };
  }

  /**
   * Writes a batch; after it returns, the batch survives the process.
   * @returns how many of the spans were new.
   * @throws what SQLite throws; nothing of the batch is written then.
   */
  write(spans: readonly LlmSpan[]): number {
    const changes = new Changes();
    this.database.exec("BEGIN IMMEDIATE");
    try {
      for (const span of spans) this.insert(span, changes);
      this.series.names.saveDays();
      this.users.saveDays();
      for (const day of changes.days) this.days.unseal(day);
      this.database.exec("COMMIT");
    } catch (error) {
      this.series.names.forget();
      this.users.forget();
      // Where the disk is full, SQLite has rolled back by itself.
      if (this.database.inTransaction) this.database.exec("ROLLBACK");
      throw error;
    }
    for (const call of changes.added) this.days.add(call);
    for (const { start, identity } of changes.uncounted) this.days.uncount(start, identity);
    return changes.added.length;
  }

  private insert(span: LlmSpan, changes: Changes): void {
    const start = span.startUs;
    const hour = Math.floor(start / HOUR_US);
    const [id, trace] = [Buffer.from(span.spanId, "hex"), Buffer.from(span.traceId, "hex")];
    const parent = span.parentSpanId === null ? null : Buffer.from(span.parentSpanId, "hex");
    const series = this.series.idOf(span, dayOf(start));
    const { user: userName } = span;
    const user = userName === null ? 0 : this.users.idOf(userName, dayOf(start), () => [userName]);
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
    changes.add({ ...call, ...identityOf(id, trace), ...stepsOf(span.durationUs, span.firstTokenUs) });
    for (const child of this.statements.children.all([hour, hour + 1, trace, id])) {
      const childId = child["id"] as Uint8Array;
      this.statements.uncount.run([Number(child["start"]), childId, trace]);
      changes.uncount({ start: Number(child["start"]), identity: identityOf(childId, trace) });
    }
  }

  close(): void {
    for (const statement of Object.values(this.statements)) statement.close();
  }
}

/** A call that has turned out to be under another span. */
interface Uncounted {
  start: number;
  identity: SpanIdentity;
}

/** What a batch changes in the columns, which follow once it is committed. */
class Changes {
  readonly days = new Set<number>();
  readonly added: CallFigures[] = [];
  readonly uncounted: Uncounted[] = [];

  add(call: CallFigures): void {
    this.days.add(dayOf(call.start));
    this.added.push(call);
  }

  uncount(call: Uncounted): void {
    this.days.add(dayOf(call.start));
    this.uncounted.push(call);
  }
}
