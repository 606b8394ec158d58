import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { encodeTraces } from "../openobserve/otlp";
import { requestOf } from "../unit/telemetry/spans";
import type { Ledger, StoredCall } from "./ledger";

export const cli = path.resolve("dist", "cli.js");
const faults = path.resolve("test", "soak", "faults");

interface Options {
  /** Names of files in `faults`, loaded into the process before anything else. */
  faults?: string[];
  environment?: Record<string, string>;
  /** What runs the command, such as `unshare`; it ends with what comes before the program. */
  under?: [program: string, ...args: string[]];
}

/** A `prompt-cost receive` that may die at any time. */
export class ReceiverProcess {
  readonly ended: Promise<void>;
  /** Resolves with its port once it receives; null where it ends before. */
  readonly port: Promise<number | null>;
  readonly lines: string[] = [];
  private readonly child: ChildProcess;

  constructor(
    readonly store: string,
    options: Options = {},
  ) {
    const preloads = (options.faults ?? []).flatMap((name) => ["--require", path.join(faults, name)]);
    const command = [process.execPath, ...preloads, cli, "receive", "--port", "0", "--db", store];
    const [program = "", ...args] = [...(options.under ?? []), ...command];
    this.child = spawn(program, args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...options.environment },
    });
    this.ended = new Promise((resolve) => this.child.once("exit", () => resolve()));
    this.port = new Promise((resolve) => {
      if (this.child.stderr === null) return;
      createInterface({ input: this.child.stderr }).on("line", (line) => {
        this.lines.push(line);
        const port = /127\.0\.0\.1:(\d+) into/.exec(line)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
      void this.ended.then(() => resolve(null));
    });
  }

  /** Waits until it receives. @throws where it ends before. */
  async ready(): Promise<number> {
    const port = await this.port;
    if (port === null) throw new Error(`the receiver ended: ${this.lines.join(" ")}`);
    return port;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }
}

/** Sends batches one after the other, and keeps the ledger, until the receiver is gone or `isDone` says so. */
export async function sendBatches(port: number, ledger: Ledger, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    const spans = ledger.next(1 + Math.floor(Math.random() * 100));
    try {
      const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
        method: "POST",
        headers: { "Content-Type": "application/x-protobuf" },
        body: Buffer.from(encodeTraces(requestOf(spans))),
      });
      const answer = await response.arrayBuffer();
      // An answer with a body is a partial success: which spans it is about isn't said.
      if (response.status === 200 && answer.byteLength === 0) ledger.confirm(spans);
      else ledger.leaveOpen(spans);
    } catch {
      ledger.leaveOpen(spans);
      return;
    }
  }
}

const storedCall = z.object({ spanId: z.string(), costUsd: z.number().nullable() });

/** All calls of a store that no process holds. @throws where the command fails. */
export function exportStore(store: string): StoredCall[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "store", "export", "--db", store], {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`store export ended with ${String(status)}: ${stderr}`);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => storedCall.parse(JSON.parse(line)));
}
