import type { Connection, PreparedStatement } from "./connection";
import { type CostState, type LlmSpan, costStateOf } from "../llmSpan";

const columns = [
  "model",
  "provider",
  "feature",
  "team",
  "environment",
  "file",
  "function",
  "line",
  "service",
  "finish",
  "failed",
  "limited",
  "state",
] as const;

/** What calls have in common: everything that is told apart by name. A span holds the series' number. */
export interface Series extends Pick<
  LlmSpan,
  "model" | "provider" | "feature" | "team" | "environment" | "file" | "function" | "line" | "service"
> {
  finish: string | null;
  failed: 0 | 1;
  limited: 0 | 1;
  state: CostState;
}

export const SERIES_SCHEMA = `CREATE TABLE series(id INTEGER PRIMARY KEY, ${columns.join(", ")})`;

/** All series of a store, by their number. */
export class SeriesBook {
  /** Indexed by number; the first place is empty. */
  readonly all: (Series | undefined)[] = [undefined];
  private readonly ids = new Map<string, number>();
  private readonly insert: PreparedStatement;

  constructor(database: Connection) {
    for (const row of database.all("SELECT * FROM series")) this.keep(Number(row["id"]), row as unknown as Series);
    this.insert = database.prepare(
      `INSERT INTO series(id, ${columns.join(", ")}) VALUES (?${", ?".repeat(columns.length)})`,
    );
  }

  private keep(id: number, series: Series): void {
    this.all[id] = series;
    this.ids.set(JSON.stringify(columns.map((column) => series[column])), id);
  }

  /** The series' number; a new one is written, within the transaction that is open. */
  idOf(span: LlmSpan): number {
    const values = [
      span.model,
      span.provider,
      span.feature,
      span.team,
      span.environment,
      span.file,
      span.function,
      span.line,
      span.service,
      span.finishReason,
      span.isError ? 1 : 0,
      span.isRateLimited ? 1 : 0,
      costStateOf(span),
    ];
    const known = this.ids.get(JSON.stringify(values));
    if (known !== undefined) return known;
    const id = this.all.length;
    this.insert.run([id, ...values]);
    this.keep(id, Object.fromEntries(columns.map((column, index) => [column, values[index]])) as unknown as Series);
    return id;
  }

  /** Forgets series from a number on: their transaction was rolled back. */
  forgetFrom(length: number): void {
    for (const series of this.all.splice(length))
      if (series !== undefined) this.ids.delete(JSON.stringify(columns.map((column) => series[column])));
  }

  close(): void {
    this.insert.close();
  }
}
