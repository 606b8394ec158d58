import * as assert from "node:assert/strict";
import { costStateOf } from "../../../src/core/telemetry/llmSpan";
import { decodeTraces } from "../../../src/core/telemetry/otlp/json";
import { MAX_CALL_TOKENS, MAX_CALL_US, MAX_CALL_USD, readSpan } from "../../../src/core/telemetry/readSpan";
import { rejectionReasons, warningReasons } from "../../../src/core/telemetry/rejection";
import { requestOf, span } from "./spans";

const NOW = 1_790_000_000_000;

/** What becomes of a span, in JSON as anybody may send it. */
function read(
  attributes: Record<string, string | number | boolean> = {},
  times: { start?: unknown; end?: unknown } = {},
) {
  const sent = { ...span({ at: NOW, durationMs: 2000, attributes }) } as Record<string, unknown>;
  if ("start" in times) sent["startTimeUnixNano"] = times.start;
  if ("end" in times) sent["endTimeUnixNano"] = times.end;
  const { spans, rejected } = decodeTraces(JSON.stringify(requestOf([sent as unknown as ReturnType<typeof span>])));
  const [first] = spans;
  if (first === undefined) return { reason: rejected.entries()[0]?.[0] };
  const reading = readSpan(first, NOW * 1000);
  return reading.kind === "call" ? reading : { reason: reading.kind === "rejected" ? reading.reason : "other" };
}
const reasonOf = (result: ReturnType<typeof read>) => ("reason" in result ? result.reason : "stored");
const callOf = (result: ReturnType<typeof read>) =>
  "call" in result ? result : assert.fail(`rejected: ${String(result.reason)}`);

describe("Reading a span", () => {
  it("recognises a time in another unit than nanoseconds", () => {
    const ns = BigInt(NOW) * 1_000_000n;
    for (const [unit, factor] of [
      ["microseconds", 1_000n],
      ["milliseconds", 1_000_000n],
      ["seconds", 1_000_000_000n],
    ] as const) {
      const time = String(ns / factor);
      assert.equal(reasonOf(read({}, { start: time, end: time })), `start-in-${unit}`);
      assert.equal(reasonOf(read({}, { start: Number(time), end: Number(time) })), `start-in-${unit}`);
      assert.equal(reasonOf(read({}, { end: time })), `end-in-${unit}`);
      assert.equal(rejectionReasons[`start-in-${unit}`], `start time looks like ${unit}; OTLP wants nanoseconds`);
    }
  });

  it("rejects times beyond sense, each with its reason", () => {
    const ns = (ms: number): string => `${ms}000000`;
    const week = MAX_CALL_US / 1000;
    for (const [times, reason] of [
      [{ start: "0" }, "no-start-time"],
      [{ start: null }, "no-start-time"],
      [{ start: "-5" }, "no-start-time"],
      [{ start: "yesterday" }, "no-start-time"],
      [{ start: { low: 1, high: 2 } }, "no-start-time"],
      [{ end: "0" }, "no-end-time"],
      [{ end: ns(NOW - 1) }, "end-before-start"],
      [{ end: ns(NOW) }, "stored"],
      [{ end: ns(NOW + week) }, "stored"],
      [{ end: ns(NOW + week + 1) }, "duration-too-long"],
      [{ start: ns(NOW + 86_400_000), end: ns(NOW + 86_400_000) }, "stored"],
      [{ start: ns(NOW + 86_400_001), end: ns(NOW + 86_400_001) }, "start-in-future"],
      [{ start: "18446744073709551615", end: "18446744073709551615" }, "start-in-future"],
    ] as const)
      assert.equal(reasonOf(read({}, times)), reason, JSON.stringify(times));
  });

  it("rejects token counts beyond sense, of every kind and name", () => {
    for (const name of [
      "gen_ai.usage.input_tokens",
      "gen_ai.usage.output_tokens",
      "gen_ai.usage.completion_tokens",
      "gen_ai.usage.cache_read.input_tokens",
      "gen_ai.usage.reasoning.output_tokens",
    ]) {
      for (const value of [-1, 1.5, MAX_CALL_TOKENS + 1, 1e300, "NaN", "many", true, "-3", "1e9"])
        assert.equal(reasonOf(read({ [name]: value })), "invalid-tokens", `${name}: ${value}`);
      for (const value of [0, 1, MAX_CALL_TOKENS, "12", "12.0", ""])
        assert.equal(reasonOf(read({ [name]: value })), "stored", `${name}: ${value}`);
    }
  });

  it("takes the older name of a figure where the newer one makes no sense", () => {
    const { call } = callOf(read({ "gen_ai.usage.input_tokens": -1, "gen_ai.usage.prompt_tokens": 9 }));
    assert.equal(call.inputTokens, 9);
  });

  it("keeps a call with a broken cost, and never as a free one", () => {
    for (const value of [-1, "NaN", "free", MAX_CALL_USD * 2, "Infinity"]) {
      const { call, warnings } = callOf(read({ "gen_ai.usage.cost_usd": value }));
      assert.deepEqual([call.costUsd, warnings, costStateOf(call)], [null, ["cost-ignored"], "unknown"]);
      const failed = callOf(read({ "gen_ai.usage.cost_usd": value })).call;
      assert.equal(costStateOf({ ...failed, isError: true }), "unknown");
      const priced = callOf(read({ "gen_ai.usage.cost_usd": value, "gen_ai.usage.input_tokens": 10 })).call;
      assert.equal(costStateOf(priced), "open");
    }
    assert.deepEqual(callOf(read({ "gen_ai.usage.cost_usd": 0 })).warnings, []);
  });

  it("keeps a call with a broken time to first token or line, as unknown", () => {
    for (const value of [-1, "NaN", 3_600_000, "soon"]) {
      const { call, warnings } = callOf(read({ "gen_ai.latency.ttft_ms": value }));
      assert.deepEqual([call.firstTokenUs, warnings], [null, ["first-token-ignored"]], String(value));
    }
    assert.equal(callOf(read({ "gen_ai.response.time_to_first_chunk": 1.5 })).call.firstTokenUs, 1_500_000);
    for (const value of [-4, 1.5, "top"]) {
      const { call, warnings } = callOf(read({ "code.line.number": value }));
      assert.deepEqual([call.line, warnings], [null, ["line-ignored"]], String(value));
    }
    assert.equal(callOf(read({ "code.line.number": 12 })).call.line, 12);
  });

  it("has a sentence for every reason, without a full stop", () => {
    for (const sentence of [...Object.values(rejectionReasons), ...Object.values(warningReasons)])
      assert.match(sentence, /^[^.]+[a-z0-9]$/);
  });
});
