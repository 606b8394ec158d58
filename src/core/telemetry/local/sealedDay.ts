import type { Connection } from "./connection";
import { crc32 } from "node:zlib";
import { DayColumns } from "./dayColumns";

/** A day's columns as the database holds them, so that they need not be made of rows again: a head of 8 bytes, then columns. */
export const DAYS_SCHEMA = "CREATE TABLE day(day INTEGER PRIMARY KEY, columns BLOB NOT NULL)";

/** Begins a sealed day of this version, on a machine of this byte order. */
const MARK = 0x50434c33;
const HEAD_WORDS = 2;

export function sealed(columns: DayColumns): Uint8Array {
  const body = columns.encode();
  const head = Uint32Array.of(MARK, crc32(body));
  return Buffer.concat([new Uint8Array(head.buffer), body]);
}

/** Null where the bytes are damaged, or of another version. */
export function unsealed(bytes: Uint8Array): DayColumns | null {
  const headBytes = HEAD_WORDS * 4;
  if (bytes.byteLength < headBytes) return null;
  const [mark, sum] = new Uint32Array(bytes.slice(0, headBytes).buffer);
  const body = bytes.subarray(headBytes);
  return mark === MARK && sum === crc32(body) ? DayColumns.decode(body) : null;
}

/** A day's rows in two numbers: how many there are, and what their figures are. */
interface Digest {
  rows: number;
  sum: number;
}

const BITS = 2 ** 24;
/** Dollars in binary steps under a trillionth; beyond, a cost's own digits are not looked at. */
const COST_STEPS = 2 ** 40;
const MAX_COST = 8e6;
const PRIME = 2_147_483_647;

const low = (figure: string, steps = 1024): string => `(CAST(${figure} * ${steps}.0 AS INTEGER) & ${BITS - 1})`;
const cost = `min(cost, ${MAX_COST}.0)`;
const high = `((CAST(${cost} * ${COST_STEPS}.0 AS INTEGER) >> 24) & ${BITS - 1})`;
/** Whole numbers that both SQLite and JavaScript compute exactly: see `digestOf`. */
const DIGEST = `
SELECT count(*) AS row_count, ifnull(sum((
  (series * 7 + user * 13 + counted * 19 + ${low("input")} * 23 + ${low("output")} * 29 + ${low("cached")} * 31 + ${low("reasoning")} * 37
    + ${low(cost, COST_STEPS)} * 41 + ${high} * 43) * (start % 8191 + 1)) % ${PRIME}), 0) AS digest
FROM span WHERE start >= ? AND start < ?`;

/** Of the rows between two times, in microseconds. */
export function digestOfRows(database: Connection, fromUs: number, toUs: number): Digest {
  const row = database.get(DIGEST, [fromUs, toUs]);
  return { rows: Number(row?.["row_count"]), sum: Number(row?.["digest"]) };
}

/** What `digestOfRows` of a day says where its columns are true. */
export function digestOf(day: DayColumns): Digest {
  const bits = (figures: Float64Array, at: number): number => Math.trunc((figures[at] ?? 0) * 1024) % BITS;
  let sum = 0;
  for (let at = 0; at < day.length; at++) {
    const dollars = Math.trunc(Math.min(day.cost[at] ?? 0, MAX_COST) * COST_STEPS);
    const figures =
      (day.series[at] ?? 0) * 7 +
      (day.user[at] ?? 0) * 13 +
      (day.counted[at] ?? 0) * 19 +
      bits(day.input, at) * 23 +
      bits(day.output, at) * 29 +
      bits(day.cached, at) * 31 +
      bits(day.reasoning, at) * 37 +
      (dollars % BITS) * 41 +
      (Math.floor(dollars / BITS) % BITS) * 43;
    sum += (figures * (((day.start[at] ?? 0) % 8191) + 1)) % PRIME;
  }
  return { rows: day.length, sum };
}
