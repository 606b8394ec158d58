import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { Failure } from "../../src/core/failure";
import { TelemetryWorker } from "../../src/editor/telemetry/telemetryWorker";
import { freePort, spanNow } from "./spans";

describe("The watchdog of the telemetry worker", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-hang-"));
  const log = { info: () => undefined, error: () => undefined };
  const worker = new TelemetryWorker(
    path.join(__dirname, "hangingTelemetry.entry.js"),
    path.join(folder, "spans.sqlite"),
    log,
  );
  after(async () => {
    await worker.client.restart();
    worker.dispose();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const receiving = (): Promise<void> =>
    new Promise((resolve) => {
      const listener = worker.onDidChange(() => {
        if (worker.state?.receiver.kind !== "receiving") return;
        listener.dispose();
        resolve();
      });
    });
  const post = async (port: number, spanId: string): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Connection: "close" },
      body: JSON.stringify(spanNow(spanId)),
    });
    return answer.status;
  };

  it("ends a worker that hangs, answers who asked, and receives on the same port again", async () => {
    const port = await freePort();
    const first = receiving();
    worker.receive(port);
    await first;
    assert.equal(await post(port, "a1".repeat(8)), 200);

    let starts = 0;
    worker.client.onDidStart(() => starts++);
    const again = receiving();
    const server = { url: "http://127.0.0.1:1", organization: "o", authorization: "Basic x", strictTls: true };
    const asked = [
      worker.discover({ id: "openobserve", server }, new vscode.CancellationTokenSource().token),
      worker.clear(),
      worker.look(),
    ].map((one) => assert.rejects(one, (error) => error instanceof Failure && /did not respond/.test(error.message)));
    await Promise.all(asked);
    await again;
    assert.equal(starts, 1);
    assert.equal(await post(port, "b2".repeat(8)), 200);
    const insight = await worker.insight({ range: { last: "24h" }, filters: [] }, new AbortController().signal);
    assert.equal(
      insight.features.reduce((sum, { calls }) => sum + calls, 0),
      2,
    );
    await worker.look();
    assert.equal(worker.state?.local?.spans, 2);
  });
});
