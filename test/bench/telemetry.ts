import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { Assets } from "../../src/core/assets";
import { PriceBook } from "../../src/core/pricing/price";
import { LocalStore } from "../../src/core/telemetry/local/localStore";
import { bucketFor } from "../../src/core/telemetry/range";
import { OpenObserveClient } from "../../src/core/telemetry/openobserve/client";
import { OpenObserveStore } from "../../src/core/telemetry/openobserve/openObserveStore";
import type { Filters } from "../../src/core/telemetry/spend";
import { encodeTraces } from "../openobserve/otlp";
import { Standin, dataset } from "../openobserve/standin";
import { requestOf, span } from "../unit/telemetry/spans";

const BATCH = 512;
const SENDERS = 4;
const DAY = 86_400_000;

export interface TelemetryFigures {
  spans: number;
  /** Spans a second that were answered, over HTTP, each on disk. */
  ingest: number;
  /** Milliseconds of a refresh, asked by another process as another window does. */
  refreshes: number[];
}

/** Fills a store of its own over HTTP with spans of 30 days (200 features, 5 models, 10,000 users), then asks it. */
export async function measureTelemetry(dist: string, spans: number): Promise<TelemetryFigures> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-bench-"));
  const db = path.join(folder, "spans.sqlite");
  const child = spawn(process.execPath, [path.join(dist, "cli.js"), "receive", "--port", "0", "--db", db], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    const port = await new Promise<number>((resolve) => {
      createInterface({ input: child.stderr }).on("line", (line) =>
        resolve(Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1])),
      );
    });
    const bodies = function* (): Generator<Uint8Array> {
      for (let start = 0; start < spans; start += BATCH) yield batch(start, Math.min(spans, start + BATCH), spans);
    };
    const waiting = bodies();
    let busy = 0;
    const agent = new http.Agent({ keepAlive: true });
    await Promise.all(
      Array.from({ length: SENDERS }, async () => {
        for (;;) {
          const made = waiting.next();
          if (made.done === true) return;
          const started = performance.now();
          await post(port, made.value, agent);
          busy += performance.now() - started;
        }
      }),
    );
    agent.destroy();
    return { spans, ingest: spans / (busy / SENDERS / 1000), refreshes: await refresh(dist, db) };
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

function batch(from: number, to: number, all: number): Uint8Array {
  const models = ["gpt-4o", "gpt-4o-mini", "o1", "gpt-4.1", "gpt-5"];
  const made = Array.from({ length: to - from }, (_, index) => {
    const number = from + index;
    const mixed = Math.imul(number, 2654435761) >>> 0;
    const hex = number.toString(16).padStart(8, "0");
    return span({
      trace: `${hex}${"c".repeat(24)}`,
      id: `${hex}${"d".repeat(8)}`,
      at: Date.now() - Math.floor(30 * DAY * (1 - number / all)),
      attributes: {
        "gen_ai.request.model": models[mixed % 5] ?? "",
        feature: `feature ${mixed % 200}`,
        team: `team ${mixed % 12}`,
        environment: mixed % 4 === 0 ? "dev" : "prod",
        user_id: `user ${mixed % 10_007}`,
        "gen_ai.usage.input_tokens": 1000 + (mixed % 500),
        "gen_ai.usage.output_tokens": 200,
        "gen_ai.usage.cost_usd": 0.0045,
        "gen_ai.latency.ttft_ms": 100 + (mixed % 900),
        "gen_ai.response.finish_reasons": ["stop"],
        "code.file.path": `app/${mixed % 200}.py`,
        "code.line.number": 12,
      },
      durationMs: 300 + (mixed % 5000),
    });
  });
  return encodeTraces(requestOf(made));
}

function post(port: number, body: Uint8Array, agent: http.Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: "127.0.0.1",
        port,
        path: "/v1/traces",
        method: "POST",
        agent,
        headers: { "Content-Type": "application/x-protobuf" },
      },
      (response) => {
        response
          .resume()
          .on("end", () =>
            response.statusCode === 200 ? resolve() : reject(new Error(`answered ${response.statusCode ?? 0}`)),
          );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** How often OpenObserve is asked for one refresh: the first, and one in which only the newest bucket changes. */
export async function requestsPerRefresh(dist: string): Promise<{ first: number; next: number }> {
  const { catalogue } = new Assets(dist);
  const prices = new PriceBook(null, catalogue);
  const standin = await Standin.start("v0.60.5");
  try {
    for (const request of dataset.requests) await standin.ingest(request);
    const store = new OpenObserveStore(
      new OpenObserveClient({ url: standin.url, organization: "default", authorization: Standin.authorization }),
      "llm",
    );
    const query = {
      fromUs: dataset.start * 1e6,
      toUs: dataset.end * 1e6,
      bucketUs: DAY * 1000,
      filters: {},
      withDetail: true,
    };
    const asked = async (): Promise<number> => {
      await store.spend(query, prices);
      return (await standin.takeSearches()).length;
    };
    return { first: await asked(), next: await asked() };
  } finally {
    standin.stop();
  }
}

async function refresh(dist: string, db: string): Promise<number[]> {
  const { catalogue } = new Assets(dist);
  const store = new LocalStore(db, { catalogue });
  const prices = new PriceBook(null, catalogue);
  const times: number[] = [];
  const filters: Filters[] = [
    {},
    { environment: ["prod"] },
    { team: ["team 3"] },
    { model: ["gpt-4o"] },
    { feature: ["feature 7"] },
  ];
  for (let run = 0; run < 4; run++) {
    for (const length of [DAY / 96, DAY / 24, DAY, 7 * DAY, 30 * DAY]) {
      for (const chosen of filters) {
        const toUs = Date.now() * 1000;
        const fromUs = toUs - length * 1000;
        const started = performance.now();
        await store.spend(
          { fromUs, toUs, bucketUs: bucketFor(fromUs, toUs), filters: chosen, withDetail: true },
          prices,
        );
        times.push(performance.now() - started);
      }
    }
  }
  await store.close();
  return times;
}
