import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { type TracesRequest, encodeTraces } from "./otlp";

export const versions = ["v0.60.5", "v0.14.7"] as const;
export type Version = (typeof versions)[number];

const folder = path.join(process.cwd(), "test", "openobserve");
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(folder, "recorded", file), "utf8"));

const exchange = z.object({
  name: z.string(),
  request: z.object({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown(),
  }),
  response: z.object({ status: z.number(), body: z.unknown() }),
});
export type Exchange = z.infer<typeof exchange>;

/** What a real server of a version was asked and answered, in order. */
export const recordedExchanges = (version: Version): Exchange[] => z.array(exchange).parse(read(`${version}.json`));

/** The spans that the recorded searches are over: 334, from `start` to `end` (seconds since 1970). */
export const dataset = read("dataset.json") as { start: number; end: number; requests: TracesRequest[] };

export interface Fault {
  /** Part of the address that fails. */
  path: string;
  status?: number;
  body?: unknown;
  type?: string;
  /** Seconds before the answer. */
  delay?: number;
  /** How many answers fail; without it, all until another fault is set. */
  times?: number;
}

/** A running stand-in for OpenObserve (see `standin.py`). */
export class Standin {
  static readonly authorization = `Basic ${Buffer.from("root@example.com:pass").toString("base64")}`;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** Starts one; its Python is set up by `test/setup`. */
  static async start(version: Version): Promise<Standin> {
    const python = process.env[version === "v0.60.5" ? "PROMPT_COST_PYTHON_NEW" : "PROMPT_COST_PYTHON_OLD"];
    if (python === undefined) throw new Error("run the tests with npm test: it sets up Python for the stand-in");
    const child = spawn(python, [path.join(folder, "standin.py"), "--version", version], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", resolve);
      child.once("exit", (code) => reject(new Error(`the stand-in ended with ${code ?? "a signal"}`)));
    });
    return new Standin(child, `http://127.0.0.1:${port}`);
  }

  async ingest(request: TracesRequest, stream = "llm"): Promise<void> {
    const response = await fetch(`${this.url}/api/default/v1/traces`, {
      method: "POST",
      headers: {
        Authorization: Standin.authorization,
        "Content-Type": "application/x-protobuf",
        "stream-name": stream,
      },
      body: Buffer.from(encodeTraces(request)),
    });
    if (response.status !== 200) throw new Error(`the stand-in took no spans: ${await response.text()}`);
  }

  /** Makes answers fail from now on; null ends it. */
  async fail(fault: Fault | null): Promise<void> {
    await fetch(`${this.url}/standin/fault`, { method: "POST", body: JSON.stringify(fault) });
  }

  /** The SQL that it was asked since this was last called. */
  async takeSearches(): Promise<string[]> {
    return z.array(z.string()).parse(await (await fetch(`${this.url}/standin/searches`)).json());
  }

  stop(): void {
    this.child.removeAllListeners("exit");
    this.child.kill("SIGKILL");
  }
}
