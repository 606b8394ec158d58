import type net from "node:net";
import { z } from "zod";
import type { Catalogue } from "../../pricing/catalogue";
import { PriceBook } from "../../pricing/price";
import type { LlmSpan } from "../llmSpan";
import type { ReceiverMetrics } from "../receiver/metrics";
import type { SpendCube, SpendQuery } from "../spend";
import { TelemetryError, type TelemetryStore } from "../store";
import { failureOf } from "./database";
import { Guest, type Question } from "./guest";
import { onJsonLines, sendLine } from "./lines";
import { type Request, request, spendCube, storeStatus } from "./messages";
import { type Limits, defaultLimits } from "../defaults";
import { REMOVED } from "./ownedNotices";
import { OwnedStore, type WriteResult } from "./ownedStore";
import { type Role, takeRole } from "./ownership";
import { resolveStore } from "./storeFile";

export type LocalStatus = z.infer<typeof storeStatus> & { role: "owner" | "guest" };

interface Options {
  catalogue: Catalogue;
  limits?: Limits;
  /** Told whenever this process becomes the owner or a guest: the owner may receive. */
  onRole?: (role: "owner" | "guest") => void;
  /** Called after what the store holds has changed, in whatever process; a few times a second at most. */
  onChange?: () => void;
}

/** Between two looks at whether the store is to be swept (ms). */
const SWEEP_CHECK_MS = 600_000;

/** Changes within so many milliseconds are told as one. */
const CHANGES_TOGETHER_MS = 200;

type Held =
  { kind: "owner"; store: OwnedStore; role: Extract<Role, { kind: "owner" }> } | { kind: "guest"; guest: Guest };

/** The local store, whichever process owns it: asked in this one, or in the one that opened it first. */
export class LocalStore implements TelemetryStore {
  readonly source = "local";
  /** In words, how this owner's receiver is; guests ask for it. */
  receiver = "off";
  /** What this owner's receiver has counted; guests ask for it. Null where there is none. */
  metrics: (() => ReceiverMetrics) | null = null;
  /** The file itself, where `file` is a link to it. */
  private readonly target: string;
  private held: Held | null = null;
  private taking: Promise<Held> | null = null;
  private closed = false;
  private hasHeld = false;
  private notice: string | null = null;
  private telling: NodeJS.Timeout | null = null;
  private sweeping: NodeJS.Timeout | undefined;
  private readonly guests = new Set<net.Socket>();

  constructor(
    readonly file: string,
    private readonly options: Options,
  ) {
    this.target = resolveStore(file);
  }

  /** Becomes the owner or a guest; again after the owner has gone. @throws TelemetryError */
  async ready(): Promise<"owner" | "guest"> {
    return (await this.hold()).kind;
  }

  private async hold(): Promise<Held> {
    if (this.closed) throw new TelemetryError("closed", "The local store is closed.", "Open it again.");
    if (this.held !== null) return this.held;
    this.taking ??= this.take().finally(() => (this.taking = null));
    return this.taking;
  }

  private async take(): Promise<Held> {
    let role: Role;
    try {
      role = await takeRole(this.target);
    } catch (error) {
      throw error instanceof TelemetryError ? error : failureOf(error, this.target);
    }
    const held = role.kind === "owner" ? this.own(role) : this.join(role.connection);
    // Another process may have written while this one had neither the store nor its owner.
    const isAgain = this.hasHeld;
    this.hasHeld = true;
    this.held = held;
    this.options.onRole?.(held.kind);
    if (isAgain) this.options.onChange?.();
    return held;
  }

  private own(role: Extract<Role, { kind: "owner" }>): Held {
    try {
      const store = new OwnedStore(
        this.target,
        this.options.limits ?? defaultLimits,
        this.notice,
        () => this.tellSoon(),
        role.isAfterKill,
      );
      role.server.on("connection", (connection) => this.serve(connection, store));
      // A store that receives little is swept too.
      this.sweeping = setInterval(() => store.sweepIfDue(), SWEEP_CHECK_MS).unref();
      return { kind: "owner", store, role };
    } catch (error) {
      role.release();
      throw error;
    }
  }

  private join(connection: net.Socket): Held {
    const guest = new Guest(connection, {
      // The owner has gone: this process tries to take its place.
      close: () => {
        this.held = null;
        if (!this.closed) this.hold().catch(() => undefined);
      },
      change: () => this.options.onChange?.(),
    });
    return { kind: "guest", guest };
  }

  /** Tells this process and the guests of a change, and of all that follow at once. */
  private tellSoon(): void {
    this.telling ??= setTimeout(() => {
      this.telling = null;
      for (const guest of this.guests) sendLine(guest, { event: "changed" });
      this.options.onChange?.();
    }, CHANGES_TOGETHER_MS);
  }

  async spend(query: SpendQuery, prices: PriceBook, signal?: AbortSignal): Promise<SpendCube> {
    signal?.throwIfAborted();
    return this.ask({ kind: "spend", query, table: prices.table }, spendCube, (store) => store.spend(query, prices));
  }

  async status(): Promise<LocalStatus> {
    const status = await this.ask({ kind: "status" }, storeStatus, (store) => this.ownStatus(store));
    return { role: this.held?.kind ?? "guest", ...status };
  }

  private ownStatus(store: OwnedStore): z.infer<typeof storeStatus> {
    return {
      ...store.status(),
      notice: store.notice,
      receiver: this.receiver,
      metrics: this.metrics?.() ?? null,
    };
  }

  /** Forgets everything, or only what a service (`service.name`) has sent. */
  async clear(service: string | null = null): Promise<void> {
    await this.ask({ kind: "clear", service }, z.unknown(), (store) => store.clear(service));
  }

  /** Writes a batch durably. Only the owner receives. @throws TelemetryError where it could not be written. */
  write(spans: readonly LlmSpan[]): WriteResult {
    if (this.held?.kind !== "owner")
      throw new TelemetryError("not-owner", "Another window receives spans.", "Send them to it.", true);
    const { role, store } = this.held;
    if (!role.isHeld()) {
      // Not closed: that would delete the log of whatever has its name now.
      this.held = null;
      clearInterval(this.sweeping);
      this.notice = REMOVED;
      role.release();
      this.hold().catch(() => undefined);
      throw new TelemetryError("owner-lost", "The local store was removed while it was open.", "Try again.", true);
    }
    return store.write(spans);
  }

  /** Asks the owner, or the store in this process; once more where the owner leaves in the middle. */
  private async ask<T>(question: Question, schema: z.ZodType<T>, own: (store: OwnedStore) => T): Promise<T> {
    const held = await this.hold();
    if (held.kind === "owner") return own(held.store);
    try {
      return await held.guest.ask(question, schema);
    } catch (error) {
      if (!(error instanceof TelemetryError && error.kind === "owner-left")) throw error;
    }
    const next = await this.hold();
    return next.kind === "owner" ? own(next.store) : next.guest.ask(question, schema);
  }

  private serve(connection: net.Socket, store: OwnedStore): void {
    this.guests.add(connection);
    connection.on("close", () => this.guests.delete(connection));
    connection.on("error", () => connection.destroy());
    onJsonLines(connection, (value) => {
      const parsed = request.safeParse(value);
      if (!parsed.success) return connection.destroy();
      try {
        const result = this.respond(store, parsed.data) ?? null;
        sendLine(connection, { id: parsed.data.id, value: result, failure: null });
      } catch (error) {
        const { kind, message, nextStep, isTransient } =
          error instanceof TelemetryError ? error : failureOf(error, this.target);
        sendLine(connection, { id: parsed.data.id, value: null, failure: { kind, message, nextStep, isTransient } });
      }
    });
  }

  private respond(store: OwnedStore, asked: Request): unknown {
    switch (asked.kind) {
      case "spend":
        return store.spend(asked.query, new PriceBook(asked.table, this.options.catalogue));
      case "status":
        return this.ownStatus(store);
      case "clear":
        return store.clear(asked.service);
      case "backup":
        return store.backup(asked.to);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.telling !== null) clearTimeout(this.telling);
    clearInterval(this.sweeping);
    await this.taking?.catch(() => undefined);
    const { held } = this;
    this.held = null;
    if (held?.kind === "owner") {
      held.store.close();
      held.role.release();
      for (const guest of this.guests) guest.destroy();
    } else {
      held?.guest.close();
    }
  }
}
