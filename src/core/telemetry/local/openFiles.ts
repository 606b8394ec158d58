import { type Stats, closeSync, openSync, readSync, statSync } from "node:fs";

/**
 * What became of the files of a database that is open: `removed`, another one may have its name; `cut`, some of its
 * end is missing; `log-removed`, the log has no name any more, or another one has it; `log-emptied`, its content is gone.
 */
export type FilesState = "same" | "removed" | "cut" | "log-removed" | "log-emptied";

interface Seen {
  identity: string;
  bytes: number;
}

/** A log's format, which stands at its beginning: zeros where it was emptied and written to again behind that. */
const FORMAT_BYTES = 8;

/** Notices what others do to the files of a database that is open: what is written to it would be lost. */
export class OpenFiles {
  private database: Seen | null;
  private log: Seen | null;

  constructor(private readonly file: string) {
    this.database = seen(file);
    this.log = seen(`${file}-wal`);
  }

  look(): FilesState {
    const database = seen(this.file);
    if (database?.identity !== this.database?.identity) return "removed";
    if (isSmaller(database, this.database)) return "cut";
    const log = seen(`${this.file}-wal`);
    if (log === null || (this.log !== null && log.identity !== this.log.identity)) return "log-removed";
    if (isSmaller(log, this.log) || (log.bytes > 0 && isBlank(`${this.file}-wal`))) return "log-emptied";
    return "same";
  }

  /** After something that makes files only larger: one that is smaller by then was changed by others. */
  grown(): void {
    this.database = larger(this.database, seen(this.file));
    this.log = larger(this.log, seen(`${this.file}-wal`));
  }

  /** After something that may have made files smaller. */
  shrunk(): void {
    this.database = sized(this.database, seen(this.file));
    this.log = sized(this.log, seen(`${this.file}-wal`));
  }
}

function seen(file: string): Seen | null {
  const stat: Stats | undefined = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? null : { identity: `${stat.dev}:${stat.ino}`, bytes: stat.size };
}

const isSmaller = (now: Seen | null, before: Seen | null): boolean => (now?.bytes ?? 0) < (before?.bytes ?? 0);

/** Of the same file; what another one that has its name looks like doesn't matter. */
const sized = (before: Seen | null, now: Seen | null): Seen | null =>
  before === null || now?.identity === before.identity ? now : before;

const larger = (before: Seen | null, now: Seen | null): Seen | null =>
  isSmaller(now, before) ? before : sized(before, now);

function isBlank(file: string): boolean {
  const handle = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(FORMAT_BYTES);
    readSync(handle, bytes, 0, FORMAT_BYTES, 0);
    return bytes.every((byte) => byte === 0);
  } finally {
    closeSync(handle);
  }
}
