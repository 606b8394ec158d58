import * as vscode from "vscode";
import { failureFrom } from "../../core/failure";
import type { Discovery } from "../../core/telemetry/remote";
import type { RemoteServer } from "../../core/telemetry/sources/servers";
import type { Insight, Selection } from "../../core/insight/insight";
import type { FromTelemetry, TelemetryRequests, TelemetryState, ToTelemetry } from "../../worker/telemetryProtocol";
import { WorkerClient } from "../../worker/rpc/client";
import type { WatchdogTimes } from "../../worker/rpc/watchdog";
import type { Log } from "../log";
import { readTelemetrySettings } from "../settings";

export type Source = Extract<ToTelemetry, { kind: "source" }>["source"];

/** The worker that keeps, receives and asks for spans: started when the first of it is wanted. */
export class TelemetryWorker implements vscode.Disposable {
  readonly client: WorkerClient<ToTelemetry, FromTelemetry, TelemetryRequests>;
  private readonly changed = new vscode.EventEmitter<void>();
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
    private readonly log: Pick<Log, "info" | "error">,
    times?: Partial<WatchdogTimes>,
  ) {
    this.client = new WorkerClient({
      name: "telemetry worker",
      script,
      log,
      protocol: async () => (await import("../../worker/telemetryProtocol")).telemetryProtocol,
      ...(times === undefined ? {} : { times }),
    });
    this.client.onDidStart(() => this.tell());
    this.client.onMessage((message) => this.take(message));
    this.client.onDidChangeHealth(() => this.showHealth());
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

  /** While the worker is down, nobody receives. */
  private showHealth(): void {
    const { health } = this.client;
    if (health.kind === "well" || this.state === undefined || this.wantedPort === null) return;
    this.state = { ...this.state, receiver: { kind: "failed", failure: failureFrom(health.failure) } };
    this.changed.fire();
  }

  /** Starts the receiver at the port, unless a person has stopped it. */
  receiveUnlessStopped(port: number): void {
    if (this.wantedPort === null && !this.isStopped) this.receive(port);
  }

  /** Starts the receiver at the port, or stops it. */
  receive(port: number | null): void {
    this.wantedPort = port;
    this.isStopped = port === null;
    // Whoever listens is given work by others.
    this.client.watchesIdle = port !== null;
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

  /** @throws Failure */
  async discover(remote: RemoteServer, token: vscode.CancellationToken): Promise<Discovery> {
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => abort.abort());
    try {
      return await this.client.request("discover", { remote }, abort.signal);
    } finally {
      listener.dispose();
    }
  }

  /** Forgets everything in the local store, or only what a service (`service.name`) has sent. @throws Failure */
  async clear(service: string | null = null): Promise<void> {
    await this.client.request("clear", { service });
  }

  /** The text of the pricing table from now on; null is none. */
  usePrices(text: string | null): void {
    if (text === this.pricing) return;
    this.pricing = text;
    if (this.client.isStarted) this.client.send({ kind: "pricing", text });
    this.pricesChanged.fire();
  }

  /** What a selection shows. An abort of the signal ends the question. @throws Failure */
  async insight(selection: Selection, signal: AbortSignal): Promise<Insight> {
    return this.client.request("insight", { selection }, signal);
  }

  /** Whether `onDidReceiveSpans` is of interest to anybody. */
  watch(isWanted: boolean): void {
    this.isWatched = isWanted;
    if (isWanted || this.client.isStarted) this.client.send({ kind: "watch", isWanted });
  }

  /** Looks how the source is; `state` is fresh afterwards. @throws Failure */
  async look(): Promise<void> {
    await this.client.request("look", null);
  }

  private take(message: FromTelemetry): void {
    if (message.kind === "log") this.log.info(message.line);
    else if (message.kind === "changed") this.received.fire();
    else {
      this.state = message.state;
      this.changed.fire();
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
