import type { Worker } from "node:worker_threads";
import { Pulse } from "./pulse";
import { Watchdog, type WatchdogTimes } from "./watchdog";
import type { FromWorkerFrame, Protocol, RequestTypes, Subject, ToWorkerFrame } from "./wire";

/** How long an ended worker may take to let go of its files and ports before the next one starts (ms). */
const LAST_WORDS = 2_000;

/** Why a worker is no more, and what it had in hand. */
export interface WorkerEnd {
  why: "hung" | "crashed";
  subject: Subject | null;
}

interface Callbacks<From> {
  message: (message: From | Exclude<FromWorkerFrame, { kind: "subject" }>) => void;
  problem: (text: string) => void;
  ended: (end: WorkerEnd) => void;
}

/** One life of a worker thread, watched from its start to its end. `ended` is called once, unless it was stopped. */
export class WorkerThread<To, From extends { kind: string }, Requests extends RequestTypes> {
  private readonly pulse = new Pulse();
  private readonly watchdog: Watchdog;
  private worker: Worker | undefined;
  /** What was sent before the thread had started. */
  private unsent: (To | ToWorkerFrame)[] = [];
  private subject: Subject | null = null;
  private isOver = false;

  constructor(
    private readonly script: string,
    private readonly loadProtocol: () => Promise<Protocol<To, From, Requests>>,
    times: WatchdogTimes,
    private readonly callbacks: Callbacks<From>,
  ) {
    this.watchdog = new Watchdog(
      this.pulse,
      times,
      () => this.worker?.postMessage({ kind: "ping" } satisfies ToWorkerFrame),
      () => void this.hung(),
    );
    this.start().catch((error: unknown) => this.crashed(error));
  }

  /** Whether the worker is watched while it has nothing to do, too. */
  set watchesIdle(isWanted: boolean) {
    this.watchdog.watchesIdle = isWanted;
    if (isWanted && this.worker !== undefined) this.watchdog.look();
  }

  send(message: To | ToWorkerFrame): void {
    if (this.isOver) return;
    if (this.worker === undefined) this.unsent.push(message);
    else {
      this.worker.postMessage(message);
      this.watchdog.sent();
    }
  }

  /** Ends the thread without a word. */
  async stop(): Promise<void> {
    this.isOver = true;
    this.watchdog.stop();
    await Promise.race([this.worker?.terminate(), new Promise((resolve) => setTimeout(resolve, LAST_WORDS).unref())]);
  }

  private async start(): Promise<void> {
    // Loaded here: activation must read neither the protocol's schemas nor a thread.
    const [{ Worker: Thread }, { fromWorker }] = await Promise.all([
      import("node:worker_threads"),
      this.loadProtocol(),
    ]);
    if (this.isOver) return;
    const worker = new Thread(this.script, { workerData: { pulse: this.pulse.memory } });
    worker.on("message", (value: unknown) => {
      if (this.isOver) return;
      const parsed = fromWorker.safeParse(value);
      if (parsed.success) this.take(parsed.data);
      else this.callbacks.problem(`the worker sent an unexpected message: ${parsed.error.issues[0]?.message ?? ""}`);
    });
    worker.on("error", (error) => this.callbacks.problem(`the worker failed: ${wordsOf(error)}`));
    worker.on("exit", () => this.over("crashed"));
    worker.unref();
    this.worker = worker;
    for (const message of this.unsent.splice(0)) this.send(message);
    this.watchdog.look();
  }

  private take(message: From | FromWorkerFrame): void {
    if (isSubject(message)) {
      this.subject = message.subject;
      this.watchdog.look();
    } else this.callbacks.message(message);
  }

  private async hung(): Promise<void> {
    if (this.isOver) return;
    const { url } = await import("node:inspector");
    // A developer may hold it at a breakpoint.
    if (url() !== undefined) return this.watchdog.look();
    const { subject } = this;
    await this.stop();
    this.callbacks.ended({ why: "hung", subject });
  }

  private crashed(error: unknown): void {
    this.callbacks.problem(`the worker could not start: ${wordsOf(error)}`);
    this.over("crashed");
  }

  private over(why: WorkerEnd["why"]): void {
    if (this.isOver) return;
    this.isOver = true;
    this.watchdog.stop();
    this.callbacks.ended({ why, subject: this.subject });
  }
}

const isSubject = (message: { kind: string }): message is Extract<FromWorkerFrame, { kind: "subject" }> =>
  message.kind === "subject";
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
