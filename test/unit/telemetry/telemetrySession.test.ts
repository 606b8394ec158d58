import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Pulse } from "../../../src/worker/rpc/pulse";
import { type FromTelemetry, fromTelemetry } from "../../../src/worker/telemetryProtocol";
import { TelemetrySession } from "../../../src/worker/telemetrySession";
import { assets } from "../support";

/** Signs of life that remember for what the worker asked to be let alone. */
class RecordedPulse extends Pulse {
  allowed = 0;
  override allow(patienceMs: number): () => void {
    this.allowed++;
    return super.allow(patienceMs);
  }
}

describe("The telemetry worker's session", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-session-"));
  after(() => rmSync(folder, { recursive: true }));

  it("asks for patience while the database may keep its thread, and only then", async () => {
    const pulse = new RecordedPulse();
    const received: FromTelemetry[] = [];
    const session = new TelemetrySession(
      assets.catalogue,
      (message) => received.push(fromTelemetry.parse(message) as FromTelemetry),
      pulse,
    );
    const asks = async (work: () => Promise<unknown>): Promise<boolean> => {
      const before = pulse.allowed;
      await work();
      return pulse.allowed > before;
    };
    const store = {
      kind: "localStore",
      file: path.join(folder, "s.sqlite"),
      retentionDays: 30,
      maxBytes: 1e9,
    } as const;
    await session.receive(store);
    assert.ok(await asks(() => session.receive({ kind: "receive", port: 0 })), "opening");
    const selection = { range: { last: "24h" }, filters: [] } as const;
    assert.ok(
      await asks(() => session.insight({ selection: { ...selection, filters: [] } }, AbortSignal.timeout(60_000))),
    );
    assert.ok(await asks(() => session.clear({ service: null })));
    assert.equal(await asks(() => session.receive({ kind: "pricing", text: null })), false);
    await session.close();
    assert.equal(pulse.patienceMs, 0);
  });
});
