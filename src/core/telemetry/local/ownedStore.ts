import { constants, copyFileSync, renameSync } from "node:fs";
import type { PriceBook } from "../../pricing/price";
import { type Limits, defaultLimits } from "../defaults";
import type { LlmSpan } from "../llmSpan";
import type { RejectionReason } from "../rejection";
import type { SpendCube, SpendQuery } from "../spend";
import { TelemetryError } from "../store";
import { failureOf, openDatabase, putAside, sizeOf } from "./database";
import { callsOnDisk, isDamage } from "./integrity";
import { DAY_US, dayOf } from "./days";
import { dropDaysBefore, dropService, rewriteNames } from "./retention";
import { readMeta, writeMeta } from "./meta";
import { type Opened, closeStatements, readyFor, reclaim } from "./openedStore";
import { OpenFiles } from "./openFiles";
import { OVERWRITTEN, OVER_LIMIT, REMOVED, TORN, emptied, keptAs } from "./ownedNotices";
import { SweepClock } from "./sweepClock";

/** What became of a batch. */
export interface WriteResult {
  /** How many spans were new; the others were there already, or rejected. */
  added: number;
  /** The spans that the store doesn't keep, each with the reason. */
  rejected: ReadonlyMap<LlmSpan, RejectionReason>;
}

/** Spans after which the store is swept while it is open. */
const SWEEP_AFTER = 20_000;
/** The same where the files are larger than their limit. */
const SWEEP_LARGE_AFTER = 1_000;

/** The database, opened by the one process that owns it. Everything is synchronous: it runs off the editor's thread. */
export class OwnedStore {
  private opened: Opened;
  /** Whether the files that lay there when it was opened last were damaged. */
  private wasSetAside = false;
  private sinceSweep = 0;
  private sweptDay = 0;
  private clock: SweepClock;
  private files: OpenFiles;
  /** In words, what happened to the database since it was opened; null where nothing did. */
  notice: string | null = null;

  /** @throws TelemetryError where the database can't be opened. */
  constructor(
    readonly file: string,
    public limits: Limits = defaultLimits,
    notice: string | null = null,
    /** Called after what the store holds has changed. */
    private readonly onChange: () => void = () => undefined,
    /** The last owner was killed, and the machine has not been started again since. */
    isAfterKill = false,
  ) {
    this.notice = notice;
    this.opened = this.open(isAfterKill);
    this.files = new OpenFiles(file);
    this.clock = this.startClock();
    this.sweep();
  }

  private startClock(): SweepClock {
    const { database } = this.opened;
    const clock = new SweepClock(Date.now() * 1000, {
      lastStartUs: readMeta(database, "last_start_us"),
      agreedUs: readMeta(database, "agreed_us"),
    });
    this.guard(() => writeMeta(database, "last_start_us", clock.startToRemember));
    return clock;
  }

  private open(isAfterKill: boolean): Opened {
    const { database, setAside, wasTorn } = openDatabase(this.file, isAfterKill);
    this.wasSetAside = setAside !== null;
    if (setAside !== null) this.notice = `The local store was damaged. ${keptAs(setAside)}`;
    else if (wasTorn) this.notice = TORN;
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
    let added = this.guard(() => this.opened.writer.write(kept));
    // Changed by others in the very moment of writing: the batch is written again.
    if (this.files.look() !== "same") added = this.guard(() => this.opened.writer.write(kept));
    this.sinceSweep += added;
    if (added > 0) this.onChange();
    this.sweepIfDue();
    return { added, rejected };
  }

  spend(query: SpendQuery, prices: PriceBook): SpendCube {
    return this.guard(() => this.opened.reader.spend(query, prices));
  }

  /** Where others have changed the files, what is written to them would be lost: opens what lies there now. */
  private reopenIfChanged(): void {
    const state = this.files.look();
    if (state === "same") return;
    if (state.endsWith("-written") && callsOnDisk(this.file) === this.opened.days.calls) {
      // Only their time has changed.
      this.files = new OpenFiles(this.file);
      return;
    }
    const { calls } = this.opened.days;
    if (state === "removed") this.notice = REMOVED;
    if (state === "log-removed") this.leaveLog();
    // In all other cases the old one stays open: closing it would move a log into a database that doesn't belong to it,
    // and delete the log of whatever has its name now.
    const isOverwritten = state === "log-replaced" || state === "database-written";
    const aside = isOverwritten ? putAside(this.file) : null;
    // This process has written all of it: nothing can be torn.
    this.opened = this.open(true);
    this.files = new OpenFiles(this.file);
    if (aside !== null) this.notice = `${OVERWRITTEN} ${keptAs(aside)}`;
    const isCut = (state === "log-emptied" || state === "log-written") && !this.wasSetAside;
    if (isCut && this.opened.days.calls < calls) this.notice = emptied(calls - this.opened.days.calls);
    this.onChange();
  }

  /** While a log without a name is open, all that it holds can still be moved into the database. */
  private leaveLog(): void {
    this.opened.database.get("PRAGMA wal_checkpoint(TRUNCATE)");
    // Closing deletes what has the log's name.
    if (sizeOf(this.file).log > 0) renameSync(`${this.file}-wal`, `${this.file}-wal.replaced-${Date.now()}`);
    this.release();
  }

  /** The oldest day that is kept when the store is swept: too old by this process's clock, and beside the newest call. */
  private oldestDayToKeep(): number {
    const newest = this.opened.database.get("SELECT max(start) AS newest FROM span")?.["newest"];
    const byNewest = typeof newest === "number" ? newest - this.limits.retentionDays * DAY_US : 0;
    return Math.min(dayOf(this.oldestKept()), dayOf(byNewest));
  }

  private oldestKept = (): number => dayOf(this.clock.now() - this.limits.retentionDays * DAY_US) * DAY_US;

  /**
   * Sweeps on a new day, after many new calls, and where the files are too large. What is written is on the disk: what
   * fails now is told, and tried again later, but is no failure of a batch.
   */
  sweepIfDue(): void {
    const isLarge = this.files.bytes > this.limits.maxBytes && this.sinceSweep >= SWEEP_LARGE_AFTER;
    if (this.sinceSweep < SWEEP_AFTER && !isLarge && dayOf(this.clock.now()) === this.sweptDay) return;
    try {
      this.sweep();
    } catch (error) {
      this.notice = error instanceof Error ? error.message : String(error);
    }
  }

  /** Drops what is older than the retention, and the oldest days while the files are over their limit. */
  sweep(): void {
    this.sinceSweep = 0;
    this.sweptDay = dayOf(this.clock.now());
    this.guardShrinking(() => {
      const { database, days } = this.opened;
      writeMeta(database, "agreed_us", this.clock.now());
      dropDaysBefore(this.opened, this.oldestDayToKeep());
      const pages = (pragma: string): number => Number(database.get(`PRAGMA ${pragma}`)?.[pragma] ?? 0);
      // What is deleted goes through the log, which counts too: it is emptied before each look.
      const bytesUsed = (): number => {
        database.get("PRAGMA wal_checkpoint(TRUNCATE)");
        return (pages("page_count") - pages("freelist_count")) * pages("page_size") + sizeOf(this.file).log;
      };
      while (bytesUsed() > this.limits.maxBytes) {
        const oldest = database.get("SELECT min(start) AS start FROM span")?.["start"];
        if (typeof oldest !== "number" || dayOf(oldest) >= dayOf(Date.now() * 1000)) {
          this.notice = OVER_LIMIT;
          break;
        }
        dropDaysBefore(this.opened, dayOf(oldest) + 1);
        this.notice = `The local store reached its size limit; its oldest days were dropped.`;
      }
      if (rewriteNames(this.opened)) reclaim(database);
      days.seal(false);
      if (pages("freelist_count") > 1000) reclaim(database);
    });
  }

  /** Forgets everything, or only what a service has sent. */
  clear(service: string | null = null): void {
    this.onChange();
    this.guardShrinking(() => {
      const { database } = this.opened;
      if (service === null) {
        database.exec("BEGIN IMMEDIATE");
        for (const table of ["span", "day", "series", "user"]) database.run(`DELETE FROM ${table}`);
        database.exec("COMMIT");
        // What is kept in memory goes with the rows, before anything else can fail: numbers of users and series would name nothing.
        closeStatements(this.opened);
        this.opened = readyFor(database);
        // Makes every page again: what was moved between pages has left copies that deleting doesn't overwrite.
        database.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
      } else {
        dropService(this.opened, service);
        rewriteNames(this.opened);
        reclaim(database);
      }
    });
  }

  /** Copies the store into a file that doesn't exist. Nothing is written meanwhile: the copy is whole. */
  backup(to: string): void {
    this.guardShrinking(() => this.opened.database.get("PRAGMA wal_checkpoint(TRUNCATE)"));
    try {
      copyFileSync(this.file, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new TelemetryError("backup-failed", `The local store could not be copied: ${reason}`, "Name another file.");
    }
  }

  /** `bytes` are those of the database and of its log together. */
  status(): { spans: number; newestUs: number | null; bytes: number; logBytes: number } {
    return this.guard(() => {
      const { database, days } = this.opened;
      const newest = database.get("SELECT max(start) AS newest FROM span")?.["newest"];
      const size = sizeOf(this.file);
      return {
        spans: days.calls,
        newestUs: typeof newest === "number" ? newest : null,
        bytes: size.database + size.log,
        logBytes: size.log,
      };
    });
  }

  /** Runs something on the database; where it turns out damaged, it is set aside and the failure says so. */
  private guard<T>(run: () => T): T {
    try {
      this.reopenIfChanged();
      try {
        return run();
      } finally {
        this.files.grown();
      }
    } catch (error) {
      if (error instanceof TelemetryError) throw error;
      if (this.opened.database.inTransaction) this.opened.database.exec("ROLLBACK");
      if (isDamage(error)) {
        this.release();
        this.opened = this.open(false);
        this.files = new OpenFiles(this.file);
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

  /** The same for what may make the files smaller. */
  private guardShrinking<T>(run: () => T): T {
    return this.guard(() => {
      try {
        return run();
      } finally {
        this.files.shrunk();
      }
    });
  }

  private release(): void {
    this.opened.database.close();
  }

  close(): void {
    try {
      // Where others have changed the files, closing must not move a log into them that isn't theirs.
      this.guard(() => this.opened.days.seal(true));
    } catch {
      // Only a faster start is lost: the rows are there.
    }
    this.release();
  }
}
