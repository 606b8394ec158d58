import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** An ExportTraceServiceRequest as OTLP's JSON has it, as far as tests need it. */
export interface TracesRequest {
  resourceSpans: { resource?: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[];
}
export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status?: { code?: number; message?: string };
}
export interface Attribute {
  key: string;
  value: Value;
}
interface Value {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number;
  arrayValue?: { values: Value[] };
}

/** The same request as protobuf: what exporters send. */
export function encodeTraces(request: TracesRequest): Uint8Array {
  const writer = new BinaryWriter();
  for (const { resource, scopeSpans } of request.resourceSpans) {
    message(writer, 1, () => {
      if (resource !== undefined) message(writer, 1, () => attributes(writer, 1, resource.attributes));
      for (const { spans } of scopeSpans) {
        message(writer, 2, () => {
          for (const span of spans) message(writer, 2, () => encodeSpan(writer, span));
        });
      }
    });
  }
  return writer.finish();
}

function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function encodeSpan(writer: BinaryWriter, span: Span): void {
  writer.tag(1, WireType.LengthDelimited).bytes(Buffer.from(span.traceId, "hex"));
  writer.tag(2, WireType.LengthDelimited).bytes(Buffer.from(span.spanId, "hex"));
  if (span.parentSpanId) writer.tag(4, WireType.LengthDelimited).bytes(Buffer.from(span.parentSpanId, "hex"));
  writer.tag(5, WireType.LengthDelimited).string(span.name);
  writer.tag(6, WireType.Varint).int32(span.kind ?? 3);
  writer.tag(7, WireType.Bit64).fixed64(BigInt(span.startTimeUnixNano));
  writer.tag(8, WireType.Bit64).fixed64(BigInt(span.endTimeUnixNano));
  attributes(writer, 9, span.attributes);
  message(writer, 15, () => {
    if (span.status?.message) writer.tag(2, WireType.LengthDelimited).string(span.status.message);
    if (span.status?.code) writer.tag(3, WireType.Varint).int32(span.status.code);
  });
}

function attributes(writer: BinaryWriter, field: number, list: readonly Attribute[]): void {
  for (const { key, value } of list) {
    message(writer, field, () => {
      writer.tag(1, WireType.LengthDelimited).string(key);
      message(writer, 2, () => encodeValue(writer, value));
    });
  }
}

function encodeValue(writer: BinaryWriter, value: Value): void {
  if (value.stringValue !== undefined) writer.tag(1, WireType.LengthDelimited).string(value.stringValue);
  else if (value.boolValue !== undefined) writer.tag(2, WireType.Varint).bool(value.boolValue);
  else if (value.intValue !== undefined) writer.tag(3, WireType.Varint).int64(BigInt(value.intValue));
  else if (value.doubleValue !== undefined) writer.tag(4, WireType.Bit64).double(value.doubleValue);
  else if (value.arrayValue !== undefined) {
    const { values } = value.arrayValue;
    message(writer, 5, () => {
      for (const one of values) message(writer, 1, () => encodeValue(writer, one));
    });
  }
}
