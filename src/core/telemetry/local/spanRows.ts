import type { LlmSpan } from "../llmSpan";
import type { Connection, Row } from "./connection";
import { storedIn } from "./dayColumns";

/** A span as it was received, read back from its row; and whether it counts as a call of its own. */
export interface StoredSpan extends LlmSpan {
  /** False for a span under another span of the same call. */
  isCounted: boolean;
}

const COLUMNS =
  "start, lower(hex(span.id)) AS id, lower(hex(trace)) AS trace, lower(hex(parent)) AS parent, series, user, counted, input, output, cached, reasoning, cost, duration, first_token";

/** Reads spans back with their names, which are looked up once each. */
export class SpanRows {
  private readonly series = new Map<number, Row | null>();
  private readonly users = new Map<number, string | null>();

  constructor(private readonly database: Connection) {}

  /** Every span that began at or after a time (microseconds, UTC), in order. @throws what SQLite throws, part-way too. */
  each(fromUs: number, take: (span: StoredSpan) => void): void {
    const sql = `SELECT ${COLUMNS} FROM span WHERE start >= ? ORDER BY start, span.id, trace`;
    this.database.each(sql, [fromUs], (row) => take(this.toSpan(row)));
  }

  private toSpan(row: Row): StoredSpan {
    const series = this.seriesOf(Number(row["series"]));
    const text = (name: string): string | null => (series?.[name] == null ? null : String(series[name]));
    // Unknown figures are stored as 0: where neither cost nor tokens were reported, none of them is known.
    const isKnown = series !== null && text("state") !== "unknown";
    const figure = (name: string): number | null => (isKnown ? Number(row[name]) : null);
    return {
      traceId: String(row["trace"]),
      spanId: String(row["id"]),
      parentSpanId: row["parent"] === null || row["parent"] === "" ? null : String(row["parent"]),
      startUs: Number(row["start"]),
      durationUs: Number(row["duration"]),
      firstTokenUs: row["first_token"] === null ? null : Number(row["first_token"]),
      model: text("model"),
      provider: text("provider"),
      feature: text("feature"),
      team: text("team"),
      environment: text("environment"),
      user: this.userOf(Number(row["user"])),
      file: text("file"),
      function: text("function"),
      line: series?.["line"] == null ? null : Number(series["line"]),
      service: text("service"),
      finishReason: text("finish"),
      costUsd: text("state") === "reported" ? Number(row[storedIn.costUsd]) : null,
      inputTokens: figure(storedIn.inputTokens),
      outputTokens: figure(storedIn.outputTokens),
      cachedTokens: figure(storedIn.cachedTokens),
      reasoningTokens: figure(storedIn.reasoningTokens),
      isError: series?.["failed"] === 1,
      isRateLimited: series?.["limited"] === 1,
      isUnpriced: text("state") === "unknown",
      isCounted: row["counted"] === 1,
    };
  }

  private seriesOf(id: number): Row | null {
    let found = this.series.get(id);
    if (found === undefined)
      this.series.set(id, (found = this.database.get("SELECT * FROM series WHERE id = ?", [id])));
    return found;
  }

  private userOf(id: number): string | null {
    if (id === 0) return null;
    let found = this.users.get(id);
    if (found === undefined) {
      const name = this.database.get("SELECT name FROM user WHERE id = ?", [id])?.["name"];
      this.users.set(id, (found = typeof name === "string" ? name : null));
    }
    return found;
  }
}
