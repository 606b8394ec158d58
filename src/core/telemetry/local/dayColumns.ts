import type { ReportedMeasure } from "../measures";

/** Which span a call is of: its id, and a hash of its trace's id. Beside them stands its start. */
export interface SpanIdentity {
  idHigh: number;
  idLow: number;
  traceHash: number;
}

/** Figures of a call as they lie in a day's columns. */
const doubles = ["start", "input", "output", "cached", "reasoning", "cost"] as const;
const words = ["idHigh", "idLow", "traceHash"] as const;
const integers = ["series", "user"] as const;
const steps = ["durationStep", "firstTokenStep"] as const;
type Figure = (typeof doubles)[number] | (typeof steps)[number] | (typeof integers)[number];
export type CallFigures = Record<Figure | "counted", number> & SpanIdentity;

/** Where a call's figures lie that its span reports: in a column of this name here, and in the database. */
export const storedIn = {
  inputTokens: "input",
  outputTokens: "output",
  cachedTokens: "cached",
  reasoningTokens: "reasoning",
  costUsd: "cost",
} as const satisfies Record<ReportedMeasure, (typeof doubles)[number]>;

/** Columns in the order of their bytes, the widest first. */
const columns = [...doubles, ...words, ...integers, ...steps, "counted"] as const;
/** Bytes of a call. */
const ROW_BYTES = doubles.length * 8 + (words.length + integers.length) * 4 + steps.length * 2 + 1;

/** Stands for a time that isn't known. */
export const NO_STEP = 0xffff;

/**
 * The calls of a day as columns of numbers: a question reads a million of them in some ten milliseconds, where rows out
 * of SQLite take seconds. Starts are microseconds; how long a call took is a step (see `latency.ts`); `counted` is 0 for a span
 * under another span of the same call.
 */
export class DayColumns {
  length = 0;
  start = new Float64Array(0);
  input = new Float64Array(0);
  output = new Float64Array(0);
  cached = new Float64Array(0);
  reasoning = new Float64Array(0);
  cost = new Float64Array(0);
  idHigh = new Uint32Array(0);
  idLow = new Uint32Array(0);
  traceHash = new Uint32Array(0);
  series = new Int32Array(0);
  user = new Int32Array(0);
  durationStep = new Uint16Array(0);
  firstTokenStep = new Uint16Array(0);
  counted = new Uint8Array(0);

  add(call: CallFigures): void {
    if (this.length === this.start.length) this.resize(Math.max(256, this.length * 2));
    const at = this.length++;
    for (const name of columns) this[name][at] = call[name];
  }

  private resize(size: number): void {
    for (const name of doubles) this[name] = grown(this[name], new Float64Array(size));
    for (const name of words) this[name] = grown(this[name], new Uint32Array(size));
    for (const name of integers) this[name] = grown(this[name], new Int32Array(size));
    for (const name of steps) this[name] = grown(this[name], new Uint16Array(size));
    this.counted = grown(this.counted, new Uint8Array(size));
  }

  /** Whether the call is of the span: many calls start in the same microsecond. */
  isAt(at: number, start: number, { idHigh, idLow, traceHash }: SpanIdentity): boolean {
    return (
      this.start[at] === start &&
      this.idLow[at] === idLow &&
      this.idHigh[at] === idHigh &&
      this.traceHash[at] === traceHash
    );
  }

  /** Takes a call out of the sums: it has turned out to be under another span. */
  uncount(start: number, identity: SpanIdentity): void {
    for (let at = this.length - 1; at >= 0; at--) {
      if (!this.isAt(at, start, identity)) continue;
      this.counted[at] = 0;
      return;
    }
  }

  get calls(): number {
    let calls = 0;
    for (let at = 0; at < this.length; at++) calls += this.counted[at] ?? 0;
    return calls;
  }

  /** As bytes in this machine's order, column after column. */
  encode(): Uint8Array {
    const bytes = new Uint8Array(this.length * ROW_BYTES);
    let at = 0;
    for (const name of columns) {
      const column = this[name].subarray(0, this.length);
      bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
      at += column.byteLength;
    }
    return bytes;
  }

  /** Null where the bytes are not whole. */
  static decode(bytes: Uint8Array): DayColumns | null {
    const day = new DayColumns();
    if (bytes.byteLength % ROW_BYTES !== 0) return null;
    const size = bytes.byteLength / ROW_BYTES;
    day.resize(size);
    day.length = size;
    let at = 0;
    for (const name of columns) {
      const column = day[name];
      new Uint8Array(column.buffer).set(bytes.subarray(at, at + column.byteLength));
      at += column.byteLength;
    }
    return day;
  }
}

function grown<T extends Float64Array | Uint32Array | Uint16Array | Int32Array | Uint8Array>(old: T, wider: T): T {
  wider.set(old);
  return wider;
}

/** @param id 8 bytes. @param trace 16 bytes. */
export function identityOf(id: Uint8Array, trace: Uint8Array): SpanIdentity {
  let traceHash = 0x811c9dc5;
  for (const byte of trace) traceHash = Math.imul(traceHash ^ byte, 0x01000193);
  const word = (from: number): number =>
    (((id[from] ?? 0) << 24) | ((id[from + 1] ?? 0) << 16) | ((id[from + 2] ?? 0) << 8) | (id[from + 3] ?? 0)) >>> 0;
  return { idHigh: word(0), idLow: word(4), traceHash: traceHash >>> 0 };
}
