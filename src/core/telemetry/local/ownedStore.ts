import type { PriceBook } from "../../pricing/price";
import type { LlmSpan } from "../llmSpan";
import type { SpendCube, SpendQuery } from "../spend";
import { TelemetryError } from "../store";
import { failureOf, isDamage, openDatabase, sizeOf } from "./database";
import { SpendReader } from "./reader";
import { DAY_US, floorTo } from "./times";
import { SpanWriter } from "./writer";

export interface Limits {
  retentionDays: number;
  /** Bytes on disk, about. */
  maxBytes: number;
}

export const defaultLimits: Limits = { retentionDays: 30, maxBytes: 1_000_000_000 };

/** The database, opened by the one process that owns it. Everything is synchronous: it runs off the editor's thread. */
export class OwnedStore {
  private opened: ReturnType<typeof openDatabase>;
  private writer: SpanWriter;
  private reader: SpendReader;
  private sinceSweep = 0;
  /** In words, what happened to the database since it was opened; null where nothing did. */
  notice: string | null = null;

  /** @throws TelemetryError where the database can't be opened. */
  constructor(
    readonly file: string,
    public limits: Limits = defaultLimits,
  ) {
    [this.opened, this.writer, this.reader] = this.open();
    this.sweep();
  }

  private open(): [ReturnType<typeof openDatabase>, SpanWriter, SpendReader] {
    const opened = openDatabase(this.file);
    if (opened.setAside !== null) this.notice = `The local store was damaged. It is kept as ${opened.setAside}, and a new one was begun.`;
    return [opened, new SpanWriter(opened.database), new SpendReader(opened.database)];
  }

  /**
   * Writes a batch durably. Spans older than the retention are taken as done: they would be swept away at once.
   * @returns how many were new. @throws TelemetryError where the batch could not be written; none of it is then.
   */
  write(spans: readonly LlmSpan[]): number {
    const oldest = this.oldestKept();
    const added = this.guard(() => this.writer.write(spans.filter(({ startUs }) => startUs >= oldest)));
    this.sinceSweep += added;
    if (this.sinceSweep >= 20_000) this.sweep();
    return added;
  }

  spend(query: SpendQuery, prices: PriceBook): SpendCube {
    return this.guard(() => this.reader.spend(query, prices));
  }

  private oldestKept = (): number => floorTo(Date.now() * 1000 - this.limits.retentionDays * DAY_US, DAY_US);

  /** Drops what is older than the retention, and the oldest days while the file is over its limit. */
  sweep(): void {
    this.sinceSweep = 0;
    const { database } = this.opened;
    this.guard(() => {
      this.dropBefore(this.oldestKept());
      const pages = (pragma: string): number => Number(database.get(`PRAGMA ${pragma}`)?.[pragma] ?? 0);
      while ((pages("page_count") - pages("freelist_count")) * pages("page_size") > this.limits.maxBytes) {
        const oldest = database.get("SELECT min(start) AS start FROM span")?.["start"];
        if (typeof oldest !== "number" || floorTo(oldest, DAY_US) >= floorTo(Date.now() * 1000, DAY_US)) break;
        this.dropBefore(floorTo(oldest, DAY_US) + DAY_US);
        this.notice = `The local store reached its size limit; its oldest days were dropped.`;
      }
      if (pages("freelist_count") > 1000) database.exec("PRAGMA incremental_vacuum");
    });
  }

  private dropBefore(startUs: number): void {
    const { database } = this.opened;
    if (database.get("SELECT 1 AS found FROM span WHERE start < ? LIMIT 1", [startUs]) === null) return;
    database.exec("BEGIN IMMEDIATE");
    for (const table of ["span", "hour", "quarter", "day", "user_day"]) database.run(`DELETE FROM ${table} WHERE start < ?`, [startUs]);
    database.exec("COMMIT");
  }

  /** Forgets everything. */
  clear(): void {
    this.guard(() => {
      this.opened.database.exec(`BEGIN IMMEDIATE; ${["span", "hour", "quarter", "day", "user_day", "series", "user"].map((table) => `DELETE FROM ${table};`).join(" ")} COMMIT; PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)`);
      this.writer.close();
      this.writer = new SpanWriter(this.opened.database);
    });
  }

  status(): { spans: number; newestUs: number | null; bytes: number } {
    return this.guard(() => {
      const { database } = this.opened;
      const calls = database.get("SELECT coalesce(sum(calls), 0) AS calls FROM day")?.["calls"];
      const newest = database.get("SELECT max(start) AS newest FROM span")?.["newest"];
      return { spans: Number(calls), newestUs: typeof newest === "number" ? newest : null, bytes: sizeOf(this.file) };
    });
  }

  /** Runs something on the database; where it turns out damaged, it is set aside and the failure says so. */
  private guard<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof TelemetryError) throw error;
      if (this.opened.database.inTransaction) this.opened.database.exec("ROLLBACK");
      if (isDamage(error)) {
        this.close();
        [this.opened, this.writer, this.reader] = this.open();
        throw new TelemetryError("damaged", this.notice ?? "The local store is damaged.", "Nothing needs to be done; spans are taken again.", true);
      }
      throw failureOf(error, this.file);
    }
  }

  close(): void {
    this.writer.close();
    this.opened.database.close();
  }
}
