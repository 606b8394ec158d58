import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { columnOf, resourceColumnOf } from "../columns";
import type { RejectionReason } from "../rejection";
import { Decoded, type ReadSpan, checkedSpan } from "./decoded";
import { fields, message, tagOf } from "./protobufMessage";
import { type Attributes, attribute } from "./protobufAttribute";

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

/**
 * Reads an ExportTraceServiceRequest as protobuf parsers do: fields in any order, the last one of a repeated singular
 * field wins, and what is unknown or of another wire type is stepped over. Only what spend needs is turned into
 * values: texts of prompts are stepped over as bytes. A message within whose frame something is malformed (a span, a
 * group of spans, an attribute) costs no more than itself; it is counted with a reason.
 * @throws where the bytes are no such message.
 */
export function decodeTraces(body: Uint8Array): Decoded {
  const decoded = new Decoded();
  const reader = new BinaryReader(body);
  fields(reader, reader.len, (tag, end) => {
    if (tag !== REQUEST.resourceSpans) return false;
    resourceSpans(reader, end, decoded);
    return true;
  });
  return decoded.checked();
}

function resourceSpans(reader: BinaryReader, limit: number, decoded: Decoded): void {
  const resource: Attributes = new Map();
  let isResourceRead = true;
  const found: (ReadSpan | RejectionReason)[] = [];
  const isRead = message(reader, limit, (tag, end) => {
    // The resource usually stands first, but needn't: it is joined to its spans when all is read.
    if (tag === RESOURCE_SPANS.resource) isResourceRead = readResource(reader, end, resource) && isResourceRead;
    else if (tag === RESOURCE_SPANS.scopeSpans) scopeSpans(reader, end, found);
    else return false;
    return true;
  });
  if (!isRead) found.push("malformed-group");
  for (const one of found) {
    if (typeof one !== "string") {
      for (const [column, value] of resource) if (!one.attributes.has(column)) one.attributes.set(column, value);
      one.hasUnreadableParts ||= !isResourceRead;
    }
    decoded.add(one);
  }
}

/** @returns whether all of the resource could be read. */
function readResource(reader: BinaryReader, limit: number, into: Attributes): boolean {
  let areAttributesRead = true;
  const isRead = message(reader, limit, (tag, end) => {
    if (tag !== RESOURCE.attribute) return false;
    areAttributesRead = attribute(reader, end, into, resourceColumnOf) && areAttributesRead;
    return true;
  });
  return isRead && areAttributesRead;
}

function scopeSpans(reader: BinaryReader, limit: number, found: (ReadSpan | RejectionReason)[]): void {
  const isRead = message(reader, limit, (tag, end) => {
    if (tag !== SCOPE_SPANS.span) return false;
    found.push(span(reader, end));
    return true;
  });
  if (!isRead) found.push("malformed-group");
}

function span(reader: BinaryReader, limit: number): ReadSpan | RejectionReason {
  const attributes: Attributes = new Map();
  let [traceId, spanId, parentSpanId] = ["", "", ""];
  let [start, end] = [0n, 0n];
  let status = 0;
  let hasUnreadableParts = false;
  const isRead = message(reader, limit, (tag, last) => {
    if (tag === SPAN.traceId) traceId = hex(reader.bytes());
    else if (tag === SPAN.spanId) spanId = hex(reader.bytes());
    else if (tag === SPAN.parentSpanId) parentSpanId = hex(reader.bytes());
    else if (tag === SPAN.start) start = BigInt(reader.fixed64());
    else if (tag === SPAN.end) end = BigInt(reader.fixed64());
    else if (tag === SPAN.attribute) {
      if (!attribute(reader, last, attributes, columnOf)) hasUnreadableParts = true;
    } else if (tag === SPAN.status) {
      const isStatusRead = message(reader, last, (inner) => {
        if (inner !== STATUS.code) return false;
        status = reader.int32();
        return true;
      });
      if (!isStatusRead) hasUnreadableParts = true;
    } else return false;
    return true;
  });
  if (!isRead) return "malformed-span";
  return checkedSpan({ traceId, spanId, parentSpanId, start, end, status, attributes, hasUnreadableParts });
}

const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");

/** Steps over a whole message, for signals that aren't stored. @throws where the bytes are no message. */
export function checkMessage(body: Uint8Array): void {
  const reader = new BinaryReader(body);
  fields(reader, reader.len, () => false);
}
