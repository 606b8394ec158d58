import * as assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { encodeTraces } from "../../openobserve/otlp";
import { requestOf } from "../../unit/telemetry/spans";
import { Ledger } from "../ledger";
import { ReceiverProcess, exportStore, sendBatches } from "../receiverProcess";
import { type Scenario, between, pick } from "../scenario";

const ANSWERS = new Set([200, 400, 403, 404, 405, 413, 415, 429, 503]);
const LARGEST_MEMORY = 1_000_000_000;

/** Bodies that no exporter sends, between the batches of honest senders. */
export const hostileBodies: Scenario = {
  name: "hostile bodies",
  async round(folder) {
    const store = path.join(folder, "spans.sqlite");
    const ledger = new Ledger();
    const receiver = new ReceiverProcess(store);
    const port = await receiver.ready();
    let isDone = false;
    const sender = sendBatches(port, ledger, () => isDone);
    const bodies = between(200, 600);
    for (let sent = 0; sent < bodies; sent++) {
      const { body, headers } = hostile();
      const response = await fetch(`http://127.0.0.1:${port}/v1/${pick(["traces", "traces", "metrics", "logs"])}`, {
        method: "POST",
        headers: { "Content-Type": pick(["application/x-protobuf", "application/json"]), ...headers },
        body: Uint8Array.from(body),
      }).catch((error: unknown) => error);
      if (response instanceof Response) {
        assert.ok(ANSWERS.has(response.status), `it answered ${response.status}`);
        await response.arrayBuffer();
      }
    }
    isDone = true;
    await sender;
    const memory = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${receiver.pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
    assert.ok(memory < LARGEST_MEMORY, `it took ${Math.round(memory / 1e6)} MB`);
    await receiver.end("SIGTERM");
    ledger.check(exportStore(store), true);
    return { bodies, sent: ledger.sentCount, confirmed: ledger.confirmedCount };
  },
};

function hostile(): { body: Buffer; headers: Record<string, string> } {
  const honest = Buffer.from(encodeTraces(requestOf(new Ledger().next(between(1, 20)))));
  switch (between(0, 6)) {
    case 0:
      return { body: randomBytes(between(0, 5000)), headers: {} };
    case 1:
      return { body: honest.subarray(0, between(0, honest.length)), headers: {} };
    case 2:
      for (let flips = between(1, 10); flips > 0; flips--) honest[between(0, honest.length - 1)] = between(0, 255);
      return { body: honest, headers: {} };
    case 3:
      return { body: gzipSync(Buffer.alloc(between(1, 60) * 2 ** 20)), headers: { "Content-Encoding": "gzip" } };
    case 4:
      return { body: honest, headers: { "Content-Encoding": pick(["gzip", "deflate", "br", "\tgzip"]) } };
    case 5:
      return { body: Buffer.from("[".repeat(between(1, 200_000))), headers: {} };
    default:
      return { body: Buffer.from(JSON.stringify({ resourceSpans: [null, 5, { scopeSpans: "x" }] })), headers: {} };
  }
}
