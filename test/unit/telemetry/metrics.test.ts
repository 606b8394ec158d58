import * as assert from "node:assert/strict";
import { type ReceiverMetrics, receiverMetrics } from "../../../src/core/telemetry/receiver/metrics";
import { describeMetrics } from "../../../src/core/telemetry/receiver/metricsText";

const metrics: ReceiverMetrics = {
  since: "2026-01-01T00:00:00.000Z",
  requests: { received: 1234, accepted: 1232, refused: 2, gone: 0 },
  spans: { stored: 1, duplicate: 0, dropped: 3, other: 0 },
  queue: { requests: 0, spans: 0, bytes: 0, held: 0, bytesPerSecond: 1 },
  refused: [{ status: 503, reason: "overloaded", requests: 1 }],
  dropped: [
    { reason: "start-in-milliseconds", spans: 2 },
    { reason: "of a newer version", spans: 1 },
  ],
  warnings: [{ reason: "line-ignored", spans: 1 }],
};
const text = (given: ReceiverMetrics): string[] =>
  describeMetrics(receiverMetrics.parse(given)).map((line) => line.text);

describe("Metrics of the receiver", () => {
  it("read as sentences, with each number's form", () => {
    assert.deepEqual(text(metrics), [
      "- Requests since 2026-01-01T00:00:00.000Z: 1,234 received, 1,232 accepted, 2 refused",
      "- Spans: 1 call stored, 3 dropped",
      "- Queue: empty",
      "- Refused: 1 request with 503: `the queue was full`",
      "- Dropped: 2 spans: `start time looks like milliseconds; OTLP wants nanoseconds`",
      "- Dropped: 1 span: `of a newer version`",
      "- Stored with a warning: 1 span: `the line number is not a whole number from 1; it is unknown`",
    ]);
  });

  it("say what is under way", () => {
    const busy = text({
      ...metrics,
      requests: { ...metrics.requests, gone: 1 },
      spans: { stored: 2000, duplicate: 5, dropped: 0, other: 1 },
      queue: { requests: 12, spans: 2310, bytes: 3_440_000, held: 1, bytesPerSecond: 1 },
    });
    assert.deepEqual(busy.slice(0, 3), [
      "- Requests since 2026-01-01T00:00:00.000Z: 1,234 received, 1,232 accepted, 2 refused, 1 closed by the sender",
      "- Spans: 2,000 calls stored, 0 dropped, 5 received before, 1 not a model call",
      "- Queue: 12 requests, 3.4 MB, 2,310 spans to be written, 1 request held",
    ]);
  });
});
