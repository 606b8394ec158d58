import type { Worker } from "node:worker_threads";
import * as vscode from "vscode";
import type { z } from "zod";
import type { Log } from "./log";

/** After so many crashes in a row the worker stays down until the window reloads. */
const MOST_RESTARTS = 3;

/** Starts the worker thread when there is something for it to do, and again where it dies. */
export class WorkerClient<To, From> implements vscode.Disposable {
  private worker: Promise<Worker> | undefined;
  private restarts = 0;
  private isDisposed = false;
  private readonly received = new vscode.EventEmitter<From>();
  private readonly started = new vscode.EventEmitter<void>();
  readonly onMessage = this.received.event;
  /** A new worker knows nothing: whoever has something to tell it does so now, before the first request. */
  readonly onDidStart = this.started.event;

  constructor(
    private readonly script: string,
    private readonly log: Log,
    /** Reads the schema of what the worker sends: not at activation. */
    private readonly loadSchema: () => Promise<z.ZodType<From>>,
    /** Called after the worker has died, where it should be started again. */
    private readonly revive: (worker: WorkerClient<To, From>) => void,
  ) {}

  send(message: To): void {
    if (this.isDisposed || this.restarts > MOST_RESTARTS) return;
    if (this.worker === undefined) {
      this.worker = this.start();
      this.started.fire();
    }
    void this.worker.then((worker) => worker.postMessage(message));
  }

  /** Whether there is a worker, which has been told things. */
  get isStarted(): boolean {
    return this.worker !== undefined;
  }

  private async start(): Promise<Worker> {
    // Loaded here: activation must read neither the protocol's schemas nor a thread.
    const [{ Worker: Thread }, fromWorker] = await Promise.all([import("node:worker_threads"), this.loadSchema()]);
    const worker = new Thread(this.script);
    worker.on("message", (message: unknown) => {
      const parsed = fromWorker.safeParse(message);
      if (parsed.success) {
        this.restarts = 0;
        this.received.fire(parsed.data);
      } else {
        this.log.error(`the worker sent something unknown: ${parsed.error.issues[0]?.message ?? ""}`);
      }
    });
    worker.on("error", (error) => {
      this.log.error(`the worker failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    worker.on("exit", () => {
      if (this.isDisposed) return;
      this.worker = undefined;
      this.restarts++;
      if (this.restarts > MOST_RESTARTS)
        this.log.error("the worker failed again and again; reload the window to start it anew");
      else this.revive(this);
    });
    worker.unref();
    return worker;
  }

  dispose(): void {
    this.isDisposed = true;
    void this.worker?.then((worker) => worker.terminate());
    this.received.dispose();
    this.started.dispose();
  }
}
