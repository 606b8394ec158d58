import * as assert from "node:assert/strict";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import * as fc from "fast-check";
import * as json from "../../../src/core/telemetry/otlp/json";
import * as protobuf from "../../../src/core/telemetry/otlp/protobuf";
import { encodeTraces } from "../../openobserve/otlp";
import { requestOf, span } from "./spans";

const { Varint, Bit64, Bit32, LengthDelimited, StartGroup, EndGroup } = WireType;
const START = 1_790_000_000_000_000_000n;

/** One field of a message, as bytes. */
const field = (number: number, type: WireType, write: (writer: BinaryWriter) => unknown): Uint8Array => {
  const writer = new BinaryWriter().tag(number, type);
  write(writer);
  return writer.finish();
};
const bytes = (number: number, value: Uint8Array): Uint8Array =>
  field(number, LengthDelimited, (writer) => writer.bytes(value));
const text = (number: number, value: string): Uint8Array => bytes(number, Buffer.from(value));

/** Joins the fields of a message; a test may shuffle them and put others between them. */
type Join = (fields: Uint8Array[], known: Record<number, WireType>) => Uint8Array;
const inOrder: Join = (fields) => Buffer.concat(fields);

const anyKinds = { 1: LengthDelimited, 2: Varint, 3: Varint, 4: Bit64, 5: LengthDelimited };
const pair = (number: number, key: string, value: Uint8Array, join: Join): Uint8Array =>
  bytes(number, join([text(1, key), bytes(2, join([value], anyKinds))], { 1: LengthDelimited, 2: LengthDelimited }));

function request(join: Join): Uint8Array {
  const values = bytes(
    5,
    join([bytes(1, join([text(1, "stop")], anyKinds)), bytes(1, join([text(1, "length")], anyKinds))], {
      1: LengthDelimited,
    }),
  );
  const one = join(
    [
      bytes(1, Buffer.alloc(16, 1)),
      bytes(2, Buffer.alloc(8, 2)),
      bytes(4, Buffer.alloc(8, 3)),
      field(7, Bit64, (writer) => writer.fixed64(START)),
      field(8, Bit64, (writer) => writer.fixed64(START + 5_000_000n)),
      bytes(15, join([field(3, Varint, (writer) => writer.int32(2))], { 3: Varint })),
      pair(9, "gen_ai.request.model", text(1, "gpt-4o"), join),
      pair(
        9,
        "gen_ai.usage.input_tokens",
        field(3, Varint, (writer) => writer.int64(7)),
        join,
      ),
      pair(
        9,
        "gen_ai.usage.cost_usd",
        field(4, Bit64, (writer) => writer.double(0.25)),
        join,
      ),
      pair(
        9,
        "prompt_cost.unpriced",
        field(2, Varint, (writer) => writer.bool(true)),
        join,
      ),
      pair(9, "gen_ai.response.finish_reasons", values, join),
      pair(9, "gen_ai.input.messages", text(1, "never read"), join),
    ],
    {
      1: LengthDelimited,
      2: LengthDelimited,
      4: LengthDelimited,
      7: Bit64,
      8: Bit64,
      9: LengthDelimited,
      15: LengthDelimited,
    },
  );
  const resource = join([pair(1, "service.name", text(1, "app"), join)], { 1: LengthDelimited });
  const scope = join([bytes(2, one)], { 2: LengthDelimited });
  return join([bytes(1, join([bytes(1, resource), bytes(2, scope)], { 1: LengthDelimited, 2: LengthDelimited }))], {
    1: LengthDelimited,
  });
}

/** A field that a parser steps over: of an unknown number, or of a known one with another wire type. */
function strangeField(random: fc.GeneratorValue, known: Record<number, WireType>): Uint8Array {
  const number = random(fc.integer, { min: 1, max: 20 });
  const type = random(fc.constantFrom<WireType[]>, Varint, Bit64, Bit32, LengthDelimited, StartGroup);
  if (known[number] === type) return new Uint8Array();
  return field(number, type, (writer) => {
    if (type === Varint) writer.uint64(random(fc.bigInt, { min: 0n, max: (1n << 64n) - 1n }));
    else if (type === Bit64) writer.fixed64(random(fc.bigInt, { min: 0n, max: (1n << 64n) - 1n }));
    else if (type === Bit32) writer.fixed32(random(fc.integer, { min: 0, max: 0xffffffff }));
    // A packed list of numbers stands here as well: whatever its bytes, it has a length.
    else if (type === LengthDelimited) writer.bytes(random(fc.uint8Array, { maxLength: 20 }));
    else writer.tag(1, Varint).int32(1).tag(number, EndGroup);
  });
}

describe("OTLP in protobuf", () => {
  const [expected] = protobuf.decodeTraces(request(inOrder)).spans;

  it("reads what a span says", () => {
    assert.deepEqual(expected, {
      traceId: "01".repeat(16),
      spanId: "02".repeat(8),
      parentSpanId: "03".repeat(8),
      startUs: Number(START / 1000n),
      durationUs: 5000,
      isError: true,
      hasUnreadableParts: false,
      attributes: new Map<string, string | number>([
        ["gen_ai_request_model", "gpt-4o"],
        ["gen_ai_usage_input_tokens", 7],
        ["gen_ai_usage_cost_usd", 0.25],
        ["prompt_cost_unpriced", "true"],
        ["gen_ai_response_finish_reasons", '["stop","length"]'],
        ["service_name", "app"],
      ]),
    });
  });

  it("reads a value that stands before its key", () => {
    const reversed: Join = (fields) => Buffer.concat([...fields].reverse());
    const [read] = protobuf.decodeTraces(request(reversed)).spans;
    assert.equal(read?.attributes.get("gen_ai_usage_input_tokens"), 7);
    assert.equal(read.attributes.get("service_name"), "app");
    assert.equal(read.attributes.size, expected?.attributes.size);
  });

  it("reads fields in any order, and steps over unknown fields and other wire types", () => {
    fc.assert(
      fc.property(fc.gen(), (random) => {
        const join: Join = (fields, known) => {
          // Two values of a list keep their order; all else may be anywhere.
          const order = random(fc.shuffledSubarray<number>, [...fields.keys()], {
            minLength: fields.length,
            maxLength: fields.length,
          });
          const isList = Object.keys(known).length === 1;
          const placed = (isList ? [...fields.keys()] : order).flatMap((at) => [
            strangeField(random, known),
            fields[at] ?? new Uint8Array(),
          ]);
          return Buffer.concat([...placed, strangeField(random, known)]);
        };
        const decoded = protobuf.decodeTraces(request(join));
        assert.equal(decoded.rejected.total, 0);
        assert.equal(decoded.spans.length, 1);
        const [read] = decoded.spans;
        assert.deepEqual(
          { ...read, attributes: Object.fromEntries(read?.attributes ?? []) },
          { ...expected, attributes: Object.fromEntries(expected?.attributes ?? []) },
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("takes the last of a singular field that stands twice", () => {
    const twice: Join = (fields, known) =>
      Buffer.concat(known[7] === Bit64 ? [field(7, Bit64, (writer) => writer.fixed64(1n)), ...fields] : fields);
    assert.equal(protobuf.decodeTraces(request(twice)).spans[0]?.startUs, expected?.startUs);
  });

  it("refuses a message that ends within a field", () => {
    const whole = request(inOrder);
    for (let length = 1; length < whole.length; length++)
      assert.throws(() => protobuf.decodeTraces(whole.subarray(0, length)), String(length));
  });
});

describe("OTLP in JSON", () => {
  const plain = span({
    at: 1_790_000_000_000,
    trace: "ab".repeat(16),
    id: "cd".repeat(8),
    attributes: { "gen_ai.usage.input_tokens": 7, "gen_ai.usage.cost_usd": 0.25 },
  });
  const decode = (given: unknown) => json.decodeTraces(JSON.stringify(given));
  const wrap = (one: unknown) => ({ resourceSpans: [{ scopeSpans: [{ spans: [one] }] }] });

  it("reads the same as from protobuf", () => {
    assert.deepEqual(decode(requestOf([plain])).spans, protobuf.decodeTraces(encodeTraces(requestOf([plain]))).spans);
  });

  it("reads 64-bit integers as text or number, and ids in either case", () => {
    const [expected] = decode(wrap(plain)).spans;
    for (const other of [
      { ...plain, startTimeUnixNano: Number(plain.startTimeUnixNano), endTimeUnixNano: Number(plain.endTimeUnixNano) },
      { ...plain, traceId: plain.traceId.toUpperCase(), spanId: plain.spanId.toUpperCase() },
      { ...plain, unknown: { deep: [1] }, droppedAttributesCount: "3" },
      { ...plain, parentSpanId: null, status: null },
    ])
      assert.deepEqual(decode(wrap(other)).spans, [expected]);
    const counted = (intValue: unknown) =>
      decode(wrap({ ...plain, attributes: [{ key: "gen_ai.usage.input_tokens", value: { intValue } }] })).spans[0];
    assert.equal(Number(counted("12")?.attributes.get("gen_ai_usage_input_tokens")), 12);
    assert.equal(Number(counted(12)?.attributes.get("gen_ai_usage_input_tokens")), 12);
  });

  it("says what is wrong with keys in snake_case, which would be stepped over", () => {
    assert.throws(() => decode({ resource_spans: [{ scope_spans: [] }] }), /"resource_spans" is not valid.*lowerCamel/);
    assert.throws(() => decode({ resourceSpans: [{ scope_spans: [] }] }), /"scope_spans" is not valid.*"scopeSpans"/);
    const { traceId, ...rest } = plain;
    assert.deepEqual(decode(wrap({ ...rest, trace_id: traceId })).rejected.entries(), [["invalid-id", 1]]);
  });

  it("loses no call for a value of the wrong type that spend doesn't need", () => {
    for (const broken of [
      { key: "prompt", value: { stringValue: 5 } },
      { key: "prompt", value: "text" },
      { key: 7, value: {} },
      { value: { stringValue: "x" } },
      null,
      { key: "list", value: { arrayValue: { values: [null, 5, { stringValue: {} }] } } },
    ]) {
      const { spans, rejected } = decode(wrap({ ...plain, attributes: [...plain.attributes, broken], status: 5 }));
      assert.deepEqual([spans.length, rejected.total], [1, 0], JSON.stringify(broken));
    }
  });
});
