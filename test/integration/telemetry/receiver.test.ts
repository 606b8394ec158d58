import * as assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { LocalStore } from "../../../src/core/telemetry/local/localStore";
import { Receiver } from "../../../src/core/telemetry/receiver/receiver";
import { type TracesRequest, encodeTraces } from "../../openobserve/otlp";
import { assets, root } from "../../unit/support";
import { requestOf, span } from "../../unit/telemetry/spans";

const cli = path.join(root, "dist", "cli.js");
const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-receiver-"));
const paid = (usd: number, at = Date.now() - 60_000, more: Record<string, string | number> = {}) =>
  span({
    at,
    attributes: {
      feature: "f",
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 10,
      "gen_ai.usage.cost_usd": usd,
      ...more,
    },
  });

interface Sent {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** Sends as a program would; `fetch` lets nobody choose Host. */
function send(
  port: number,
  {
    path: target = "/v1/traces",
    method = "POST",
    headers = {},
    body = "",
  }: { path?: string; method?: string; headers?: Record<string, string>; body?: string | Uint8Array },
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, path: target, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}
const protobuf = { "Content-Type": "application/x-protobuf" };
const json = { "Content-Type": "application/json" };
const sendSpans = (port: number, request: TracesRequest) =>
  send(port, { headers: protobuf, body: encodeTraces(request) });

/** `prompt-cost receive` as a process of its own. */
async function receive(db: string, port = 0): Promise<{ child: ChildProcess; port: number; lines: string[] }> {
  const child = spawn(process.execPath, [cli, "receive", "--port", String(port), "--db", db], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const lines: string[] = [];
  const found = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.push(line);
      const listening = /127\.0\.0\.1:(\d+) into/.exec(line)?.[1];
      if (listening !== undefined) resolve(Number(listening));
      else if (/takes over|taken by another/.test(line)) resolve(0);
    });
    child.once("exit", () => reject(new Error(lines.join("\n"))));
  });
  return { child, port: found, lines };
}
const spent = (db: string): { total: { costUsd: number; calls: number }; groups: { key: string; calls: number }[] } => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [cli, "spend", "--since", "30d", "--db", db, "--json"],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as ReturnType<typeof spent>;
};
const until = async (check: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 200; tries++) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it never came to be");
};
const stop = (child: ChildProcess, signal: NodeJS.Signals = "SIGTERM") =>
  new Promise((resolve) => child.once("exit", resolve).kill(signal));

describe("Receiver", () => {
  const file = path.join(folder, "receiver.sqlite");
  const store = new LocalStore(file, { catalogue: assets.catalogue });
  const receiver = new Receiver((spans) => store.write(spans));
  let port = 0;
  before(async () => {
    await store.ready();
    await receiver.start(0);
    port = receiver.port ?? 0;
  });
  after(async () => {
    await receiver.stop();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const calls = async () => (await store.status()).spans;

  it("takes protobuf and JSON, plain and gzipped, and answers in kind", async () => {
    const before = await calls();
    const request = (): TracesRequest => requestOf([paid(0.01)]);
    const answers = [
      await send(port, { headers: protobuf, body: encodeTraces(request()) }),
      await send(port, {
        headers: { ...protobuf, "Content-Encoding": "gzip" },
        body: gzipSync(encodeTraces(request())),
      }),
      await send(port, {
        headers: { "Content-Type": "application/json; charset=utf-8" },
        body: JSON.stringify(request()),
      }),
      await send(port, { headers: { ...json, "Content-Encoding": "gzip" }, body: gzipSync(JSON.stringify(request())) }),
    ];
    assert.deepEqual(
      answers.map(({ status, headers, body }) => [status, headers["content-type"], body.toString()]),
      [
        [200, "application/x-protobuf", ""],
        [200, "application/x-protobuf", ""],
        [200, "application/json", "{}"],
        [200, "application/json", "{}"],
      ],
    );
    assert.equal(await calls(), before + 4);
  });

  it("says which part it could not take, and takes the rest", async () => {
    const before = await calls();
    const bad = { ...paid(1), traceId: "0".repeat(32) };
    const { status, body } = await send(port, { headers: json, body: JSON.stringify(requestOf([paid(0.01), bad])) });
    assert.deepEqual(
      [status, JSON.parse(body.toString())],
      [
        200,
        {
          partialSuccess: {
            rejectedSpans: "1",
            errorMessage: "1 span rejected: the trace id or span id is missing or malformed.",
          },
        },
      ],
    );
    assert.match((await sendSpans(port, requestOf([bad]))).body.toString("latin1"), /1 span rejected/);
    assert.equal(await calls(), before + 1);
  });

  it("answers why spans were rejected or accepted with a warning, by reason", async () => {
    const before = await calls();
    const milliseconds = { ...paid(1), startTimeUnixNano: String(Date.now()), endTimeUnixNano: String(Date.now()) };
    const spans = [
      milliseconds,
      { ...milliseconds, spanId: "1".repeat(16) },
      paid(0.01, Date.now(), { "gen_ai.usage.input_tokens": 1e12 }),
      paid(-4),
      paid(0.01),
    ];
    const message =
      "2 spans rejected: start time looks like milliseconds; OTLP wants nanoseconds. " +
      "1 span rejected: a token count is not a whole number from 0 to 100,000,000. " +
      "1 span accepted with a warning: the cost is not a number of USD from 0 to 100,000; it is priced from its tokens, or unknown.";
    const inJson = await send(port, { headers: json, body: JSON.stringify(requestOf(spans)) });
    assert.deepEqual(
      [inJson.status, JSON.parse(inJson.body.toString())],
      [200, { partialSuccess: { rejectedSpans: "3", errorMessage: message } }],
    );
    const inProtobuf = await sendSpans(port, requestOf(spans.slice(3, 4)));
    assert.match(inProtobuf.body.toString("latin1"), /^\n.*1 span accepted with a warning: the cost/s);
    assert.equal(await calls(), before + 2);
    const snake = await send(port, { headers: json, body: '{"resource_spans":[]}' });
    assert.deepEqual([snake.status, /use lowerCamelCase/.test(snake.body.toString())], [400, true]);
  });

  it("takes metrics and logs too, and keeps nothing of them", async () => {
    for (const signal of ["/v1/metrics", "/v1/logs"]) {
      assert.equal((await send(port, { path: signal, headers: json, body: '{"resourceMetrics":[]}' })).status, 200);
      assert.equal((await send(port, { path: signal, headers: protobuf, body: new Uint8Array() })).status, 200);
      assert.equal((await send(port, { path: signal, headers: json, body: "[" })).status, 400);
    }
  });

  it("refuses what the specification has it refuse", async () => {
    const status = async (options: Parameters<typeof send>[1]) => (await send(port, options)).status;
    assert.equal(await status({ headers: protobuf, body: "no protobuf" }), 400);
    assert.equal(await status({ headers: json, body: "{" }), 400);
    assert.equal(await status({ headers: json, body: '{"resourceSpans":{"a":1}}' }), 400);
    assert.equal(await status({ headers: { ...json, "Content-Encoding": "gzip" }, body: "{}" }), 400);
    assert.equal(await status({ headers: { "Content-Type": "text/plain" }, body: "{}" }), 415);
    assert.equal(await status({ headers: { ...json, "Content-Encoding": "zstd" }, body: "{}" }), 415);
    assert.equal(await status({ headers: json, body: Buffer.alloc(20 * 1024 * 1024 + 1, 32) }), 413);
    assert.equal(
      await status({
        headers: { ...json, "Content-Encoding": "gzip" },
        body: gzipSync(Buffer.alloc(21 * 1024 * 1024)),
      }),
      413,
    );
    assert.equal(await status({ method: "GET" }), 405);
    assert.equal(await status({ path: "/v1/profiles", headers: json, body: "{}" }), 404);
  });

  it("refuses web pages and foreign hosts before it reads anything", async () => {
    const body = JSON.stringify(requestOf([paid(1)]));
    const before = await calls();
    for (const headers of [
      { Host: "evil.example" },
      { Host: `evil.example:${port}` },
      { Origin: "http://localhost" },
      { Origin: "null" },
    ])
      assert.equal((await send(port, { headers: { ...json, ...headers }, body })).status, 403);
    assert.equal(
      (await send(port, { method: "OPTIONS", headers: { Origin: "http://a" } })).headers["access-control-allow-origin"],
      undefined,
    );
    assert.equal(await calls(), before);
  });

  it("survives every kind of broken body", async () => {
    const whole = encodeTraces(requestOf([paid(0.5)]));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(whole.length), async (noise, at) => {
        const body = Buffer.concat([whole.subarray(0, at), noise, whole.subarray(at)]);
        assert.ok([200, 400].includes((await send(port, { headers: protobuf, body })).status));
        assert.ok(
          [200, 400].includes(
            (
              await send(port, {
                headers: json,
                body: JSON.stringify({
                  resourceSpans: [
                    {
                      scopeSpans: [
                        {
                          spans: [
                            { traceId: String(at), attributes: [{ key: "k", value: { arrayValue: [...noise] } }] },
                          ],
                        },
                      ],
                    },
                  ],
                }),
              })
            ).status,
          ),
        );
      }),
      { numRuns: 100 },
    );
    assert.equal((await sendSpans(port, requestOf([paid(0.5)]))).status, 200);
  });

  it("never stores a prompt, whatever it is called", async () => {
    const secret = "SECRET-PROMPT-TEXT";
    const texts = [
      "gen_ai.input.messages",
      "gen_ai.prompt.0.content",
      "gen_ai.completion",
      "prompt",
      "input.value",
      "gen_ai.system_instructions",
      "llm.prompts",
    ];
    await sendSpans(
      port,
      requestOf([paid(0.5, Date.now(), Object.fromEntries(texts.map((name) => [name, secret])))], {
        "service.name": "app",
        "process.command_args": secret,
      }),
    );
    await send(port, {
      path: "/v1/logs",
      headers: json,
      body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: secret } }] }] }] }),
    });
    for (const name of readdirSync(folder).filter((one) => one.startsWith("receiver.sqlite"))) {
      if (/\.(lock|owner)$/.test(name)) continue;
      assert.ok(!readFileSync(path.join(folder, name)).includes(secret), name);
    }
  });

  it("takes what the official exporters of Node and Python send", async () => {
    const before = await calls();
    const { BasicTracerProvider, SimpleSpanProcessor } = await import("@opentelemetry/sdk-trace-node");
    for (const module of [
      await import("@opentelemetry/exporter-trace-otlp-proto"),
      await import("@opentelemetry/exporter-trace-otlp-http"),
    ]) {
      const provider = new BasicTracerProvider({
        spanProcessors: [
          new SimpleSpanProcessor(new module.OTLPTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` })),
        ],
      });
      provider
        .getTracer("test")
        .startSpan("chat gpt-4o", {
          attributes: {
            "gen_ai.request.model": "gpt-4o",
            feature: "node",
            "gen_ai.usage.input_tokens": 3,
            "gen_ai.usage.cost_usd": 0.25,
          },
        })
        .end();
      await provider.shutdown();
    }
    const python = spawn(
      process.env["PROMPT_COST_PYTHON_NEW"] ?? "python3",
      [
        "-c",
        `
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter, Compression
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter("http://127.0.0.1:${port}/v1/traces", compression=Compression.Gzip)))
with provider.get_tracer("test").start_as_current_span("chat gpt-4o", attributes={"gen_ai.request.model": "gpt-4o", "feature": "python", "gen_ai.usage.output_tokens": 7, "gen_ai.usage.cost_usd": 0.5}): pass
provider.shutdown()`,
      ],
      { stdio: "inherit" },
    );
    assert.equal(await new Promise((resolve) => python.once("exit", resolve)), 0);
    assert.equal(await calls(), before + 3);
  });
});

describe("Local store of several processes", () => {
  const fresh = (): string => path.join(mkdtempSync(path.join(os.tmpdir(), "prompt-cost-shared-")), "spans.sqlite");

  it("keeps every batch that was answered, through kill -9 in the middle of others", async () => {
    const db = fresh();
    const answered: number[] = [];
    for (let round = 0; round < 3; round++) {
      const { child, port } = await receive(db);
      const feature = (batch: number): string => `batch ${round}.${batch}`;
      let sent = 0;
      const senders = Array.from({ length: 4 }, async () => {
        for (;;) {
          const batch = sent++;
          try {
            const spans = Array.from({ length: 50 }, (_, index) =>
              paid(0.001, Date.now() - index * 1000, { feature: feature(batch) }),
            );
            if ((await sendSpans(port, requestOf(spans))).status === 200) answered.push(round * 1e6 + batch);
          } catch {
            return;
          }
        }
      });
      await until(() => answered.filter((one) => one >= round * 1e6).length > 30);
      await stop(child, "SIGKILL");
      await Promise.all(senders);
    }
    const store = new LocalStore(db, { catalogue: assets.catalogue });
    await store.ready();
    const { spans, notice } = await store.status();
    await store.close();
    assert.equal(notice, null, "the database is whole");
    assert.ok(spans >= answered.length * 50, `${spans} spans of ${answered.length * 50} answered ones`);
    assert.equal(spans % 50, 0, "a batch is there whole or not at all");
  });

  it("lets the first receive and all read; when the first goes, another takes over", async () => {
    const db = fresh();
    const first = await receive(db);
    await sendSpans(first.port, requestOf([paid(0.25)]));
    const second = await receive(db, first.port);
    assert.equal(second.port, 0);
    assert.match(second.lines.join(), /takes over when that one closes/);
    assert.equal(spent(db).total.costUsd, 0.25);
    await stop(first.child, "SIGKILL");
    await until(() => second.lines.some((line) => line.includes(`127.0.0.1:${first.port} into`)));
    await sendSpans(first.port, requestOf([paid(0.5)]));
    assert.deepEqual([spent(db).total.costUsd, spent(db).total.calls], [0.75, 2]);
    await stop(second.child);
    assert.equal(spent(db).total.costUsd, 0.75);
  });

  it("says plainly that the port is another program's, and takes it once it is free", async () => {
    const other = http.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const { child, lines } = await receive(fresh(), port);
    assert.match(
      lines.join(),
      new RegExp(`Port ${port} is taken by another program, such as an OpenTelemetry Collector. Stop that program`),
    );
    other.close();
    await until(() => lines.some((line) => line.startsWith("Receiving")));
    await stop(child);
  });

  it("sets a damaged database aside, keeps it, and says so", async () => {
    const db = fresh();
    const first = await receive(db);
    await sendSpans(first.port, requestOf(Array.from({ length: 2000 }, () => paid(0.1))));
    await stop(first.child);
    const bytes = readFileSync(db);
    for (const damage of [
      Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(8092, 7), bytes.subarray(8192)]),
      Buffer.concat([bytes.subarray(0, 8192), Buffer.alloc(bytes.length - 8192, 7)]),
    ]) {
      writeFileSync(db, damage);
      const store = new LocalStore(db, { catalogue: assets.catalogue });
      await store.ready();
      const { notice, spans } = await store.status();
      await store.close();
      assert.equal(spans, 0);
      const kept = /kept as (.+?),/.exec(notice ?? "")?.[1] ?? "";
      assert.ok(
        existsSync(kept) && readFileSync(kept).subarray(4096).equals(damage.subarray(4096)),
        notice ?? "no notice",
      );
    }
  });

  it("enforces retention and forgets when told", async () => {
    const store = new LocalStore(fresh(), {
      catalogue: assets.catalogue,
      limits: { retentionDays: 30, maxBytes: 1e9 },
    });
    const receiver = new Receiver((spans) => store.write(spans));
    await store.ready();
    await receiver.start(0);
    const day = 86_400_000;
    const { status, body } = await send(receiver.port ?? 0, {
      headers: json,
      body: JSON.stringify(requestOf([paid(1, Date.now() - 29 * day), paid(1, Date.now() - 40 * day), paid(1)])),
    });
    assert.deepEqual(
      [status, JSON.parse(body.toString())],
      [
        200,
        {
          partialSuccess: {
            rejectedSpans: "1",
            errorMessage: "1 span rejected: older than the retention period of the local store.",
          },
        },
      ],
    );
    assert.equal((await store.status()).spans, 2);
    await store.clear();
    assert.equal((await store.status()).spans, 0);
    await sendSpans(receiver.port ?? 0, requestOf([paid(1)]));
    assert.equal((await store.status()).spans, 1);
    await receiver.stop();
    await store.close();
  });

  it("drops the oldest days when the size limit is reached", async () => {
    const store = new LocalStore(fresh(), {
      catalogue: assets.catalogue,
      limits: { retentionDays: 30, maxBytes: 300_000 },
    });
    const receiver = new Receiver((spans) => store.write(spans));
    await store.ready();
    await receiver.start(0);
    for (let day = 20; day >= 0; day--)
      await sendSpans(
        receiver.port ?? 0,
        requestOf(Array.from({ length: 1000 }, (_, index) => paid(1, Date.now() - day * 86_400_000 - index * 10))),
      );
    const { spans, notice } = await store.status();
    assert.ok(spans > 500 && spans < 21_000, String(spans));
    assert.match(notice ?? "", /size limit/);
    await receiver.stop();
    await store.close();
  });
});
