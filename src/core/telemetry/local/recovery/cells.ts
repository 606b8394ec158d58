import type { Pages } from "./pages";

/** A column's value as the file holds it. Whole numbers beyond 2^53 aren't ours. */
export type Value = null | number | string | Buffer;

/** A row of a table (with its number) or of a table without numbers, which is an index in the file. */
export interface Cell {
  rowid: number | null;
  values: Value[];
}

const INNER_INDEX = 0x02;
const LEAF_INDEX = 0x0a;
const LEAF_TABLE = 0x0d;
const INNER_TABLE = 0x05;
/** Payload that a page without room holds the beginning of; longer than any name or figure of ours. */
const MAX_PAYLOAD = 16 * 1024 * 1024;

/** Whether a page is a node of a tree of rows. */
export const isNode = (page: Buffer, number: number): boolean =>
  [INNER_INDEX, LEAF_INDEX, LEAF_TABLE, INNER_TABLE].includes(page[headerAt(number)] ?? 0);

/** The first page begins with the database's header. */
const headerAt = (number: number): number => (number === 1 ? 100 : 0);

/** The rows on a page; a cell that makes no sense is `null`. Rule: https://www.sqlite.org/fileformat2.html */
export function* cellsOf(pages: Pages, number: number, page: Buffer): Generator<Cell | null> {
  const header = headerAt(number);
  const kind = page[header];
  if (kind !== INNER_INDEX && kind !== LEAF_INDEX && kind !== LEAF_TABLE) return;
  const cells = page.readUInt16BE(header + 3);
  const pointers = header + (kind === INNER_INDEX ? 12 : 8);
  if (pointers + 2 * cells > page.length) return yield null;
  for (let cell = 0; cell < cells; cell++) {
    const at = page.readUInt16BE(pointers + 2 * cell);
    try {
      yield cellAt(pages, page, kind === INNER_INDEX ? at + 4 : at, kind === LEAF_TABLE);
    } catch (error) {
      // Buffer's own checks find a cell that leads out of its page.
      if (!(error instanceof RangeError)) throw error;
      yield null;
    }
  }
}

/** @throws RangeError where the bytes are no cell. */
function cellAt(pages: Pages, page: Buffer, at: number, isTable: boolean): Cell {
  const size = variableInt(page, at);
  const rowid = isTable ? variableInt(page, size.end) : null;
  const payload = payloadAt(pages, page, rowid?.end ?? size.end, size.value, isTable);
  return { rowid: rowid?.value ?? null, values: recordOf(payload) };
}

function payloadAt(pages: Pages, page: Buffer, at: number, length: number, isTable: boolean): Buffer {
  if (length > MAX_PAYLOAD) throw new RangeError("a payload that is too long");
  const usable = page.length;
  const most = isTable ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (length <= most) return slice(page, at, length);
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const rest = least + ((length - least) % (usable - 4));
  const local = rest <= most ? rest : least;
  const parts = [slice(page, at, local)];
  let next = page.readUInt32BE(at + local);
  for (let left = length - local; left > 0; left -= usable - 4) {
    const overflow = next === 0 ? null : pages.read(next);
    if (overflow === null) throw new RangeError("a payload that ends too early");
    parts.push(slice(overflow, 4, Math.min(left, usable - 4)));
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function slice(bytes: Buffer, at: number, length: number): Buffer {
  if (at + length > bytes.length) throw new RangeError("a cell beyond its page");
  return bytes.subarray(at, at + length);
}

/** SQLite's record: a header of types, then the values. @throws RangeError where it isn't one. */
function recordOf(payload: Buffer): Value[] {
  const header = variableInt(payload, 0);
  const values: Value[] = [];
  let body = header.value;
  for (let at = header.end; at < header.value;) {
    const type = variableInt(payload, at);
    at = type.end;
    const length = lengthOf(type.value);
    values.push(valueOf(type.value, slice(payload, body, length)));
    body += length;
  }
  if (body !== payload.length) throw new RangeError("a record of another length");
  return values;
}

/** Bytes of a value by its serial type. */
function lengthOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type] ?? unknownType();
}

function valueOf(type: number, bytes: Buffer): Value {
  if (type === 0) return null;
  if (type === 7) return bytes.readDoubleBE();
  if (type === 8 || type === 9) return type - 8;
  if (type === 6) return Number(bytes.readBigInt64BE());
  if (type < 12) return bytes.readIntBE(0, bytes.length);
  return type % 2 === 0 ? bytes : bytes.toString("utf8");
}

function unknownType(): never {
  throw new RangeError("a type that SQLite doesn't have");
}

/** SQLite's variable-length whole number: 7 bits a byte, the ninth with 8. */
function variableInt(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < 8; index++) {
    const byte = bytes.readUInt8(at + index);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return { value: value * 256 + bytes.readUInt8(at + 8), end: at + 9 };
}
