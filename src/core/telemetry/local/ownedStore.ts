import type { Connection } from "./connection";
import type { PriceBook } from "../../pricing/price";
import type { LlmSpan } from "../llmSpan";
import type { RejectionReason } from "../rejection";
import type { SpendCube, SpendQuery } from "../spend";
import { TelemetryError } from "../store";
import { failureOf, isDamage, openDatabase, sizeOf } from "./database";
import { SpendReader } from "./reader";
import { DAY_US, Days, dayOf } from "./days";
import { Names } from "./names";
import { type Kept, dropDaysBefore, dropService } from "./retention";
import { SeriesBook } from "./series";
import { SpanWriter } from "./writer";

export interface Limits {
  retentionDays: number;
  /** Bytes on disk, about. */
  maxBytes: number;
}

export const defaultLimits: Limits = { retentionDays: 30, maxBytes: 1_000_000_000 };

/** What became of a batch. */
export interface WriteResult {
  /** How many spans were new; the others were there already, or rejected. */
  added: number;
  /** The spans that the store doesn't keep, each with the reason. */
  rejected: ReadonlyMap<LlmSpan, RejectionReason>;
}

/** The database, opened by the one process that owns it. Everything is synchronous: it runs off the editor's thread. */
export class OwnedStore {
  private opened: Opened;
  private sinceSweep = 0;
  /** In words, what happened to the database since it was opened; null where nothing did. */
  notice: string | null = null;
  /** Counts what has changed since the store was opened. */
  revision = 0;

  /** @throws TelemetryError where the database can't be opened. */
  constructor(
    readonly file: string,
    public limits: Limits = defaultLimits,
  ) {
    this.opened = this.open();
    this.sweep();
  }

  private open(): Opened {
    const { database, setAside } = openDatabase(this.file);
    if (setAside !== null)
      this.notice = `The local store was damaged. It is kept as ${setAside}, and a new one was begun.`;
    return readyFor(database);
  }

  /**
   * Writes a batch durably. Spans older than the retention are rejected: the next sweep would drop them.
   * @throws TelemetryError where the batch could not be written; none of it is then.
   */
  write(spans: readonly LlmSpan[]): WriteResult {
    const oldest = this.oldestKept();
    const kept: LlmSpan[] = [];
    const rejected = new Map<LlmSpan, RejectionReason>();
    for (const span of spans) {
      if (span.startUs >= oldest) kept.push(span);
      else rejected.set(span, "too-old");
    }
    const added = this.guard(() => this.opened.writer.write(kept));
    this.sinceSweep += added;
    if (added > 0) this.revision++;
    if (this.sinceSweep >= 20_000) this.sweep();
    return { added, rejected };
  }

  spend(query: SpendQuery, prices: PriceBook): SpendCube {
    return this.guard(() => this.opened.reader.spend(query, prices));
  }

  private oldestKept = (): number => dayOf(Date.now() * 1000 - this.limits.retentionDays * DAY_US) * DAY_US;

  /** Drops what is older than the retention, and the oldest days while the file is over its limit. */
  sweep(): void {
    this.sinceSweep = 0;
    const { database, days } = this.opened;
    this.guard(() => {
      dropDaysBefore(this.opened, dayOf(this.oldestKept()));
      const pages = (pragma: string): number => Number(database.get(`PRAGMA ${pragma}`)?.[pragma] ?? 0);
      while ((pages("page_count") - pages("freelist_count")) * pages("page_size") > this.limits.maxBytes) {
        const oldest = database.get("SELECT min(start) AS start FROM span")?.["start"];
        if (typeof oldest !== "number" || dayOf(oldest) >= dayOf(Date.now() * 1000)) break;
        dropDaysBefore(this.opened, dayOf(oldest) + 1);
        this.notice = `The local store reached its size limit; its oldest days were dropped.`;
      }
      days.seal(false);
      if (pages("freelist_count") > 1000) database.exec("PRAGMA incremental_vacuum");
    });
  }

  /** Forgets everything, or only what a service has sent. */
  clear(service: string | null = null): void {
    this.revision++;
    this.guard(() => {
      const { database } = this.opened;
      if (service === null) {
        database.exec("BEGIN IMMEDIATE");
        for (const table of ["span", "day", "series", "user"]) database.run(`DELETE FROM ${table}`);
        database.exec("COMMIT");
        // What is kept in memory goes with the rows, before anything else can fail: numbers of users and series would name nothing.
        closeStatements(this.opened);
        this.opened = readyFor(database);
        reclaim(database);
      } else {
        dropService(this.opened, service);
      }
    });
  }

  status(): { spans: number; newestUs: number | null; bytes: number } {
    return this.guard(() => {
      const { database, days } = this.opened;
      const newest = database.get("SELECT max(start) AS newest FROM span")?.["newest"];
      return { spans: days.calls, newestUs: typeof newest === "number" ? newest : null, bytes: sizeOf(this.file) };
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
        this.release();
        this.opened = this.open();
        throw new TelemetryError(
          "damaged",
          this.notice ?? "The local store is damaged.",
          "Nothing needs to be done; spans are taken again.",
          true,
        );
      }
      throw failureOf(error, this.file);
    }
  }

  private release(): void {
    this.opened.database.close();
  }

  close(): void {
    try {
      this.opened.days.seal(true);
    } catch {
      // Only a faster start is lost: the rows are there.
    }
    this.release();
  }
}

interface Opened extends Kept {
  writer: SpanWriter;
  reader: SpendReader;
}

function closeStatements({ writer, series, users }: Opened): void {
  writer.close();
  series.names.close();
  users.close();
}

/** Gives free pages back to the file system, and empties the write-ahead log. */
function reclaim(database: Connection): void {
  database.exec("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)");
}

function readyFor(database: Connection): Opened {
  const series = new SeriesBook(database);
  const users = new Names(database, "user", ["name"]);
  const days = new Days(database);
  return {
    database,
    series,
    users,
    days,
    writer: new SpanWriter(database, series, users, days),
    reader: new SpendReader(database, series, days),
  };
}
