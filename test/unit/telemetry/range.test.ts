import * as assert from "node:assert/strict";
import { MOST_STEPS, percentile, stepOf } from "../../../src/core/telemetry/latency";
import { bucketFor, durationUs, isoUs } from "../../../src/core/telemetry/range";

const HOUR_US = 3_600_000_000;

describe("Ranges", () => {
  it("are as long as they say", () => {
    assert.deepEqual(
      ["15m", "24h", " 7d ", "2w", "1.5 h"].map((text) => (durationUs(text) ?? 0) / HOUR_US),
      [0.25, 24, 168, 336, 1.5],
    );
    for (const text of ["", "0h", "5", "5s", "-1d", "1h 5m"]) assert.equal(durationUs(text), null, text);
  });

  it("begin at a time of UTC, wherever the machine is", () => {
    const zone = process.env["TZ"];
    process.env["TZ"] = "Pacific/Auckland";
    try {
      const noon = Date.UTC(2026, 10, 20, 12) * 1000;
      for (const text of ["2026-11-20T12:00", "2026-11-20T12:00:00Z", "2026-11-20T14:00+02:00"])
        assert.equal(isoUs(text), noon, text);
      assert.equal(isoUs("2026-11-20"), noon - 12 * HOUR_US);
      for (const text of ["2026-13-01", "yesterday", "20 Nov 2026", "2026-11-20 12:00"])
        assert.equal(isoUs(text), null);
    } finally {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    }
  });

  it("are cut into at most fifty buckets of a usual width", () => {
    const minutes = [0.5, 3, 24, 168, 24 * 30, 24 * 366].map((hours) => bucketFor(0, hours * HOUR_US) / 60_000_000);
    assert.deepEqual(minutes, [1, 5, 60, 360, 1440, 1440]);
  });
});

describe("Steps of time", () => {
  it("give a time back within 2.5 %", () => {
    for (let us = 1100; us < 1e9; us *= 1.013) {
      const middle = percentile([{ step: stepOf(us), calls: 1 }], 0.5) ?? 0;
      assert.ok(Math.abs(middle / us - 1) < 0.0255, `${us} comes back as ${middle}`);
    }
    assert.equal(stepOf(Number.MAX_SAFE_INTEGER), MOST_STEPS - 1);
  });

  it("know no percentile of nothing", () => {
    assert.equal(percentile([], 0.5), null);
    assert.equal(percentile([{ step: 4, calls: 0 }], 0.5), null);
  });
});
