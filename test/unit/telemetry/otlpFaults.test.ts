import * as assert from "node:assert/strict";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Decoded } from "../../../src/core/telemetry/otlp/decoded";
import * as json from "../../../src/core/telemetry/otlp/json";
import * as protobuf from "../../../src/core/telemetry/otlp/protobuf";
import { readSpan } from "../../../src/core/telemetry/readSpan";
import { encodeTraces } from "../../openobserve/otlp";
import { requestOf, span } from "./spans";

const NOW = 1_790_000_000_000;
const call = (name: string) => span({ at: NOW, attributes: { feature: name, "gen_ai.usage.input_tokens": 7 } });

/** What became of a request: calls by feature, with their warnings; then what was rejected. */
function outcome(decoded: Decoded): { stored: string[]; rejected: [string, number][] } {
  const stored: string[] = [];
  for (const one of decoded.spans) {
    const reading = readSpan(one, NOW * 1000);
    if (reading.kind === "call") stored.push([reading.call.feature, ...reading.warnings].join(" "));
    else if (reading.kind === "rejected") decoded.rejected.add(reading.reason);
  }
  return { stored, rejected: decoded.rejected.entries() };
}

describe("A malformed part of a request in JSON", () => {
  const read = (request: unknown) => outcome(json.decodeTraces(JSON.stringify(request)));
  const strange = [null, 5, "text", true, [], [call("x")]];

  it("costs one span, where it stands among spans", () => {
    for (const bad of strange)
      assert.deepEqual(read({ resourceSpans: [{ scopeSpans: [{ spans: [call("a"), bad, call("b")] }] }] }), {
        stored: ["a", "b"],
        rejected: [["malformed-span", 1]],
      });
  });

  it("costs its group, and no other", () => {
    const good = { scopeSpans: [{ spans: [call("a")] }] };
    const expected = { stored: ["a", "a"], rejected: [["malformed-group", 1]] };
    for (const bad of [...strange, { scopeSpans: 5 }, { scopeSpans: {} }, { scopeSpans: [{ spans: "x" }] }])
      assert.deepEqual(read({ resourceSpans: [good, bad, good] }), expected, JSON.stringify(bad));
    for (const bad of [...strange, { spans: {} }])
      assert.deepEqual(
        read({ resourceSpans: [{ scopeSpans: [...good.scopeSpans, bad, ...good.scopeSpans] }] }),
        expected,
        JSON.stringify(bad),
      );
  });

  it("costs no span where it is an attribute, its resource or the status, and is told", () => {
    const partly = { stored: ["a part-ignored"], rejected: [] };
    const of = (change: object, resource?: unknown) =>
      read({ resourceSpans: [{ resource, scopeSpans: [{ spans: [{ ...call("a"), ...change }] }] }] });
    for (const bad of [...strange, { key: 5 }, { value: { stringValue: "x" } }])
      assert.deepEqual(of({ attributes: [...call("a").attributes, bad] }), partly, JSON.stringify(bad));
    for (const bad of [5, "error", [], { code: "2" }, { code: {} }]) assert.deepEqual(of({ status: bad }), partly);
    for (const bad of [5, "x", [], { attributes: 5 }, { attributes: [7] }]) assert.deepEqual(of({}, bad), partly);
    assert.deepEqual(of({ attributes: call("a").attributes, status: { code: "STATUS_CODE_OK" } }, null), {
      stored: ["a"],
      rejected: [],
    });
  });

  it("never makes a token count unknown without a word, whatever the count is sent as", () => {
    const counted = (value: unknown) =>
      read({
        resourceSpans: [
          {
            scopeSpans: [
              {
                spans: [
                  {
                    ...call("a"),
                    attributes: [
                      { key: "feature", value: { stringValue: "a" } },
                      { key: "gen_ai.request.model", value: { stringValue: "gpt-4o" } },
                      { key: "gen_ai.usage.input_tokens", value },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      });
    for (const bad of [
      { stringValue: "twelve" },
      { stringValue: 12 },
      { stringValue: " 12" },
      { stringValue: {} },
      12,
      "12",
      [],
      { intValue: "abc" },
      { intValue: {} },
      { intValue: [12] },
      { boolValue: 1 },
      { bytesValue: "MTI=" },
      { arrayValue: { values: [{ intValue: 12 }] } },
      { arrayValue: 5 },
      { kvlistValue: { values: [] } },
    ])
      assert.deepEqual(counted(bad), { stored: [], rejected: [["invalid-tokens", 1]] }, JSON.stringify(bad));
    // As text it is a number like `intValue` is; what is empty says nothing.
    for (const good of [{ stringValue: "12" }, { intValue: "12" }, { intValue: 12 }, { doubleValue: 12 }, {}, null])
      assert.deepEqual(counted(good), { stored: ["a"], rejected: [] }, JSON.stringify(good));
  });

  it("is refused where nothing else is there", () => {
    for (const bad of [
      5,
      "x",
      [],
      { resourceSpans: {} },
      { resourceSpans: [5] },
      { resourceSpans: [{ scopeSpans: 1 }] },
    ])
      assert.throws(() => read(bad), JSON.stringify(bad));
    assert.deepEqual(read({}), { stored: [], rejected: [] });
  });
});

describe("A malformed message in protobuf", () => {
  const read = (body: Uint8Array) => outcome(protobuf.decodeTraces(body));
  const framed = (field: number, bytes: Uint8Array): Buffer =>
    Buffer.from(new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish());
  /** The bytes of the message within a frame. */
  const contentOf = (body: Uint8Array): Buffer => {
    let at = 1;
    while (((body[at++] ?? 0) & 0x80) !== 0);
    return Buffer.from(body).subarray(at);
  };
  const groupOf = (name: string): Buffer =>
    contentOf(encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans: [call(name)] }] }] }));
  const scopeOf = (name: string): Buffer => contentOf(groupOf(name));
  const spanOf = (name: string): Buffer => contentOf(scopeOf(name));
  /** Of no wire type; cut off in its length; longer than its frame. */
  const broken = [Buffer.from([0x0f]), Buffer.from([0x0a, 0xff]), Buffer.from([0x0a, 0x7f, 1, 2])];

  it("costs one span within a right frame, and so does a span's own frame that is too long", () => {
    for (const bad of broken)
      for (const content of [bad, Buffer.concat([spanOf("x"), bad])]) {
        const scope = Buffer.concat([framed(2, spanOf("a")), framed(2, content), framed(2, spanOf("b"))]);
        assert.deepEqual(read(framed(1, framed(2, scope))), {
          stored: ["a", "b"],
          rejected: [["malformed-span", 1]],
        });
      }
  });

  it("costs its group, and no other", () => {
    for (const bad of broken) {
      const expected = { stored: ["a", "b"], rejected: [["malformed-group", 1]] };
      const [a, b] = [framed(2, scopeOf("a")), framed(2, scopeOf("b"))];
      assert.deepEqual(read(framed(1, Buffer.concat([a, framed(2, bad), b]))), expected);
      assert.deepEqual(read(Buffer.concat([framed(1, a), framed(1, bad), framed(1, b)])), expected);
    }
  });

  it("costs no span where it is an attribute, the resource or the status, and is told", () => {
    for (const bad of broken) {
      for (const field of [9, 15]) {
        const scope = framed(2, Buffer.concat([framed(field, bad), spanOf("a")]));
        assert.deepEqual(read(framed(1, framed(2, scope))), { stored: ["a part-ignored"], rejected: [] });
      }
      for (const resource of [bad, framed(1, bad)]) {
        const group = Buffer.concat([framed(1, resource), groupOf("a")]);
        assert.deepEqual(read(framed(1, group)), { stored: ["a part-ignored"], rejected: [] });
      }
    }
  });

  it("never makes a token count unknown without a word", () => {
    const name = Buffer.from("gen_ai.usage.input_tokens");
    const bytes = new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(Buffer.from("12")).finish();
    for (const value of [bytes, ...broken]) {
      const attribute = framed(9, Buffer.concat([framed(1, name), framed(2, value)]));
      const one = framed(2, Buffer.concat([spanOf("x"), attribute]));
      assert.deepEqual(read(framed(1, framed(2, one))), { stored: [], rejected: [["invalid-tokens", 1]] });
    }
  });

  it("is refused where nothing else is there", () => {
    for (const bad of broken) {
      assert.throws(() => read(bad));
      assert.throws(() => read(framed(1, bad)));
    }
    assert.deepEqual(read(requestless()), { stored: [], rejected: [] });
  });
  const requestless = (): Uint8Array => encodeTraces({ resourceSpans: requestOf([]).resourceSpans });
});
