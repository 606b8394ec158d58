import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { isKept } from "../columns";
import { message, tagOf } from "./protobufMessage";

const { Varint, Bit64, LengthDelimited } = WireType;

// Field numbers are those of opentelemetry-proto 1.x (`common.proto`).
const KEY_VALUE = { key: tagOf(1, LengthDelimited), value: tagOf(2, LengthDelimited) };
const ANY_VALUE = {
  string: tagOf(1, LengthDelimited),
  bool: tagOf(2, Varint),
  int: tagOf(3, Varint),
  double: tagOf(4, Bit64),
  array: tagOf(5, LengthDelimited),
};
const ARRAY_VALUE = { value: tagOf(1, LengthDelimited) };

/** Values of attributes by column. */
export type Attributes = Map<string, string | number>;

/**
 * Reads a KeyValue, and keeps it where spend needs it: the value waits unread until the key is known.
 * @returns whether it could be read as far as spend needs it; a value that can't is NaN.
 */
export function attribute(
  reader: BinaryReader,
  limit: number,
  into: Attributes,
  toColumn: (key: string) => string,
): boolean {
  let column = "";
  let lastEnd = 0;
  const values: number[] = [];
  const isRead = message(reader, limit, (tag, end) => {
    lastEnd = end;
    if (tag === KEY_VALUE.key) {
      column = toColumn(reader.string());
      return true;
    }
    if (tag === KEY_VALUE.value) values.push(reader.pos);
    return false;
  });
  if (!isKept(column)) return isRead;
  if (!isRead) {
    into.set(column, Number.NaN);
    return false;
  }
  const end = reader.pos;
  let areValuesRead = true;
  for (const start of values) {
    reader.pos = start;
    const value = anyValue(reader, lastEnd);
    if (value === undefined) continue;
    if (value === null) areValuesRead = false;
    into.set(column, value ?? Number.NaN);
  }
  reader.pos = end;
  return areValuesRead;
}

/** The value of an AnyValue; undefined where it is empty, null where it is malformed or of a kind that isn't read. */
function anyValue(reader: BinaryReader, limit: number): string | number | null | undefined {
  let value: string | number | null | undefined;
  const isRead = message(reader, limit, (tag, end) => {
    if (tag === ANY_VALUE.string) value = reader.string();
    else if (tag === ANY_VALUE.bool) value = String(reader.bool());
    else if (tag === ANY_VALUE.int) value = Number(reader.int64());
    else if (tag === ANY_VALUE.double) value = reader.double();
    else if (tag === ANY_VALUE.array) value = arrayText(reader, end);
    else {
      value ??= null;
      return false;
    }
    return true;
  });
  return isRead ? value : null;
}

/** An ArrayValue of texts as JSON, as OpenObserve stores it; other members are left out. Null where it is malformed. */
function arrayText(reader: BinaryReader, limit: number): string | null {
  const texts: string[] = [];
  const isRead = message(reader, limit, (tag, end) => {
    if (tag !== ARRAY_VALUE.value) return false;
    message(reader, end, (kind) => {
      if (kind !== ANY_VALUE.string) return false;
      texts.push(reader.string());
      return true;
    });
    return true;
  });
  return isRead ? JSON.stringify(texts) : null;
}
