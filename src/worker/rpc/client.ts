import { Failure } from "../../core/failure";
import { Listeners } from "./listeners";
import { Pending } from "./pending";
import { Restarts } from "./restarts";
import { WorkerThread, type WorkerEnd } from "./thread";
import { type WatchdogTimes, watchdogTimes } from "./watchdog";
import type { FromWorkerFrame, InputOf, OutputOf, Protocol, RequestTypes } from "./wire";

/** Whether the worker works; `resting` where it is started again later, `stopped` where only a person starts it. */
export type WorkerHealth = { kind: "well" } | { kind: "resting" | "stopped"; failure: Failure };

export interface WorkerOptions<To, From, Requests extends RequestTypes> {
  /** What the worker does, in words: “analysis”. */
  name: string;
  script: string;
  /** Reads the schemas of what crosses: not at activation. */
  protocol: () => Promise<Protocol<To, From, Requests>>;
  log: { info: (text: string) => void; error: (text: string) => void };
  times?: Partial<WatchdogTimes>;
  restarts?: Restarts;
}

/**
 * A worker as the extension sees it: started when there is something for it to do, watched, and started again where it
 * hangs or dies. Whoever asked is answered, whatever becomes of it.
 */
export class WorkerClient<To, From extends { kind: string }, Requests extends RequestTypes> {
  private thread: WorkerThread<To, From, Requests> | undefined;
  private readonly pending = new Pending();
  private readonly restarts: Restarts;
  private restTimer: NodeJS.Timeout | undefined;
  private isDisposed = false;
  private isWatchedIdle = false;
  private currentHealth: WorkerHealth = { kind: "well" };
  private readonly received = new Listeners<From>();
  private readonly started = new Listeners<void>();
  private readonly ended = new Listeners<WorkerEnd>();
  private readonly healthChanged = new Listeners<WorkerHealth>();
  readonly onMessage = this.received.add;
  /** A new worker knows nothing: whoever has something to say to it does so now, before the first request. */
  readonly onDidStart = this.started.add;
  /** Fires after the worker has hung or crashed, before another one is started. */
  readonly onDidEnd = this.ended.add;
  readonly onDidChangeHealth = this.healthChanged.add;

  constructor(private readonly options: WorkerOptions<To, From, Requests>) {
    this.restarts = options.restarts ?? new Restarts();
  }

  get name(): string {
    return this.options.name;
  }

  get health(): WorkerHealth {
    return this.currentHealth;
  }

  /** Whether there is a worker, which has been told things. */
  get isStarted(): boolean {
    return this.thread !== undefined;
  }

  /** Whether the worker takes up work by itself, and so is watched even when it was given none. */
  set watchesIdle(isWanted: boolean) {
    this.isWatchedIdle = isWanted;
    if (this.thread !== undefined) this.thread.watchesIdle = isWanted;
  }

  /** Sends a message. While the worker is down it is dropped: the next one is told everything as it starts. */
  send(message: To): void {
    if (this.isDisposed || this.currentHealth.kind !== "well") return;
    this.start().send(message);
  }

  /** @throws Failure as the worker says it; also on a timeout, a cancel, and when the worker hangs, dies or is down. */
  async request<M extends keyof Requests & string>(
    method: M,
    input: InputOf<Requests, M>,
    signal?: AbortSignal,
  ): Promise<OutputOf<Requests, M>> {
    const { requests } = await this.options.protocol();
    if (this.isDisposed) throw closing();
    if (this.currentHealth.kind !== "well") throw this.currentHealth.failure;
    const type = requests[method];
    if (type === undefined) throw new Error(`there is no request "${method}"`);
    const output = await this.pending.ask(
      () => `${method} ${JSON.stringify(input)}`,
      (id) => this.start().send({ kind: "request", id, method, input }),
      { timeoutMs: type.timeoutMs, signal, cancel: (id) => this.thread?.send({ kind: "cancel", id }) },
    );
    const parsed = type.output.safeParse(output);
    if (!parsed.success)
      throw new Failure(
        "unexpected",
        `The ${this.name} answered “${method}” with an unexpected message.`,
        "Try again.",
      );
    return parsed.data as OutputOf<Requests, M>;
  }

  /** Ends the worker, forgets what it failed at, and starts another one: a person wants it. */
  async restart(): Promise<void> {
    const { thread } = this;
    this.thread = undefined;
    clearTimeout(this.restTimer);
    this.restarts.forget();
    this.pending.forgetRefused();
    this.pending.failAll(new Failure("worker-restarted", `The ${this.name} was restarted.`, "Try again.", true));
    await thread?.stop();
    if (this.isDisposed) return;
    this.setHealth({ kind: "well" });
    this.start();
  }

  private start(): WorkerThread<To, From, Requests> {
    if (this.thread !== undefined) return this.thread;
    const { script, protocol, times, log } = this.options;
    const thread: WorkerThread<To, From, Requests> = new WorkerThread(
      script,
      protocol,
      { ...watchdogTimes, ...times },
      {
        message: (message) => this.take(message),
        problem: (text) => log.error(`${this.name}: ${text}`),
        ended: (end) => {
          if (this.thread === thread) this.end(end);
        },
      },
    );
    this.thread = thread;
    thread.watchesIdle = this.isWatchedIdle;
    this.started.fire();
    return thread;
  }

  private take(message: From | Exclude<FromWorkerFrame, { kind: "subject" }>): void {
    if (!isFrame(message)) this.received.fire(message);
    else if (message.kind === "answer") this.pending.answered(message.id, message.output);
    else if (message.kind === "failed") this.pending.failed(message.id, message.failure);
  }

  private end(end: WorkerEnd): void {
    this.thread = undefined;
    const { why, subject } = end;
    const what = why === "hung" ? "did not respond and was ended" : "failed";
    this.options.log.error(`${this.name}: the worker ${what}`);
    if (subject !== null && "request" in subject)
      this.pending.refuse(
        subject.request,
        new Failure(
          `worker-${why}`,
          `The ${this.name} ${what} over this request.`,
          "It is not repeated for 5 minutes.",
        ),
      );
    this.ended.fire(end);
    const wait = this.restarts.after(subject !== null);
    if (wait === null) {
      const failure = new Failure(
        "worker-stopped",
        `The ${this.name} keeps crashing and was stopped.`,
        "Run “Prompt Cost: Restart Workers”.",
      );
      this.pending.failAll(failure);
      this.options.log.error(`${failure.message} ${failure.nextStep}`);
      return this.setHealth({ kind: "stopped", failure });
    }
    const seconds = wait / 1000;
    const next = wait === 0 ? "It was restarted; try again." : `It restarts in ${seconds} s.`;
    const failure = new Failure(`worker-${why}`, `The ${this.name} ${what}.`, next, true);
    this.pending.failAll(failure);
    if (wait === 0) return void this.start();
    this.setHealth({ kind: "resting", failure });
    this.restTimer = setTimeout(() => {
      this.setHealth({ kind: "well" });
      this.start();
    }, wait);
    this.restTimer.unref();
  }

  private setHealth(health: WorkerHealth): void {
    if (health.kind === this.currentHealth.kind && health.kind === "well") return;
    this.currentHealth = health;
    this.healthChanged.fire(health);
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.restTimer);
    this.pending.failAll(closing());
    void this.thread?.stop();
    this.thread = undefined;
  }
}

const isFrame = (message: { kind: string }): message is Extract<FromWorkerFrame, { id: number }> =>
  message.kind === "answer" || message.kind === "failed";
const closing = (): Failure => new Failure("closed", "The window is closing.", "", true);
