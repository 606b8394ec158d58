import { type FailureValue, failureFrom } from "../core/failure";
import { queryOf, toInsight } from "../core/insight/build";
import type { Catalogue } from "../core/pricing/catalogue";
import { PriceBook } from "../core/pricing/price";
import { parsePricingTable } from "../core/pricing/table";
import { LocalStore } from "../core/telemetry/local/localStore";
import { Receiver } from "../core/telemetry/receiver/receiver";
import { openerOf } from "../core/telemetry/sources/openers";
import type { RemoteId } from "../core/telemetry/sources/sources";
import type { RemoteStore } from "../core/telemetry/remote";
import type { SpendCube } from "../core/telemetry/spend";
import { TelemetryError, type TelemetryStore } from "../core/telemetry/store";
import type { Pulse } from "./rpc/pulse";
import type { InputOf, OutputOf } from "./rpc/wire";
import type { FromTelemetry, TelemetryRequests, TelemetryState, ToTelemetry } from "./telemetryProtocol";

type Input<M extends keyof TelemetryRequests> = InputOf<TelemetryRequests, M>;
type Output<M extends keyof TelemetryRequests> = Promise<OutputOf<TelemetryRequests, M>>;
type Message<K extends ToTelemetry["kind"]> = Extract<ToTelemetry, { kind: K }>;

/** Milliseconds between attempts to take a port that another program holds. */
const RETRY_EVERY = 5000;

/** Milliseconds between two states that differ only in what the receiver has counted. */
const STATE_EVERY = 2000;

/**
 * For how long work on the database may keep this thread (ms), before it counts as hung: it gives no sign of life
 * meanwhile. Opening may mean to migrate, recover or sweep a large file; a write may wait for a slow disk.
 */
const STORE_PATIENCE = 120_000;

/** What the worker for telemetry does: the local store with its receiver, or a server, behind one set of messages. */
export class TelemetrySession {
  private local: LocalStore | null = null;
  private remote: { id: RemoteId; store: RemoteStore } | null = null;
  private receiverState: TelemetryState["receiver"] = { kind: "off" };
  private wantedPort: number | null = null;
  private retry: NodeJS.Timeout | null = null;
  private updating: Promise<void> = Promise.resolve();
  private failure: FailureValue | null = null;
  private readonly receiver = new Receiver(
    (spans) => {
      if (this.local === null) throw new TelemetryError("closed", "The local store is closed.", "Try again.", true);
      const { local } = this;
      return this.duringStoreWork(() => local.write(spans));
    },
    () => this.sendStateSoon(),
  );
  private stateTimer: NodeJS.Timeout | null = null;
  /** Whether a view wants to know when the store changes. */
  private isWatched = false;
  private prices: PriceBook;
  private endGuestPatience = (): void => undefined;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly send: (message: FromTelemetry) => void,
    private readonly pulse: Pulse,
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
        this.isWatched = message.isWanted;
        // Only an open store tells of changes; one that can't be opened says so where it is asked for spend.
        if (this.isWatched) await this.duringStoreWork(async () => this.local?.ready()).catch(() => undefined);
        return;
    }
  }

  private async openLocal({ file, retentionDays, maxBytes }: Message<"localStore">): Promise<void> {
    if (this.local?.file === file) return;
    await this.duringStoreWork(async () => this.local?.close());
    this.endGuestPatience();
    this.local = new LocalStore(file, {
      catalogue: this.catalogue,
      limits: { retentionDays, maxBytes },
      onChange: () => {
        // Another window's receiver says nothing here but that the store has changed.
        this.sendStateSoon();
        if (this.isWatched) this.send({ kind: "changed" });
      },
      onRole: (role) => {
        // A guest opens the store whenever its owner leaves.
        this.endGuestPatience();
        if (role === "guest") this.endGuestPatience = this.pulse.allow(STORE_PATIENCE);
        void this.updateReceiver();
      },
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
        const role = await this.duringStoreWork(() => local.ready());
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
    if (local !== null) {
      local.receiver = this.receiverState.kind;
      local.metrics = () => this.receiver.metrics;
    }
    await this.sendState();
  }

  private useSource({ source }: Message<"source">): void {
    this.failure = null;
    if (source === null) {
      this.remote = null;
      return;
    }
    const { id, server } = source.remote;
    this.remote = { id, store: openerOf(id).open(server, source.stream, (line) => this.log(line)) };
  }

  async clear({ service }: Input<"clear">): Output<"clear"> {
    await this.duringStoreWork(async () => this.local?.clear(service));
    await this.sendState();
    return null;
  }

  async insight({ selection }: Input<"insight">, signal: AbortSignal): Output<"insight"> {
    const started = performance.now();
    const { prices } = this;
    const source = this.source();
    const read = (): Promise<SpendCube> => source.spend(queryOf(selection, Date.now() * 1000), prices, signal);
    const cube = await this.watch(() => (source === this.local ? this.duringStoreWork(read) : read()));
    this.log(
      `spend from ${source.source}: ${cube.cells.length} cells in ${Math.round(performance.now() - started)} ms`,
    );
    return toInsight(cube, prices, selection, Date.now());
  }

  /** Runs work on the database, which may keep this thread for long. */
  private duringStoreWork<T>(work: () => T): T {
    const done = this.pulse.allow(STORE_PATIENCE);
    const value = (() => {
      try {
        return work();
      } catch (error) {
        done();
        throw error;
      }
    })();
    if (value instanceof Promise) void value.finally(done).catch(() => undefined);
    else done();
    return value;
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

  discover({ remote: { id, server } }: Input<"discover">, signal: AbortSignal): Output<"discover"> {
    return openerOf(id).discover(server, (line) => this.log(line), signal);
  }

  async look(signal: AbortSignal): Output<"look"> {
    const { remote } = this;
    if (remote !== null) await this.watch(() => remote.store.check(signal)).catch(() => undefined);
    await this.sendState();
    return null;
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
        : {
            spans: status.spans,
            bytes: status.bytes,
            logBytes: status.logBytes,
            newestUs: status.newestUs,
            notice: status.notice,
            metrics: status.metrics,
          };
    this.send({
      kind: "state",
      state: {
        receiver: this.receiverState,
        local,
        failure: this.failure,
        source: this.remote?.id ?? "local",
      },
    });
  }

  /** Sends the state after the receiver has done something, and not after each request. */
  private sendStateSoon(): void {
    this.stateTimer ??= setTimeout(() => {
      this.stateTimer = null;
      void this.sendState();
    }, STATE_EVERY);
  }

  private log(line: string): void {
    this.send({ kind: "log", line });
  }

  async close(): Promise<void> {
    this.wantedPort = null;
    this.isWatched = false;
    if (this.stateTimer !== null) clearTimeout(this.stateTimer);
    // In line with other changes of the receiver: one on its way would start it again.
    await this.updateReceiver();
    await this.local?.close();
  }
}
