import * as assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { LocalStore } from "../../../src/core/telemetry/local/localStore";
import { receiverMetrics } from "../../../src/core/telemetry/receiver/metrics";
import { Receiver } from "../../../src/core/telemetry/receiver/receiver";
import { encodeTraces } from "../../openobserve/otlp";
import { assets, root } from "../../unit/support";
import { requestOf, span } from "../../unit/telemetry/spans";

const run = promisify(execFile);
const MEGABYTE = 1024 * 1024;
const python = process.env["PROMPT_COST_PYTHON_NEW"] ?? "python3";
const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-overload-"));

/** A connection on which a test writes what it wants, and reads the status of every answer. */
async function rawConnection(port: number) {
  const socket = net.connect(port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  let received = "";
  const answered = new Promise<string>((resolve) =>
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (/\r\n\r\n/.test(received)) resolve(received);
    }),
  );
  socket.on("error", () => undefined);
  return { socket, answered };
}
const headers = (length: number | null): string =>
  [
    "POST /v1/traces HTTP/1.1",
    "Host: localhost",
    "Content-Type: application/json",
    length === null ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`,
    "\r\n",
  ].join("\r\n");

describe("Receiver under load", () => {
  let store: LocalStore;
  let receiver: Receiver;
  let port = 0;
  before(async () => {
    store = new LocalStore(path.join(folder, "spans.sqlite"), { catalogue: assets.catalogue });
    await store.ready();
  });
  beforeEach(async () => {
    receiver = new Receiver((spans) => store.write(spans));
    await receiver.start(0);
    port = receiver.port ?? 0;
  });
  afterEach(() => receiver.stop());
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("refuses before a byte of the body was sent, with 503 and when to come back", async () => {
    // A body that is large, and is not whole yet: there is no room for others beside it.
    const first = [await rawConnection(port)];
    first[0]?.socket.write(headers(20 * MEGABYTE) + " ".repeat(19 * MEGABYTE));
    while (receiver.metrics.queue.bytes < 19 * MEGABYTE) await new Promise((resolve) => setTimeout(resolve, 10));
    const next = await rawConnection(port);
    next.socket.write(headers(20 * MEGABYTE));
    const answer = await next.answered;
    assert.match(answer, /^HTTP\/1\.1 503 /);
    assert.match(answer, /Retry-After: [1-9]/);
    assert.match(answer, /"code":14/);
    assert.equal(next.socket.bytesWritten, headers(20 * MEGABYTE).length, "nothing but headers was sent");
    assert.ok(receiver.metrics.refused.some(({ status, reason }) => status === 503 && reason === "overloaded"));
    // One is in; what it holds goes back when its sender leaves.
    assert.equal(receiver.metrics.queue.requests, 1);
    for (const { socket } of [...first, next]) socket.destroy();
    while (receiver.metrics.queue.requests > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(
      { ...receiver.metrics.queue, bytesPerSecond: 0 },
      { requests: 0, spans: 0, bytes: 0, held: 0, bytesPerSecond: 0 },
    );
  });

  it("takes the next request on a connection whose last one was refused unread", async () => {
    const { socket } = await rawConnection(port);
    const body = JSON.stringify(requestOf([span({ at: Date.now() })]));
    let received = "";
    const both = new Promise<void>((resolve) =>
      socket.on("data", (chunk) => {
        received += chunk.toString("latin1");
        if ((received.match(/HTTP\/1\.1/g) ?? []).length === 2) resolve();
      }),
    );
    const refused = headers(1000).replace("application/json", "text/plain");
    socket.write(refused + "x".repeat(1000));
    socket.write(headers(Buffer.byteLength(body)) + body);
    await both;
    assert.deepEqual(received.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 415", "HTTP/1.1 200"]);
    socket.destroy();
  });

  describe("with hundreds of slow senders", () => {
    let slow: net.Socket[] = [];
    let drip: NodeJS.Timeout;
    const limits = { all: 1500, idle: 1000, late: 100 };
    const post = (at: number) =>
      fetch(`http://127.0.0.1:${port}/v1/traces`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(requestOf([span({ at })])),
      });
    beforeEach(async () => {
      await receiver.stop();
      receiver = new Receiver((spans) => store.write(spans), undefined, limits);
      await receiver.start(0);
      port = receiver.port ?? 0;
    });
    afterEach(() => {
      clearInterval(drip);
      for (const socket of slow) socket.destroy();
    });

    for (const [name, start, next] of [
      ["that announce much and send a byte from time to time", headers(20 * MEGABYTE), " "],
      ["that send chunks without an end", headers(null), "1\r\n \r\n"],
      ["whose headers never end", "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\n", "X: y\r\n"],
    ] as const)
      it(`serves honest ones beside those ${name}`, async () => {
        slow = (await Promise.all(Array.from({ length: 300 }, () => rawConnection(port)))).map(({ socket }) => socket);
        for (const socket of slow) socket.write(start);
        drip = setInterval(() => slow.forEach((socket) => socket.write(next)), 50);
        for (let sent = 0; sent < 20; sent++) {
          const started = performance.now();
          assert.equal((await post(Date.now())).status, 200);
          assert.ok(performance.now() - started < 1500, `it waited ${performance.now() - started} ms`);
        }
      });

    it("gives up a body that doesn't come in time, however it drips, and one whose sender has gone", async () => {
      for (const isDripping of [true, false]) {
        const { socket, answered } = await rawConnection(port);
        socket.write(`${headers(20 * MEGABYTE)}{`);
        if (isDripping) drip = setInterval(() => socket.write(" "), 50);
        assert.match(await answered, /^HTTP\/1\.1 408 .*"the body did not come within 1(\.5)? s"/s);
        clearInterval(drip);
        socket.destroy();
      }
      assert.equal(receiver.metrics.queue.requests, 0);
      const half = await rawConnection(port);
      half.socket.end(`${headers(20 * MEGABYTE)}{`);
      await new Promise((resolve) => half.socket.once("close", resolve));
      while (receiver.metrics.queue.requests > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(receiver.metrics.queue.bytes, 0);
    });
  });

  it("tells a sender that asks first, and never gets what it refuses", async () => {
    const ask = async (length: number): Promise<string> => {
      const { socket, answered } = await rawConnection(port);
      socket.write(headers(length).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n"));
      const answer = await answered;
      socket.destroy();
      return answer.split("\r\n")[0] ?? "";
    };
    assert.equal(await ask(10), "HTTP/1.1 100 Continue");
    assert.match(await ask(21 * MEGABYTE), /^HTTP\/1\.1 413 /);
  });

  describe("and a body that is too large", () => {
    const file = path.join(folder, "large");
    const sizes = [21 * MEGABYTE, 100 * MEGABYTE];
    before(() => writeFileSync(file, Buffer.alloc(sizes[1] ?? 0, 32)));

    it("answers 413 to Node's client and to fetch, with and without a length", async () => {
      for (const size of sizes)
        for (const isChunked of [false, true]) {
          const body = Buffer.alloc(size, 32);
          const status = await new Promise<number>((resolve, reject) => {
            const request = http.request(
              {
                host: "127.0.0.1",
                port,
                path: "/v1/traces",
                method: "POST",
                headers: {
                  "Content-Type": "application/json",
                  ...(isChunked ? { "Transfer-Encoding": "chunked" } : { "Content-Length": size }),
                },
              },
              (response) => response.resume().on("end", () => resolve(response.statusCode ?? 0)),
            );
            request.on("error", reject);
            for (let at = 0; at < size; at += MEGABYTE) request.write(body.subarray(at, at + MEGABYTE));
            request.end();
          });
          assert.equal(status, 413, `${size} bytes, ${isChunked ? "chunked" : "with a length"}`);
        }
      const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: Buffer.alloc(21 * MEGABYTE, 32),
      });
      assert.equal(response.status, 413);
      assert.match(await response.text(), /larger than 20 MB/);
    });

    it("answers 413 to curl, that asks first or doesn't", async () => {
      for (const more of [[], ["-H", "Expect:"], ["-H", "Transfer-Encoding: chunked", "-H", "Expect:"]]) {
        const { stdout } = await run("curl", [
          ...["-sS", "-o", path.join(folder, "answer"), "-w", "%{http_code}", "-X", "POST"],
          ...["-H", "Content-Type: application/json", ...more, "--data-binary", `@${file}`],
          `http://127.0.0.1:${port}/v1/traces`,
        ]);
        assert.equal(stdout, "413", more.join(" "));
      }
    });

    it("answers 413 to Python's requests and urllib, with and without a length", async () => {
      const { stdout } = await run(python, [
        "-c",
        `
import requests, urllib.request, urllib.error
url = "http://127.0.0.1:${port}/v1/traces"
kind = {"Content-Type": "application/json"}
seen = []
for size in (${sizes.join(", ")}):
    body = b" " * size
    seen.append(requests.post(url, data=body, headers=kind).status_code)
    seen.append(requests.post(url, data=(body[at:at + 65536] for at in range(0, size, 65536)), headers=kind).status_code)
    try: urllib.request.urlopen(urllib.request.Request(url, data=body, headers=kind))
    except urllib.error.HTTPError as error: seen.append(error.code)
print(*seen)`,
      ]);
      assert.equal(stdout.trim(), "413 413 413 413 413 413");
    });

    it("answers 413 to the official exporters of Node and Python", async () => {
      const { BasicTracerProvider, SimpleSpanProcessor } = await import("@opentelemetry/sdk-trace-node");
      const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
      const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` });
      const failed = new Promise<number | undefined>((resolve) => {
        const send = exporter.export.bind(exporter);
        exporter.export = (spans, done) =>
          send(spans, (result) => {
            const { error } = result;
            resolve(error !== undefined && "code" in error ? Number(error.code) : undefined);
            done(result);
          });
      });
      const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
      const large = "x".repeat(21 * MEGABYTE);
      provider.getTracer("test").startSpan("chat", { attributes: { large } }).end();
      assert.equal(await failed, 413);
      await provider.shutdown();
      const { stderr } = await run(python, [
        "-c",
        `
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter("http://127.0.0.1:${port}/v1/traces")))
with provider.get_tracer("test").start_as_current_span("chat", attributes={"large": "x" * ${21 * MEGABYTE}}): pass
provider.shutdown()`,
      ]);
      assert.match(stderr, /413/);
    });

    it("answers 413 to bodies that unpack to more", async () => {
      for (const bomb of [gzipSync(Buffer.alloc(300 * MEGABYTE)), gzipSync(gzipSync(Buffer.alloc(21 * MEGABYTE)))]) {
        const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
          method: "POST",
          headers: { "Content-Type": "application/x-protobuf", "Content-Encoding": "gzip" },
          body: bomb,
        });
        // What unpacks once to something small, and is no protobuf, is malformed.
        assert.equal(response.status, bomb.length > 100_000 ? 413 : 400);
      }
      assert.equal(receiver.metrics.queue.bytes, 0);
    });
  });

  it("counts what it did, by reason, and nothing that a sender wrote", async () => {
    const secret = "SECRET-TEXT";
    const post = (body: string | Uint8Array<ArrayBuffer>, type: string, encoding = "identity") =>
      fetch(`http://127.0.0.1:${port}/v1/traces`, {
        method: "POST",
        headers: { "Content-Type": type, "Content-Encoding": encoding },
        body,
      });
    const call = span({ at: Date.now(), attributes: { feature: secret, user_id: secret } });
    const milliseconds = { ...call, startTimeUnixNano: String(Date.now()) };
    const notACall = span({ at: Date.now(), attributes: { "gen_ai.operation.name": "execute_tool" } });
    const broken = span({ at: Date.now(), attributes: { "gen_ai.usage.cost_usd": -1 } });
    const body = new Uint8Array(encodeTraces(requestOf([call, milliseconds, notACall, broken])));
    await post(body, "application/x-protobuf");
    await post(body, "application/x-protobuf");
    await post(`{${secret}`, "application/json");
    await post(secret, `text/${secret}`);
    await post(secret, "application/json", secret);
    const { since, queue, ...counts } = receiverMetrics.parse(receiver.metrics);
    assert.ok(Date.parse(since) <= Date.now());
    assert.deepEqual([queue.requests, queue.bytes, queue.spans, queue.held], [0, 0, 0, 0]);
    assert.deepEqual(counts, {
      requests: { received: 5, accepted: 2, refused: 3, gone: 0 },
      spans: { stored: 2, duplicate: 2, dropped: 2, other: 2 },
      refused: [
        { status: 400, reason: "malformed", requests: 1 },
        { status: 415, reason: "unknown-content-type", requests: 1 },
        { status: 415, reason: "unknown-encoding", requests: 1 },
      ],
      dropped: [{ reason: "start-in-milliseconds", spans: 2 }],
      warnings: [{ reason: "cost-ignored", spans: 2 }],
    });
    assert.ok(!JSON.stringify(receiver.metrics).includes(secret));
  });
});

describe("prompt-cost receive --json", () => {
  it("prints its metrics at the start and at the end, an object a line", async () => {
    const db = path.join(mkdtempSync(path.join(os.tmpdir(), "prompt-cost-json-")), "spans.sqlite");
    const child = spawn(
      process.execPath,
      [path.join(root, "dist", "cli.js"), "receive", "--port", "0", "--db", db, "--json"],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () =>
      JSON.parse(String((await lines.next()).value)) as {
        role: string;
        port: number | null;
        store: { calls: number; databaseBytes: number; logBytes: number };
        receiver: unknown;
      };
    try {
      const first = await next();
      assert.equal(first.role, "owner");
      assert.deepEqual(receiverMetrics.parse(first.receiver).requests.received, 0);
      assert.ok(first.port !== null && first.store.databaseBytes > 0);
      await fetch(`http://127.0.0.1:${first.port}/v1/traces`, {
        method: "POST",
        headers: { "Content-Type": "application/x-protobuf" },
        body: Buffer.from(
          encodeTraces(requestOf([span({ at: Date.now() }), span({ at: Date.now() - 90 * 86_400_000 })])),
        ),
      });
      child.kill("SIGTERM");
      const last = await next();
      const { spans, requests, dropped } = receiverMetrics.parse(last.receiver);
      assert.deepEqual(
        { calls: last.store.calls, stored: spans.stored, accepted: requests.accepted, dropped },
        { calls: 1, stored: 1, accepted: 1, dropped: [{ reason: "too-old", spans: 1 }] },
      );
      assert.ok(last.store.logBytes > 0);
    } finally {
      child.kill("SIGKILL");
      rmSync(path.dirname(db), { recursive: true, force: true });
    }
  });
});
