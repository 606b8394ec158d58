import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { columnOf, isKept, resourceColumnOf } from "../columns";
import type { RawSpan } from "../llmSpan";
import { type Decoded, checkedSpan } from "./decoded";

/**
 * Reads an ExportTraceServiceRequest. Field numbers are those of opentelemetry-proto 1.x (`trace.proto`,
 * `common.proto`). Only what spend needs is turned into values: texts of prompts are stepped over as bytes.
 * @throws where the bytes are no such message.
 */
export function decodeTraces(body: Uint8Array): Decoded {
  const decoded: Decoded = { spans: [], rejected: 0 };
  const reader = new BinaryReader(body);
  fields(reader, reader.len, (field) => {
    if (field !== 1) return false;
    resourceSpans(reader, decoded);
    return true;
  });
  return decoded;
}

/** Reads the fields up to `end`; what `read` doesn't take is stepped over. */
function fields(reader: BinaryReader, end: number, read: (field: number, type: WireType) => boolean): void {
  while (reader.pos < end) {
    const [field, type] = reader.tag();
    if (!read(field, type)) reader.skip(type, field);
  }
  if (reader.pos !== end) throw new Error("a message runs past its end");
}

function message(reader: BinaryReader, read: (field: number, type: WireType) => boolean): void {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new Error("a message is cut off");
  fields(reader, end, read);
}

type Attributes = Map<string, string | number>;

function resourceSpans(reader: BinaryReader, decoded: Decoded): void {
  const resource: Attributes = new Map();
  const found: (RawSpan & { attributes: Attributes })[] = [];
  message(reader, (field) => {
    // The resource usually stands first, but needn't: it is joined to its spans when all is read.
    if (field === 1) message(reader, (inner) => inner === 1 && attribute(reader, resource, resourceColumnOf));
    else if (field === 2)
      message(reader, (inner) => {
        if (inner !== 2) return false;
        const read = span(reader);
        if (read === null) decoded.rejected++;
        else found.push(read);
        return true;
      });
    else return false;
    return true;
  });
  for (const one of found) {
    for (const [column, value] of resource) if (!one.attributes.has(column)) one.attributes.set(column, value);
    decoded.spans.push(one);
  }
}

function span(reader: BinaryReader): (RawSpan & { attributes: Attributes }) | null {
  const attributes: Attributes = new Map();
  let [traceId, spanId, parentSpanId] = ["", "", ""];
  let [start, end] = [0n, 0n];
  let status = 0;
  message(reader, (field) => {
    if (field === 1) traceId = hex(reader.bytes());
    else if (field === 2) spanId = hex(reader.bytes());
    else if (field === 4) parentSpanId = hex(reader.bytes());
    else if (field === 7) start = BigInt(reader.fixed64());
    else if (field === 8) end = BigInt(reader.fixed64());
    else if (field === 9) return attribute(reader, attributes, columnOf);
    else if (field === 15)
      message(reader, (inner) => {
        if (inner !== 3) return false;
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

/** Reads a KeyValue, and keeps it where spend needs it. */
function attribute(reader: BinaryReader, into: Attributes, toColumn: (key: string) => string): true {
  let column = "";
  let value: string | number | undefined;
  message(reader, (field) => {
    if (field === 1) column = toColumn(reader.string());
    else if (field === 2 && isKept(column)) {
      message(reader, (kind) => {
        if (kind === 1) value = reader.string();
        else if (kind === 2) value = String(reader.bool());
        else if (kind === 3) value = Number(reader.int64());
        else if (kind === 4) value = reader.double();
        else if (kind === 5) value = arrayText(reader);
        else return false;
        return true;
      });
    } else return false;
    return true;
  });
  if (value !== undefined && isKept(column)) into.set(column, value);
  return true;
}

/** An ArrayValue of texts as JSON, as OpenObserve stores it; other members are left out. */
function arrayText(reader: BinaryReader): string {
  const texts: string[] = [];
  message(reader, (field) => {
    if (field !== 1) return false;
    message(reader, (kind) => {
      if (kind !== 1) return false;
      texts.push(reader.string());
      return true;
    });
    return true;
  });
  return JSON.stringify(texts);
}

/** An Export…ServiceResponse; `partial_success` is left out where nothing was refused, as the specification has it. */
export function encodeAnswer(rejected: number, reason: string): Uint8Array {
  const writer = new BinaryWriter();
  if (rejected > 0) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.Varint).int64(rejected);
    writer.tag(2, WireType.LengthDelimited).string(reason);
    writer.join();
  }
  return writer.finish();
}

/** A google.rpc.Status, the body of every refusal (OTLP/HTTP, "Failures"). */
export function encodeStatus(code: number, text: string): Uint8Array {
  return new BinaryWriter().tag(1, WireType.Varint).int32(code).tag(2, WireType.LengthDelimited).string(text).finish();
}

/** Steps over a whole message, for signals that aren't stored. @throws where the bytes are no message. */
export function checkMessage(body: Uint8Array): void {
  const reader = new BinaryReader(body);
  fields(reader, reader.len, () => false);
}
