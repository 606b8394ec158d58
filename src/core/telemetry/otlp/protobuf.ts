import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { columnOf, isKept, resourceColumnOf } from "../columns";
import type { RawSpan } from "../llmSpan";
import type { RejectionReason } from "../rejection";
import { Decoded, checkedSpan } from "./decoded";

/** A field's number with the wire type that it must have: one of another type is an unknown field. */
const tagOf = (field: number, type: WireType): number => (field << 3) | type;
const { Varint, Bit64, LengthDelimited } = WireType;

// Field numbers are those of opentelemetry-proto 1.x (`trace_service.proto`, `trace.proto`, `common.proto`).
const REQUEST = { resourceSpans: tagOf(1, LengthDelimited) };
const RESOURCE_SPANS = { resource: tagOf(1, LengthDelimited), scopeSpans: tagOf(2, LengthDelimited) };
const RESOURCE = { attribute: tagOf(1, LengthDelimited) };
const SCOPE_SPANS = { span: tagOf(2, LengthDelimited) };
const SPAN = {
  traceId: tagOf(1, LengthDelimited),
  spanId: tagOf(2, LengthDelimited),
  parentSpanId: tagOf(4, LengthDelimited),
  start: tagOf(7, Bit64),
  end: tagOf(8, Bit64),
  attribute: tagOf(9, LengthDelimited),
  status: tagOf(15, LengthDelimited),
};
const STATUS = { code: tagOf(3, Varint) };
const KEY_VALUE = { key: tagOf(1, LengthDelimited), value: tagOf(2, LengthDelimited) };
const ANY_VALUE = {
  string: tagOf(1, LengthDelimited),
  bool: tagOf(2, Varint),
  int: tagOf(3, Varint),
  double: tagOf(4, Bit64),
  array: tagOf(5, LengthDelimited),
};
const ARRAY_VALUE = { value: tagOf(1, LengthDelimited) };

/**
 * Reads an ExportTraceServiceRequest as protobuf parsers do: fields in any order, the last one of a repeated singular
 * field wins, and what is unknown or of another wire type is stepped over. Only what spend needs is turned into
 * values: texts of prompts are stepped over as bytes.
 * @throws where the bytes are no such message.
 */
export function decodeTraces(body: Uint8Array): Decoded {
  const decoded = new Decoded();
  const reader = new BinaryReader(body);
  fields(reader, reader.len, (tag) => {
    if (tag !== REQUEST.resourceSpans) return false;
    resourceSpans(reader, decoded);
    return true;
  });
  return decoded;
}

/** Reads the fields up to `end`; what `read` doesn't take is stepped over. */
function fields(reader: BinaryReader, end: number, read: (tag: number) => boolean): void {
  while (reader.pos < end) {
    const [field, type] = reader.tag();
    if (!read(tagOf(field, type))) reader.skip(type, field);
  }
  if (reader.pos !== end) throw new Error("a message runs past its end");
}

function message(reader: BinaryReader, read: (tag: number) => boolean): void {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new Error("a message is cut off");
  fields(reader, end, read);
}

type Attributes = Map<string, string | number>;
type ReadSpan = RawSpan & { attributes: Attributes };

function resourceSpans(reader: BinaryReader, decoded: Decoded): void {
  const resource: Attributes = new Map();
  const found: (ReadSpan | RejectionReason)[] = [];
  message(reader, (tag) => {
    // The resource usually stands first, but needn't: it is joined to its spans when all is read.
    if (tag === RESOURCE_SPANS.resource)
      message(reader, (inner) => inner === RESOURCE.attribute && attribute(reader, resource, resourceColumnOf));
    else if (tag === RESOURCE_SPANS.scopeSpans)
      message(reader, (inner) => {
        if (inner !== SCOPE_SPANS.span) return false;
        found.push(span(reader));
        return true;
      });
    else return false;
    return true;
  });
  for (const one of found) {
    if (typeof one !== "string")
      for (const [column, value] of resource) if (!one.attributes.has(column)) one.attributes.set(column, value);
    decoded.add(one);
  }
}

function span(reader: BinaryReader): ReadSpan | RejectionReason {
  const attributes: Attributes = new Map();
  let [traceId, spanId, parentSpanId] = ["", "", ""];
  let [start, end] = [0n, 0n];
  let status = 0;
  message(reader, (tag) => {
    if (tag === SPAN.traceId) traceId = hex(reader.bytes());
    else if (tag === SPAN.spanId) spanId = hex(reader.bytes());
    else if (tag === SPAN.parentSpanId) parentSpanId = hex(reader.bytes());
    else if (tag === SPAN.start) start = BigInt(reader.fixed64());
    else if (tag === SPAN.end) end = BigInt(reader.fixed64());
    else if (tag === SPAN.attribute) return attribute(reader, attributes, columnOf);
    else if (tag === SPAN.status)
      message(reader, (inner) => {
        if (inner !== STATUS.code) return false;
        status = reader.int32();
        return true;
      });
    else return false;
    return true;
  });
  return checkedSpan({ traceId, spanId, parentSpanId, start, end, status, attributes });
}

const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");

/** Reads a KeyValue, and keeps it where spend needs it: the value waits unread until the key is known. */
function attribute(reader: BinaryReader, into: Attributes, toColumn: (key: string) => string): true {
  let column = "";
  const values: number[] = [];
  message(reader, (tag) => {
    if (tag === KEY_VALUE.key) {
      column = toColumn(reader.string());
      return true;
    }
    if (tag === KEY_VALUE.value) values.push(reader.pos);
    return false;
  });
  if (!isKept(column)) return true;
  const end = reader.pos;
  for (const start of values) {
    reader.pos = start;
    const value = anyValue(reader);
    if (value !== undefined) into.set(column, value);
  }
  reader.pos = end;
  return true;
}

/** The value of an AnyValue; undefined where it is empty or of a kind that spend doesn't need. */
function anyValue(reader: BinaryReader): string | number | undefined {
  let value: string | number | undefined;
  message(reader, (tag) => {
    if (tag === ANY_VALUE.string) value = reader.string();
    else if (tag === ANY_VALUE.bool) value = String(reader.bool());
    else if (tag === ANY_VALUE.int) value = Number(reader.int64());
    else if (tag === ANY_VALUE.double) value = reader.double();
    else if (tag === ANY_VALUE.array) value = arrayText(reader);
    else return false;
    return true;
  });
  return value;
}

/** An ArrayValue of texts as JSON, as OpenObserve stores it; other members are left out. */
function arrayText(reader: BinaryReader): string {
  const texts: string[] = [];
  message(reader, (tag) => {
    if (tag !== ARRAY_VALUE.value) return false;
    message(reader, (kind) => {
      if (kind !== ANY_VALUE.string) return false;
      texts.push(reader.string());
      return true;
    });
    return true;
  });
  return JSON.stringify(texts);
}

/**
 * An Export…ServiceResponse. `partial_success` is left out where there is nothing to say; with a message and 0 rejected
 * spans it is a warning, as the specification has it.
 */
export function encodeAnswer(rejected: number, text: string): Uint8Array {
  const writer = new BinaryWriter();
  if (text !== "") {
    writer.tag(1, LengthDelimited).fork();
    if (rejected > 0) writer.tag(1, Varint).int64(rejected);
    writer.tag(2, LengthDelimited).string(text);
    writer.join();
  }
  return writer.finish();
}

/** A google.rpc.Status, the body of every refusal (OTLP/HTTP, "Failures"). */
export function encodeStatus(code: number, text: string): Uint8Array {
  return new BinaryWriter().tag(1, Varint).int32(code).tag(2, LengthDelimited).string(text).finish();
}

/** Steps over a whole message, for signals that aren't stored. @throws where the bytes are no message. */
export function checkMessage(body: Uint8Array): void {
  const reader = new BinaryReader(body);
  fields(reader, reader.len, () => false);
}
