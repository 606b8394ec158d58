import { type BigIntStats, statSync } from "node:fs";
import { beginningOf } from "./fileBytes";

/**
 * What became of the files of a database that is open: `removed`, another one may have its name; `cut`, some of its
 * end is missing; `log-removed`, the log has no name any more, or another one has it; `log-emptied`, some of its content
 * is gone; `log-replaced`, it has another one's beginning; `log-written` and `database-written`, somebody else wrote in it.
 */
export type FilesState =
  "same" | "removed" | "cut" | "log-removed" | "log-emptied" | "log-replaced" | "log-written" | "database-written";

interface Seen {
  identity: string;
  bytes: number;
  /** When it was written last (ns); 0n where the system tells that late. */
  writtenNs: bigint;
}

/** What a log begins with: it changes when the log begins again, which SQLite does only in its own writes. */
const HEADER_BYTES = 32;

/** Notices what others do to the files of a database that is open: what is written to it would be lost. */
export class OpenFiles {
  private database: Seen | null;
  private log: Seen | null;
  private header: Buffer;

  constructor(private readonly file: string) {
    this.database = seen(file);
    this.log = seen(`${file}-wal`);
    this.header = headerOf(`${file}-wal`);
  }

  /** Of both files, as they were last. */
  get bytes(): number {
    return (this.database?.bytes ?? 0) + (this.log?.bytes ?? 0);
  }

  look(): FilesState {
    const database = seen(this.file);
    if (database?.identity !== this.database?.identity) return "removed";
    if (isSmaller(database, this.database)) return "cut";
    const log = seen(`${this.file}-wal`);
    if (log === null || (this.log !== null && log.identity !== this.log.identity)) return "log-removed";
    const header = headerOf(`${this.file}-wal`);
    if (isSmaller(log, this.log) || (log.bytes > 0 && header.every((byte) => byte === 0))) return "log-emptied";
    if (!header.equals(this.header)) return "log-replaced";
    const isWritten = (now: Seen | null, before: Seen | null): boolean => now?.writtenNs !== before?.writtenNs;
    if (isWritten(database, this.database)) return "database-written";
    return isWritten(log, this.log) ? "log-written" : "same";
  }

  /** After something that makes files only larger: one that is smaller by then was changed by others. */
  grown(): void {
    this.database = larger(this.database, seen(this.file));
    this.log = larger(this.log, seen(`${this.file}-wal`));
    this.header = headerOf(`${this.file}-wal`);
  }

  /** After something that may have made files smaller. */
  shrunk(): void {
    this.database = sized(this.database, seen(this.file));
    this.log = sized(this.log, seen(`${this.file}-wal`));
    this.header = headerOf(`${this.file}-wal`);
  }
}

function seen(file: string): Seen | null {
  const stat: BigIntStats | undefined = statSync(file, { throwIfNoEntry: false, bigint: true });
  if (stat === undefined) return null;
  // Windows may tell of a write only when the file is closed.
  const writtenNs = process.platform === "win32" ? 0n : stat.mtimeNs;
  return { identity: `${stat.dev}:${stat.ino}`, bytes: Number(stat.size), writtenNs };
}

const isSmaller = (now: Seen | null, before: Seen | null): boolean => (now?.bytes ?? 0) < (before?.bytes ?? 0);

/** Of the same file; what another one that has its name looks like doesn't matter. */
const sized = (before: Seen | null, now: Seen | null): Seen | null =>
  before === null || now?.identity === before.identity ? now : before;

const larger = (before: Seen | null, now: Seen | null): Seen | null =>
  isSmaller(now, before) ? before : sized(before, now);

/** Zeros where there is less. */
function headerOf(file: string): Buffer {
  const isThere = statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  const bytes = isThere ? beginningOf(file, HEADER_BYTES) : Buffer.alloc(0);
  return Buffer.concat([bytes, Buffer.alloc(HEADER_BYTES - bytes.length)]);
}
