import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { bytesAt } from "./fileBytes";

/** Our databases' page size, assumed where a header can't be read. */
export const PAGE_SIZE = 8192;
const HEADER = 32;
const FRAME_HEADER = 24;
const LITTLE_ENDIAN_MAGIC = 0x377f0682;
const BIG_ENDIAN_MAGIC = 0x377f0683;
const FORMAT = 3_007_000;

/** Where versions of pages begin in a log, by the number of the page. */
export type PagesInLog = ReadonlyMap<number, number>;

/** What a write-ahead log holds, its damaged parts stepped over. */
export interface LogContent {
  pageSize: number;
  /** The newest committed pages that SQLite would read: it stops at the first frame that isn't whole. */
  accepted: PagesInLog;
  /** The newest committed pages of all that is whole. */
  committed: PagesInLog;
  /** The database's size in pages at the last commit; 0 without one. */
  pageCount: number;
  /** Frames that aren't whole and have others of the same turn of the log before or behind them. */
  damagedFrames: number;
  /** Frames of nothing but zeros at the head, which nobody writes: they appear where what was written got lost. */
  blankFrames: number;
  /** Transactions that end behind the first frame that isn't whole: SQLite ignores them. */
  ignoredCommits: number;
}

type Sums = readonly [number, number];

/**
 * Reads a write-ahead log without SQLite. Each frame carries the checksum of all before it, so that a frame can be
 * checked by the checksum that its predecessor carries, whatever came before.
 * Rule: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 * @param log a handle of the file, open for reading.
 * @throws what the file system throws.
 */
export function readLog(log: number): LogContent {
  const header = Buffer.concat([bytesAt(log, 0, HEADER), Buffer.alloc(HEADER)]).subarray(0, HEADER);
  const state = new LogState(log, header);
  const frame = Buffer.alloc(FRAME_HEADER + state.pageSize);
  for (let at = HEADER; readSync(log, frame, 0, frame.length, at) === frame.length; at += frame.length)
    state.take(frame, at + FRAME_HEADER);
  return state.content();
}

/** The state of reading: which frames were whole, and what the next one's checksum may begin with. */
class LogState {
  readonly pageSize: number;
  private readonly isLittleEndian: boolean;
  private salts: Buffer;
  /** What the checksum of the next frame may be made from: what its predecessor carries, or should carry. */
  private seeds: Sums[];
  private isAccepting: boolean;
  private isAfterWhole: boolean;
  private readonly accepted = new Map<number, number>();
  private readonly committed = new Map<number, number>();
  private readonly uncommitted = new Map<number, number>();
  private pageCount = 0;
  private damagedFrames = 0;
  private blankFrames = 0;
  /** Frames that belong to no turn, so far: damage where more of this turn follow, its end otherwise. */
  private strangers = 0;
  private ignoredCommits = 0;
  /** The frame that ended the last transaction, while nothing has followed it. */
  private lastCommit: Buffer | null = null;

  constructor(log: number, header: Buffer) {
    const magic = header.readUInt32BE(0);
    this.isLittleEndian = magic !== BIG_ENDIAN_MAGIC;
    const stored = sumsAt(header, 24);
    const computed = this.sumsOf([0, 0], header.subarray(0, 24));
    const isWhole =
      (magic === LITTLE_ENDIAN_MAGIC || magic === BIG_ENDIAN_MAGIC) &&
      header.readUInt32BE(4) === FORMAT &&
      areEqual(stored, computed);
    const size = header.readUInt32BE(8);
    this.pageSize = isWhole && size >= 512 && size <= 65_536 ? size : PAGE_SIZE;
    this.salts = Buffer.from(header.subarray(16, 24));
    const found = this.saltsOfFrames(log, isWhole);
    this.isAccepting = isWhole && (found === null || found.equals(this.salts));
    // Of a header that is damaged, or that is of none of the frames, nothing is known for certain.
    this.salts = found ?? this.salts;
    this.seeds = [stored, computed];
    this.isAfterWhole = this.isAccepting;
  }

  /**
   * The salts of the turn that the frames are of: the header's where one of them has those, else those of the first two
   * that follow each other; null where there are none such.
   */
  private saltsOfFrames(log: number, isHeaderWhole: boolean): Buffer | null {
    const size = FRAME_HEADER + this.pageSize;
    const saltsAt = (at: number): Buffer => bytesAt(log, at + 8, 8);
    for (let at = HEADER; isHeaderWhole; at += size) {
      const salts = saltsAt(at);
      if (salts.length < 8) break;
      if (salts.equals(this.salts)) return this.salts;
    }
    const pair = Buffer.alloc(2 * size);
    for (let at = HEADER; readSync(log, pair, 0, pair.length, at) === pair.length; at += size) {
      const [first, second] = [pair.subarray(0, size), pair.subarray(size)];
      const sums = this.sumsOf(this.sumsOf(sumsAt(first, 16), second.subarray(0, 8)), second.subarray(FRAME_HEADER));
      // Zeros are whole by their sums, too.
      const isPage = first.readUInt32BE(0) > 0 && second.readUInt32BE(0) > 0;
      if (isPage && first.subarray(8, 16).equals(second.subarray(8, 16)) && areEqual(sums, sumsAt(second, 16)))
        return Buffer.from(second.subarray(8, 16));
    }
    return null;
  }

  /** @param start where the frame's page begins in the log. */
  take(frame: Buffer, start: number): void {
    const page = frame.readUInt32BE(0);
    if (frame.subarray(0, FRAME_HEADER).every((byte) => byte === 0)) this.blankFrames++;
    const hasSalts = frame.subarray(8, 16).equals(this.salts);
    const stored = sumsAt(frame, 16);
    const computed = this.seeds.map((seed) => this.sumsOf(this.sumsOf(seed, frame.subarray(0, 8)), frame.subarray(24)));
    const isWhole = page > 0 && computed.some((sums) => areEqual(sums, stored));
    this.seeds = isWhole ? [stored] : [stored, ...computed.slice(0, 1)];
    // Frames of an earlier turn are whole among themselves, but the first of them doesn't follow this turn's last.
    const isOfTurn = hasSalts || (isWhole && this.isAfterWhole);
    if (!isWhole || !hasSalts) this.isAccepting = false;
    // What follows damage can't be checked, and is taken; what can be checked and fails isn't.
    if (isOfTurn && page > 0 && (isWhole || !this.isAfterWhole)) this.keep(page, frame, start);
    if (isOfTurn) {
      this.damagedFrames += this.strangers + (isWhole ? 0 : 1);
      this.strangers = 0;
    } else {
      this.strangers++;
    }
    this.isAfterWhole = isWhole && isOfTurn;
  }

  private keep(page: number, frame: Buffer, start: number): void {
    const isCommit = frame.readUInt32BE(4) > 0;
    // A commit is repeated to fill a sector of the disk.
    const isRepeated =
      isCommit &&
      this.lastCommit?.readUInt32BE(0) === page &&
      this.lastCommit.subarray(FRAME_HEADER).equals(frame.subarray(FRAME_HEADER));
    this.uncommitted.set(page, start);
    this.lastCommit = null;
    if (!isCommit) return;
    this.lastCommit = Buffer.from(frame);
    this.pageCount = frame.readUInt32BE(4);
    for (const [number, at] of this.uncommitted) {
      this.committed.set(number, at);
      if (this.isAccepting) this.accepted.set(number, at);
    }
    this.uncommitted.clear();
    if (!this.isAccepting && !isRepeated) this.ignoredCommits++;
  }

  private sumsOf(seed: Sums, bytes: Buffer): Sums {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let [first, second] = seed;
    for (let at = 0; at < bytes.length; at += 8) {
      first = (first + view.getUint32(at, this.isLittleEndian) + second) >>> 0;
      second = (second + view.getUint32(at + 4, this.isLittleEndian) + first) >>> 0;
    }
    return [first, second];
  }

  content(): LogContent {
    const { pageSize, accepted, committed, pageCount, damagedFrames, blankFrames, ignoredCommits } = this;
    return { pageSize, accepted, committed, pageCount, damagedFrames, blankFrames, ignoredCommits };
  }
}

const sumsAt = (bytes: Buffer, at: number): Sums => [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
const areEqual = (a: Sums, b: Sums): boolean => a[0] === b[0] && a[1] === b[1];

/** The first page of a database as its log has it; null where there is none. */
export function firstPageInLog(file: string): Buffer | null {
  return withLog(file, null, (log) => {
    const { committed, pageSize } = readLog(log);
    const start = committed.get(1);
    return start === undefined ? null : bytesAt(log, start, pageSize);
  });
}

/** What SQLite would leave out of a database without a word. */
export interface LeftOut {
  /** Committed transactions behind a damaged frame. What has been moved into the database already isn't left out. */
  transactions: number;
  /** Whether frames that were written have become zeros. */
  hasBlanks: boolean;
}

/** @throws what the file system throws. */
export function leftOut(file: string): LeftOut {
  return withLog(file, { transactions: 0, hasBlanks: false }, (log) => {
    const content = readLog(log);
    const isLost = content.ignoredCommits > 0 && changesWhatIsRead(file, log, content);
    return { transactions: isLost ? content.ignoredCommits : 0, hasBlanks: content.blankFrames > 0 };
  });
}

function withLog<T>(file: string, without: T, read: (log: number) => T): T {
  if (!existsSync(`${file}-wal`)) return without;
  const log = openSync(`${file}-wal`, "r");
  try {
    return read(log);
  } finally {
    closeSync(log);
  }
}

function changesWhatIsRead(file: string, log: number, { pageSize, accepted, committed }: LogContent): boolean {
  const database = openSync(file, "r");
  try {
    for (const [page, start] of committed) {
      const readAt = accepted.get(page);
      if (readAt === start) continue;
      const isRead =
        readAt === undefined ? bytesAt(database, (page - 1) * pageSize, pageSize) : bytesAt(log, readAt, pageSize);
      if (!isRead.equals(bytesAt(log, start, pageSize))) return true;
    }
    return false;
  } finally {
    closeSync(database);
  }
}
