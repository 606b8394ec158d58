import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

const { Varint, LengthDelimited } = WireType;

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
