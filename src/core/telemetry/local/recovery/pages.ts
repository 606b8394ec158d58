import { closeSync, existsSync, fstatSync, openSync } from "node:fs";
import { bytesAt } from "../fileBytes";
import { PAGE_SIZE, type PagesInLog, readLog } from "../writeAheadLog";

const MAGIC = "SQLite format 3\0";

/** What the pointer map says about a page (SQLite's file format, section 1.8). */
const ROOT = 1;
const FREE = 2;
const INNER = 5;

/**
 * The pages of a database, read without SQLite: damage to one of them costs nothing but itself. Pages that the
 * write-ahead log has committed take precedence. Rule: https://www.sqlite.org/fileformat2.html
 */
export class Pages {
  private readonly handles: number[] = [];
  /** Null where only the log is left. */
  private readonly file: number | null;
  private readonly log: number | null;
  /** Where the newest committed version of a page begins in the log. */
  private readonly inLog: PagesInLog;
  /** Whether the file begins as a database does. */
  readonly hasHeader: boolean;
  readonly size: number;
  /** How many pages the database has; where that is known, those that are missing at its end included. */
  readonly count: number;
  /** Whether a map says what each page is for; assumed where the header can't be read. */
  private readonly hasMap: boolean;
  /** Pages in the log that weren't whole. */
  readonly damagedInLog: number;

  /** @throws what the file system throws. */
  constructor(file: string) {
    this.file = existsSync(file) ? this.open(file) : null;
    this.log = existsSync(`${file}-wal`) ? this.open(`${file}-wal`) : null;
    const log = this.log === null ? null : readLog(this.log);
    const logged = log?.committed.get(1);
    const header = logged === undefined ? this.bytes(this.file, 0, 100) : this.bytes(this.log, logged, 100);
    // Without a largest root page in the header, the database keeps no map of its pages.
    this.hasMap = header.length < 100 || header.toString("latin1", 0, 16) !== MAGIC || header.readUInt32BE(52) > 0;
    this.hasHeader = header.length === 100 && header.toString("latin1", 0, 16) === MAGIC;
    const declared = this.hasHeader ? header.readUInt16BE(16) : 0;
    this.size = declared >= 512 && (declared & (declared - 1)) === 0 ? declared : PAGE_SIZE;
    const isOfFile = log?.pageSize === this.size;
    this.inLog = isOfFile ? log.committed : new Map();
    this.damagedInLog = log === null ? 0 : Math.max(log.damagedFrames, log.blankFrames);
    const inFile = this.file === null ? 0 : Math.ceil(fstatSync(this.file).size / this.size);
    // A header without a valid count holds anything: no more pages are missed than the log or the file can have had.
    const inHeader =
      this.hasHeader && header.readUInt32BE(24) === header.readUInt32BE(92) ? header.readUInt32BE(28) : 0;
    this.count = Math.max(inFile, inHeader, isOfFile ? log.pageCount : 0);
  }

  private open(file: string): number {
    const handle = openSync(file, "r");
    this.handles.push(handle);
    return handle;
  }

  private bytes(handle: number | null, at: number, length: number): Buffer {
    return handle === null ? Buffer.alloc(0) : bytesAt(handle, at, length);
  }

  /** A page by its number, from 1; null where it isn't there as a whole. */
  read(page: number): Buffer | null {
    const inLog = this.inLog.get(page);
    const bytes =
      inLog === undefined || this.log === null
        ? this.bytes(this.file, (page - 1) * this.size, this.size)
        : this.bytes(this.log, inLog, this.size);
    return bytes.length === this.size ? bytes : null;
  }

  /** Whether rows are expected on a page, as far as the pointer map can be read; null where it can't. */
  holdsRows(page: number): boolean | null {
    const kind = this.kindOf(page);
    return kind === null ? null : kind === ROOT || kind === INNER;
  }

  /** Whether a page was given back: what is on it was deleted. */
  isFree(page: number): boolean {
    return this.kindOf(page) === FREE;
  }

  private kindOf(page: number): number | null {
    if (!this.hasMap) return null;
    if (page < 2) return ROOT;
    // Each page of the map describes those that follow it, in 5 bytes each.
    const described = Math.floor(this.size / 5);
    const map = 2 + Math.floor((page - 2) / (described + 1)) * (described + 1);
    if (map === page) return 0;
    const kind = this.mapAt(map)?.[5 * (page - map - 1)] ?? 0;
    return kind >= ROOT && kind <= INNER ? kind : null;
  }

  private readonly maps = new Map<number, Buffer | null>();

  private mapAt(page: number): Buffer | null {
    let found = this.maps.get(page);
    if (found === undefined) this.maps.set(page, (found = this.read(page)));
    return found;
  }

  close(): void {
    for (const handle of this.handles) closeSync(handle);
  }
}
