import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { Pulse } from "../../../src/worker/rpc/pulse";
import { type FromTelemetry, fromTelemetry } from "../../../src/worker/telemetryProtocol";
import { TelemetrySession } from "../../../src/worker/telemetrySession";
import { encodeTraces } from "../../openobserve/otlp";
import { assets } from "../support";
import { requestOf, span } from "./spans";

/** Signs of life that remember for what the worker asked to be let alone. */
class RecordedPulse extends Pulse {
  allowed = 0;
  override allow(patienceMs: number): () => void {
    this.allowed++;
    return super.allow(patienceMs);
  }
}

const freePort = async (): Promise<number> => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

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

  it("sends what the receiver has counted by itself, also where it is in another window", async () => {
    const port = await freePort();
    const store = {
      kind: "localStore",
      file: path.join(folder, "metrics.sqlite"),
      retentionDays: 30,
      maxBytes: 1e9,
    } as const;
    const windows = Array.from({ length: 2 }, () => {
      const seen = { receiver: "", counted: Promise.resolve() };
      let resolve = (): void => undefined;
      seen.counted = new Promise<void>((done) => (resolve = done));
      const session = new TelemetrySession(
        assets.catalogue,
        (message) => {
          if (message.kind !== "state") return;
          const { receiver, local } = message.state;
          seen.receiver = receiver.kind;
          if (local?.metrics?.spans.stored !== 1) return;
          assert.deepEqual(local.metrics.dropped, [{ reason: "too-old", spans: 1 }]);
          assert.ok(local.logBytes > 0 && local.bytes > local.logBytes);
          resolve();
        },
        new RecordedPulse(),
      );
      return { session, seen };
    });
    for (const { session } of windows) {
      await session.receive(store);
      await session.receive({ kind: "receive", port });
    }
    assert.deepEqual(
      windows.map(({ seen }) => seen.receiver),
      ["receiving", "elsewhere"],
    );
    const now = Date.now();
    const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: "POST",
      headers: { "Content-Type": "application/x-protobuf" },
      body: new Uint8Array(encodeTraces(requestOf([span({ at: now }), span({ at: now - 90 * 86_400_000 })]))),
    });
    assert.equal(response.status, 200);
    for (const { seen } of windows) await seen.counted;
    for (const { session } of windows.reverse()) await session.close();
  });
});
