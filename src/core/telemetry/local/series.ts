import { createHash } from "node:crypto";
import { type CostState, type LlmSpan, costStateOf } from "../llmSpan";
import type { Connection, Row, Values } from "./connection";
import { Names } from "./names";
import { RecentMap } from "../recentMap";

export const seriesColumns = [
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
export interface Series extends Pick<LlmSpan, Extract<(typeof seriesColumns)[number], keyof LlmSpan>> {
  finish: string | null;
  failed: 0 | 1;
  limited: 0 | 1;
  state: CostState;
}

/** A value for each column, in their order. */
type ValuesOf<Names extends readonly string[]> = {
  readonly [I in keyof Names]: Names[I] extends keyof Series ? Series[Names[I]] : never;
};

/** `key` is a hash of the other columns, `day` the newest day of the series' calls. */
export const SERIES_SCHEMA = `CREATE TABLE series(id INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE, day INTEGER NOT NULL, ${seriesColumns.join(", ")})`;

/** @param text the series' values as JSON. */
export const seriesKey = (text: string): Uint8Array => createHash("sha256").update(text).digest().subarray(0, 16);

/** All series of a store, by their number. They are read when the first question is asked, not when the store opens. */
export class SeriesBook {
  private readonly known: (Series | undefined)[] = [undefined];
  readonly names: Names;

  constructor(private readonly database: Connection) {
    this.names = new Names(database, "series", ["key", ...seriesColumns]);
  }

  /** Indexed by number; a number without a series is `undefined`. */
  read(): readonly (Series | undefined)[] {
    const texts = new RecentMap<string, string>(4096);
    const shared = (value: unknown): string | null => {
      if (typeof value !== "string") return null;
      const same = texts.get(value);
      if (same === undefined) texts.set(value, value);
      return same ?? value;
    };
    this.database.each(
      `SELECT id, ${seriesColumns.join(", ")} FROM series WHERE id >= ? ORDER BY id`,
      [this.known.length],
      (row) => {
        const id = Number(row["id"]);
        while (this.known.length < id) this.known.push(undefined);
        this.known[id] = seriesOf(row, shared);
      },
    );
    return this.known;
  }

  /** The series' number; a new one is written, within the transaction that is open. */
  idOf(span: LlmSpan, day: number): number {
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
    ] satisfies ValuesOf<typeof seriesColumns>;
    const text = JSON.stringify(values);
    return this.names.idOf(text, day, (): Values => [seriesKey(text), ...values]);
  }

  /** After the transaction that removed them. */
  forget(ids: readonly number[]): void {
    for (const id of ids) if (id < this.known.length) this.known[id] = undefined;
  }
}

function seriesOf(row: Row, text: (value: unknown) => string | null): Series {
  return {
    model: text(row["model"]),
    provider: text(row["provider"]),
    feature: text(row["feature"]),
    team: text(row["team"]),
    environment: text(row["environment"]),
    file: text(row["file"]),
    function: text(row["function"]),
    line: typeof row["line"] === "number" ? row["line"] : null,
    service: text(row["service"]),
    finish: text(row["finish"]),
    failed: row["failed"] === 1 ? 1 : 0,
    limited: row["limited"] === 1 ? 1 : 0,
    state: text(row["state"]) as CostState,
  };
}
