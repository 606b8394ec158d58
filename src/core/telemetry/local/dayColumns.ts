/** Figures of a call as they lie in a day's columns. */
const doubles = ["start", "input", "output", "cached", "reasoning", "cost"] as const;
const floats = ["duration", "firstToken"] as const;
const integers = ["series", "user"] as const;
type Figure = (typeof doubles)[number] | (typeof floats)[number] | (typeof integers)[number];
export type CallFigures = Record<Figure | "counted", number>;

/** Bytes of a call. */
const ROW_BYTES = doubles.length * 8 + (floats.length + integers.length) * 4 + 1;

/**
 * The calls of a day as columns of numbers: a question reads a million of them in some ten milliseconds, where rows out
 * of SQLite take seconds. Times are microseconds; `firstToken` is NaN where it isn't known; `counted` is 0 for a span
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
  duration = new Float32Array(0);
  firstToken = new Float32Array(0);
  series = new Int32Array(0);
  user = new Int32Array(0);
  counted = new Uint8Array(0);

  add(call: CallFigures): void {
    if (this.length === this.start.length) this.resize(Math.max(256, this.length * 2));
    const at = this.length++;
    for (const name of [...doubles, ...floats, ...integers, "counted"] as const) this[name][at] = call[name];
  }

  private resize(size: number): void {
    for (const name of doubles) this[name] = grown(this[name], new Float64Array(size));
    for (const name of floats) this[name] = grown(this[name], new Float32Array(size));
    for (const name of integers) this[name] = grown(this[name], new Int32Array(size));
    this.counted = grown(this.counted, new Uint8Array(size));
  }

  /** Takes a call out of the sums: it has turned out to be under another span. */
  uncount(start: number, series: number, user: number): void {
    for (let at = this.length - 1; at >= 0; at--) {
      if (this.start[at] === start && this.series[at] === series && this.user[at] === user && this.counted[at] === 1) {
        this.counted[at] = 0;
        return;
      }
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
    for (const name of [...doubles, ...floats, ...integers, "counted"] as const) {
      const column = this[name].subarray(0, this.length);
      bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
      at += column.byteLength;
    }
    return bytes;
  }

  /** @throws where the bytes are not whole. */
  static decode(bytes: Uint8Array): DayColumns {
    const day = new DayColumns();
    if (bytes.byteLength % ROW_BYTES !== 0) throw new Error("malformed: columns of a day");
    const size = bytes.byteLength / ROW_BYTES;
    day.resize(size);
    day.length = size;
    let at = 0;
    for (const name of [...doubles, ...floats, ...integers, "counted"] as const) {
      const column = day[name];
      new Uint8Array(column.buffer).set(bytes.subarray(at, at + column.byteLength));
      at += column.byteLength;
    }
    return day;
  }
}

function grown<T extends Float64Array | Float32Array | Int32Array | Uint8Array>(old: T, wider: T): T {
  wider.set(old);
  return wider;
}
