import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { encodeTraces } from "../openobserve/otlp";
import { requestOf, span } from "../unit/telemetry/spans";

/** Spans of a request: the largest batch of a batch span processor, by default. */
const SPANS = 512;
/** Milliseconds before figures are taken, and for which they are. */
const WARM_UP = 3_000;
const MEASURED = 8_000;
/** Milliseconds until an exporter gives up, by default. */
const EXPORTER_TIMEOUT = 10_000;

export interface LoadFigures {
  senders: number;
  /** Spans a second that were answered 200. */
  acknowledged: number;
  /** Milliseconds from a request's first byte to its 200, sorted. */
  waits: number[];
  /** Requests a second that were answered 503. */
  refused: number;
  /** Requests that failed, or were answered after an exporter's time-out. */
  lost: number;
}

/** How a sender goes on after a 503: at once, or after `Retry-After` as the official exporters do. */
export type Manners = "at once" | "Retry-After";

/** Sends for some seconds from so many senders at the same time, each with one request under way. */
export async function measureLoad(dist: string, senders: number, manners: Manners): Promise<LoadFigures> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-load-"));
  const child = spawn(
    process.execPath,
    [path.join(dist, "cli.js"), "receive", "--port", "0", "--db", path.join(folder, "spans.sqlite")],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const agent = new http.Agent({ keepAlive: true });
  const figures: LoadFigures = { senders, acknowledged: 0, waits: [], refused: 0, lost: 0 };
  try {
    const port = await new Promise<number>((resolve) => {
      createInterface({ input: child.stderr }).on("line", (line) =>
        resolve(Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1])),
      );
    });
    const start = performance.now() + WARM_UP;
    const end = start + MEASURED;
    const sender = async (): Promise<void> => {
      while (performance.now() < end) {
        const sent = performance.now();
        const { status, retryAfter } = await post(port, nextBody(), agent).catch(() => ({ status: 0, retryAfter: 1 }));
        const now = performance.now();
        if (now > start && now < end) {
          if (status === 200) {
            figures.acknowledged += SPANS;
            figures.waits.push(now - sent);
          } else if (status === 503) figures.refused++;
          if ((status !== 200 && status !== 503) || now - sent > EXPORTER_TIMEOUT) figures.lost++;
        }
        if (status !== 200 && manners === "Retry-After")
          await new Promise((resolve) => setTimeout(resolve, retryAfter * 1000 * (1 + Math.random())));
      }
    };
    await Promise.all(Array.from({ length: senders }, sender));
    figures.acknowledged /= MEASURED / 1000;
    figures.refused /= MEASURED / 1000;
    figures.waits.sort((a, b) => a - b);
    return figures;
  } finally {
    agent.destroy();
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

const MARK = "abcdef01";
const template = Buffer.from(
  encodeTraces(
    requestOf(
      Array.from({ length: SPANS }, (_, index) =>
        span({
          trace: MARK.repeat(4),
          id: MARK.repeat(2),
          at: Date.now() - index * 10,
          attributes: {
            feature: `feature ${index % 20}`,
            user_id: `user ${index}`,
            "gen_ai.usage.input_tokens": 1000 + index,
            "gen_ai.usage.output_tokens": 200,
            "gen_ai.usage.cost_usd": 0.0045,
            "gen_ai.input.messages": "A prompt, which is never read. ".repeat(10),
            "code.file.path": "app/main.py",
          },
        }),
      ),
    ),
  ),
);
const places: number[] = [];
for (let at = template.indexOf(MARK, 0, "hex"); at >= 0; at = template.indexOf(MARK, at + 4, "hex")) places.push(at);
let lastId = 0;

/** The same spans under new ids: the senders should cost little beside the receiver. */
function nextBody(): Buffer {
  const body = Buffer.from(template);
  // Four marks are a trace id, two more a span id.
  places.forEach((at, index) => body.writeUInt32BE(index % 6 === 0 ? ++lastId : lastId, at));
  return body;
}

function post(port: number, body: Buffer, agent: http.Agent): Promise<{ status: number; retryAfter: number }> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: "127.0.0.1",
        port,
        path: "/v1/traces",
        method: "POST",
        agent,
        headers: { "Content-Type": "application/x-protobuf", "Content-Length": body.length },
      },
      (response) =>
        response.resume().on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: Number(response.headers["retry-after"] ?? 1),
          }),
        ),
    );
    request.on("error", reject);
    request.end(body);
  });
}
