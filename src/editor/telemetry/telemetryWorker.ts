import * as vscode from "vscode";
import type { Insight, Selection } from "../../core/insight/insight";
import type {
  Failure,
  FromTelemetry,
  ServerFindings,
  TelemetryState,
  ToTelemetry,
} from "../../worker/telemetryProtocol";
import type { Log } from "../log";
import { readTelemetrySettings } from "../settings";
import { WorkerClient } from "../workerClient";

type Answer = Extract<FromTelemetry, { id: number }>;
type Asked = Extract<ToTelemetry, { id: number }>;
type Question = Asked extends infer A ? (A extends Asked ? Omit<A, "id"> : never) : never;
export type Source = Extract<ToTelemetry, { kind: "source" }>["source"];
export type Server = NonNullable<Source>["server"];

/** A failure in words for the person, as the worker tells it. */
export class TelemetryFailure extends Error {
  constructor(readonly failure: Failure) {
    super(`${failure.message} ${failure.nextStep}`.trim());
  }
}

/** The worker that keeps, receives and asks for spans: started when the first of it is wanted. */
export class TelemetryWorker implements vscode.Disposable {
  private readonly client: WorkerClient<ToTelemetry, FromTelemetry>;
  private readonly waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  private readonly changed = new vscode.EventEmitter<void>();
  private nextId = 1;
  private wantedPort: number | null = null;
  private wantedSource: Source = null;
  private isWatched = false;
  private isStopped = false;
  private pricing: string | null = null;
  /** The worker's last word on receiver, store and source; undefined before it was asked. */
  state: TelemetryState | undefined;
  readonly onDidChange = this.changed.event;
  private readonly received = new vscode.EventEmitter<void>();
  /** Fires after the local store has changed, while that is watched. */
  readonly onDidReceiveSpans = this.received.event;
  private readonly pricesChanged = new vscode.EventEmitter<void>();
  /** Fires after the pricing table has changed. */
  readonly onDidChangePrices = this.pricesChanged.event;
  private readonly sourceChanged = new vscode.EventEmitter<void>();
  /** Fires after another source was chosen. */
  readonly onDidChangeSource = this.sourceChanged.event;

  constructor(
    script: string,
    private readonly storeFile: string,
    private readonly log: Log,
  ) {
    this.client = new WorkerClient(
      script,
      log,
      async () => (await import("../../worker/telemetryProtocol")).fromTelemetry,
      () => this.revive(),
    );
    this.client.onDidStart(() => this.tell());
    this.client.onMessage((message) => this.take(message));
  }

  /** What a new worker must know. */
  private tell(): void {
    const { retentionDays, maxMegabytes } = readTelemetrySettings();
    this.client.send({ kind: "localStore", file: this.storeFile, retentionDays, maxBytes: maxMegabytes * 1_000_000 });
    this.client.send({ kind: "source", source: this.wantedSource });
    this.client.send({ kind: "pricing", text: this.pricing });
    if (this.wantedPort !== null) this.client.send({ kind: "receive", port: this.wantedPort });
    if (this.isWatched) this.client.send({ kind: "watch", isWanted: true });
  }

  private revive(): void {
    for (const { reject } of this.waiting.values())
      reject(
        new TelemetryFailure({
          kind: "worker-failed",
          message: "The telemetry worker failed.",
          nextStep: "It was started again; try once more.",
          isTransient: true,
        }),
      );
    this.waiting.clear();
    if (this.wantedPort !== null) this.client.send({ kind: "receive", port: this.wantedPort });
  }

  /** Starts the receiver at the port, unless a person has stopped it. */
  receiveUnlessStopped(port: number): void {
    if (this.wantedPort === null && !this.isStopped) this.receive(port);
  }

  /** Starts the receiver at the port, or stops it. */
  receive(port: number | null): void {
    this.wantedPort = port;
    this.isStopped = port === null;
    this.client.send({ kind: "receive", port });
  }

  get isReceiving(): boolean {
    return this.wantedPort !== null;
  }

  /** Where spend is asked from; null is the local store. */
  use(source: Source): void {
    this.wantedSource = source;
    if (this.client.isStarted) this.client.send({ kind: "source", source });
    this.sourceChanged.fire();
  }

  async discover(server: Server, token: vscode.CancellationToken): Promise<ServerFindings> {
    const answer = await this.ask({ kind: "discover", server }, token);
    if (answer.kind !== "found") throw new Error("the worker answered another question");
    return answer.findings;
  }

  /** Forgets everything in the local store, or only what a service (`service.name`) has sent. */
  async clear(service: string | null = null): Promise<void> {
    await this.ask({ kind: "clear", service });
  }

  /** The text of the pricing table from now on; null is none. */
  usePrices(text: string | null): void {
    if (text === this.pricing) return;
    this.pricing = text;
    if (this.client.isStarted) this.client.send({ kind: "pricing", text });
    this.pricesChanged.fire();
  }

  /** What a selection shows. An abort of the signal is told to the worker. */
  async insight(selection: Selection, signal: AbortSignal): Promise<Insight> {
    const source = new vscode.CancellationTokenSource();
    const cancel = (): void => source.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      const answer = await this.ask({ kind: "insight", selection }, source.token);
      if (answer.kind !== "insight") throw new Error("the worker answered another question");
      return answer.insight;
    } finally {
      signal.removeEventListener("abort", cancel);
      source.dispose();
    }
  }

  /** Whether `onDidReceiveSpans` is of interest to anybody. */
  watch(isWanted: boolean): void {
    this.isWatched = isWanted;
    if (isWanted || this.client.isStarted) this.client.send({ kind: "watch", isWanted });
  }

  /** Looks how the source is; `state` is fresh afterwards. */
  async look(): Promise<void> {
    await this.ask({ kind: "look" });
  }

  private ask(question: Question, token?: vscode.CancellationToken): Promise<Answer> {
    const id = this.nextId++;
    token?.onCancellationRequested(() => this.client.send({ kind: "cancel", id }));
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.client.send({ ...question, id });
    });
  }

  private take(message: FromTelemetry): void {
    if (message.kind === "log") this.log.info(message.line);
    else if (message.kind === "changed") this.received.fire();
    else if (message.kind === "state") {
      this.state = message.state;
      this.changed.fire();
    } else {
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.kind === "failed") waiting?.reject(new TelemetryFailure(message.failure));
      else waiting?.resolve(message);
    }
  }

  dispose(): void {
    this.client.dispose();
    this.changed.dispose();
    this.received.dispose();
    this.sourceChanged.dispose();
    this.pricesChanged.dispose();
  }
}
