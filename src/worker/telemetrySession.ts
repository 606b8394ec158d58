import { queryOf, toInsight } from "../core/insight/build";
import type { Catalogue } from "../core/pricing/catalogue";
import { PriceBook } from "../core/pricing/price";
import { parsePricingTable } from "../core/pricing/table";
import { LocalStore } from "../core/telemetry/local/localStore";
import { OpenObserveClient } from "../core/telemetry/openobserve/client";
import { discover, newestCall } from "../core/telemetry/openobserve/discover";
import { OpenObserveStore } from "../core/telemetry/openobserve/openObserveStore";
import { missingColumns } from "../core/telemetry/openobserve/schema";
import { Receiver } from "../core/telemetry/receiver/receiver";
import { TelemetryError, type TelemetryStore } from "../core/telemetry/store";
import { StoreWatch } from "./storeWatch";
import type { Failure, FromTelemetry, TelemetryState, ToTelemetry } from "./telemetryProtocol";

type Server = Extract<ToTelemetry, { kind: "discover" }>["server"];
type Message<K extends ToTelemetry["kind"]> = Extract<ToTelemetry, { kind: K }>;

/** Milliseconds between attempts to take a port that another program holds. */
const RETRY_EVERY = 5000;

/** What the worker for telemetry does: the local store with its receiver, or a server, behind one set of messages. */
export class TelemetrySession {
  private local: LocalStore | null = null;
  private remote: { server: Server; store: OpenObserveStore } | null = null;
  private receiverState: TelemetryState["receiver"] = { kind: "off" };
  private wantedPort: number | null = null;
  private retry: NodeJS.Timeout | null = null;
  private updating: Promise<void> = Promise.resolve();
  private failure: Failure | null = null;
  private readonly running = new Map<number, AbortController>();
  private readonly receiver = new Receiver((spans) => {
    if (this.local === null) throw new TelemetryError("closed", "The local store is closed.", "Try again.", true);
    return this.local.write(spans);
  });
  private readonly storeWatch = new StoreWatch(
    () => this.local,
    () => this.send({ kind: "changed" }),
  );
  private prices: PriceBook;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly send: (message: FromTelemetry) => void,
  ) {
    this.prices = new PriceBook(null, catalogue);
  }

  async receive(message: ToTelemetry): Promise<void> {
    switch (message.kind) {
      case "localStore":
        return this.openLocal(message);
      case "receive":
        this.wantedPort = message.port;
        return this.updateReceiver();
      case "source":
        this.useSource(message);
        return;
      case "pricing":
        return this.usePrices(message.text);
      case "watch":
        this.storeWatch.isWanted = message.isWanted;
        return;
      case "cancel":
        this.running.get(message.id)?.abort(new TelemetryError("cancelled", "Cancelled.", "", true));
        return;
      default:
        return this.answer(message);
    }
  }

  private async openLocal({ file, retentionDays, maxBytes }: Message<"localStore">): Promise<void> {
    if (this.local?.file === file) return;
    await this.local?.close();
    this.local = new LocalStore(file, {
      catalogue: this.catalogue,
      limits: { retentionDays, maxBytes },
      onRole: () => void this.updateReceiver(),
    });
  }

  /** Brings the receiver to where it is wanted, one change after the other: two at once would take each other's port. */
  private updateReceiver(): Promise<void> {
    this.updating = this.updating.then(() => this.bringReceiver());
    return this.updating;
  }

  /** Only the store's owner receives. */
  private async bringReceiver(): Promise<void> {
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
    const { local, wantedPort } = this;
    if (wantedPort === null || local === null) {
      await this.receiver.stop();
      this.receiverState = { kind: "off" };
    } else {
      try {
        const role = await local.ready();
        if (role === "guest") {
          await this.receiver.stop();
          this.receiverState = { kind: "elsewhere" };
        } else {
          if (this.receiver.port !== null && this.receiver.port !== wantedPort) await this.receiver.stop();
          await this.receiver.start(wantedPort);
          this.receiverState = { kind: "receiving", port: wantedPort };
        }
      } catch (error) {
        const failure = failureFrom(error);
        this.receiverState = { kind: "failed", failure };
        this.log(`receiver: ${failure.kind}`);
        if (failure.isTransient) this.retry = setTimeout(() => void this.updateReceiver(), RETRY_EVERY);
      }
    }
    if (local !== null) local.receiver = this.receiverState.kind;
    await this.sendState();
  }

  private useSource({ source }: Message<"source">): void {
    this.failure = null;
    this.remote =
      source === null
        ? null
        : { server: source.server, store: new OpenObserveStore(this.clientFor(source.server), source.stream) };
  }

  private clientFor({ proxy, strictTls, ...connection }: Server): OpenObserveClient {
    return new OpenObserveClient(connection, { proxy, strictTls, log: (line) => this.log(line) });
  }

  private async answer(message: Message<"discover" | "insight" | "clear" | "look">): Promise<void> {
    const { id } = message;
    const controller = new AbortController();
    this.running.set(id, controller);
    try {
      this.send(await this.ask(message, controller.signal));
    } catch (error) {
      this.send({ kind: "failed", id, failure: failureFrom(error) });
    } finally {
      this.running.delete(id);
    }
  }

  private async ask(
    message: Message<"discover" | "insight" | "clear" | "look">,
    signal: AbortSignal,
  ): Promise<FromTelemetry> {
    const { id } = message;
    if (message.kind === "discover") return this.discover(id, message.server, signal);
    if (message.kind === "clear") {
      await this.local?.clear(message.service);
      await this.sendState();
      return { kind: "done", id };
    }
    if (message.kind === "look") {
      await this.look(signal);
      return { kind: "done", id };
    }
    const started = performance.now();
    const { prices } = this;
    const cube = await this.watch(() =>
      this.source().spend(queryOf(message.selection, Date.now() * 1000), prices, signal),
    );
    this.log(
      `spend from ${this.source().source}: ${cube.cells.length} cells in ${Math.round(performance.now() - started)} ms`,
    );
    return { kind: "insight", id, insight: toInsight(cube, prices, message.selection, Date.now()) };
  }

  private source(): TelemetryStore {
    const store = this.remote?.store ?? this.local;
    if (store === null)
      throw new TelemetryError(
        "closed",
        "There is no source of spans.",
        "Start the receiver, or connect to OpenObserve.",
      );
    return store;
  }

  /** The prices in force; a new book only where the text has changed, as the store knows by it what it may reuse. */
  private usePrices(text: string | null): void {
    const table = text === null ? null : parsePricingTable(text).table;
    if (text !== null && table === null) return;
    this.prices = new PriceBook(table, this.catalogue);
  }

  private async discover(id: number, server: Server, signal: AbortSignal): Promise<FromTelemetry> {
    const client = this.clientFor(server);
    const { version, allStreams, streams } = await discover(client, signal);
    const described = [];
    for (const schema of streams) {
      const newestUs = await newestCall(client, schema, Date.now() * 1000, signal).catch(() => null);
      described.push({ name: schema.name, newestUs, missing: missingColumns(schema) });
    }
    signal.throwIfAborted();
    return { kind: "found", id, findings: { version, allStreams, streams: described } };
  }

  private async look(signal: AbortSignal): Promise<void> {
    const { remote } = this;
    if (remote !== null)
      await this.watch(() => this.clientFor(remote.server).schema(remote.store.stream, signal)).catch(() => undefined);
    await this.sendState();
  }

  /** Remembers how the source answered, for the status bar. */
  private async watch<T>(run: () => Promise<T>): Promise<T> {
    const before = this.failure?.message;
    try {
      const value = await run();
      this.failure = null;
      return value;
    } catch (error) {
      const failure = failureFrom(error);
      if (failure.kind !== "cancelled") this.failure = failure;
      throw error;
    } finally {
      if (this.failure?.message !== before) void this.sendState();
    }
  }

  private async sendState(): Promise<void> {
    const isOpen = this.local !== null && this.receiverState.kind !== "off";
    const status = isOpen ? await this.local?.status().catch(() => null) : null;
    const local =
      status === null || status === undefined
        ? null
        : { spans: status.spans, bytes: status.bytes, newestUs: status.newestUs, notice: status.notice };
    this.send({
      kind: "state",
      state: {
        receiver: this.receiverState,
        local,
        failure: this.failure,
        source: this.remote === null ? "local" : "openobserve",
      },
    });
  }

  private log(line: string): void {
    this.send({ kind: "log", line });
  }

  async close(): Promise<void> {
    this.wantedPort = null;
    this.storeWatch.isWanted = false;
    await this.receiver.stop();
    await this.local?.close();
  }
}

function failureFrom(error: unknown): Failure {
  if (error instanceof TelemetryError)
    return { kind: error.kind, message: error.message, nextStep: error.nextStep, isTransient: error.isTransient };
  return {
    kind: "unexpected",
    message: error instanceof Error ? error.message : String(error),
    nextStep: "Show the log for details.",
    isTransient: true,
  };
}
