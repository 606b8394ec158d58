import type net from "node:net";
import { z } from "zod";
import type { Catalogue } from "../../pricing/catalogue";
import { PriceBook } from "../../pricing/price";
import type { LlmSpan } from "../llmSpan";
import type { SpendCube, SpendQuery } from "../spend";
import { TelemetryError, type TelemetryStore } from "../store";
import { failureOf } from "./database";
import { onJsonLines, sendLine } from "./lines";
import { type Request, answer, request, spendCube, storeStatus } from "./messages";
import { type Limits, OwnedStore, type WriteResult, defaultLimits } from "./ownedStore";
import { type Role, takeRole } from "./ownership";

export type LocalStatus = z.infer<typeof storeStatus> & { role: "owner" | "guest" };

/** What a request carries besides its number. */
type Question = Request extends infer R ? (R extends Request ? Omit<R, "id"> : never) : never;

interface Options {
  catalogue: Catalogue;
  limits?: Limits;
  /** Told whenever this process becomes the owner or a guest: the owner may receive. */
  onRole?: (role: "owner" | "guest") => void;
}

/** The local store, whichever process owns it: asked in this one, or in the one that opened it first. */
export class LocalStore implements TelemetryStore {
  readonly source = "local";
  /** In words, how this owner's receiver is; guests ask for it. */
  receiver = "off";
  private role: Role | null = null;
  private owned: OwnedStore | null = null;
  private taking: Promise<void> | null = null;
  private closed = false;
  private nextId = 1;
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private readonly guests = new Set<net.Socket>();

  constructor(
    readonly file: string,
    private readonly options: Options,
  ) {}

  /** Becomes the owner or a guest; again after the owner has gone. @throws TelemetryError */
  async ready(): Promise<"owner" | "guest"> {
    if (this.closed) throw new TelemetryError("closed", "The local store is closed.", "Open it again.");
    if (this.role === null) {
      this.taking ??= this.take().finally(() => (this.taking = null));
      await this.taking;
    }
    return this.owned === null ? "guest" : "owner";
  }

  private async take(): Promise<void> {
    let role: Role;
    try {
      role = await takeRole(this.file);
    } catch (error) {
      throw failureOf(error, this.file);
    }
    if (role.kind === "owner") {
      try {
        this.owned = new OwnedStore(this.file, this.options.limits ?? defaultLimits);
      } catch (error) {
        role.release();
        throw error;
      }
      role.server.on("connection", (connection) => this.serve(connection));
    } else {
      role.connection.on("close", () => this.lostOwner());
      onJsonLines(role.connection, (value) => this.receive(value));
    }
    this.role = role;
    this.options.onRole?.(role.kind);
  }

  /** The owner has gone: what was asked fails, and this process tries to take its place. */
  private lostOwner(): void {
    this.role = null;
    for (const { reject } of this.waiting.values())
      reject(
        new TelemetryError(
          "owner-left",
          "The window that held the local store has closed.",
          "It is asked again by itself.",
          true,
        ),
      );
    this.waiting.clear();
    if (!this.closed) this.ready().catch(() => undefined);
  }

  async spend(query: SpendQuery, prices: PriceBook, signal?: AbortSignal): Promise<SpendCube> {
    signal?.throwIfAborted();
    await this.ready();
    signal?.throwIfAborted();
    if (this.owned !== null) return this.owned.spend(query, prices);
    return this.askAgain({ kind: "spend", query, table: prices.table }, spendCube);
  }

  async status(): Promise<LocalStatus> {
    const role = await this.ready();
    return {
      role,
      ...(this.owned !== null ? this.ownStatus(this.owned) : await this.askAgain({ kind: "status" }, storeStatus)),
    };
  }

  /** A number that changes whenever the store does, and whose it is. */
  async revision(): Promise<{ role: "owner" | "guest"; number: number }> {
    const role = await this.ready();
    return { role, number: this.owned?.revision ?? (await this.askAgain({ kind: "status" }, storeStatus)).revision };
  }

  private ownStatus(owned: OwnedStore): z.infer<typeof storeStatus> {
    return { ...owned.status(), notice: owned.notice, receiver: this.receiver, revision: owned.revision };
  }

  /** Forgets everything, or only what a service (`service.name`) has sent. */
  async clear(service: string | null = null): Promise<void> {
    await this.ready();
    if (this.owned !== null) this.owned.clear(service);
    else await this.askAgain({ kind: "clear", service }, z.unknown());
  }

  /** Writes a batch durably. Only the owner receives. @throws TelemetryError where it could not be written. */
  write(spans: readonly LlmSpan[]): WriteResult {
    if (this.owned === null)
      throw new TelemetryError("not-owner", "Another window receives spans.", "Send them to it.", true);
    return this.owned.write(spans);
  }

  private async askAgain<T>(question: Question, schema: z.ZodType<T>): Promise<T> {
    try {
      return schema.parse(await this.ask(question));
    } catch (error) {
      if (!(error instanceof TelemetryError && error.kind === "owner-left")) throw error;
    }
    await this.ready();
    if (this.owned !== null) return schema.parse(this.respond(this.owned, { id: 0, ...question } as Request));
    return schema.parse(await this.ask(question));
  }

  private ask(question: Question): Promise<unknown> {
    const { role } = this;
    if (role?.kind !== "guest")
      return Promise.reject(
        new TelemetryError(
          "owner-left",
          "The window that held the local store has closed.",
          "It is asked again by itself.",
          true,
        ),
      );
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.waiting.set(id, { resolve, reject });
      sendLine(role.connection, { id, ...question });
    });
  }

  private receive(value: unknown): void {
    const parsed = answer.safeParse(value);
    if (!parsed.success) return;
    const { id, value: result, failure } = parsed.data;
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (failure === null) waiting?.resolve(result);
    else waiting?.reject(new TelemetryError(failure.kind, failure.message, failure.nextStep, failure.isTransient));
  }

  private serve(connection: net.Socket): void {
    this.guests.add(connection);
    connection.on("close", () => this.guests.delete(connection));
    connection.on("error", () => connection.destroy());
    onJsonLines(connection, (value) => {
      const parsed = request.safeParse(value);
      if (!parsed.success || this.owned === null) return connection.destroy();
      try {
        sendLine(connection, {
          id: parsed.data.id,
          value: this.respond(this.owned, parsed.data) ?? null,
          failure: null,
        });
      } catch (error) {
        const { kind, message, nextStep, isTransient } =
          error instanceof TelemetryError ? error : failureOf(error, this.file);
        sendLine(connection, { id: parsed.data.id, value: null, failure: { kind, message, nextStep, isTransient } });
      }
    });
  }

  private respond(owned: OwnedStore, asked: Request): unknown {
    if (asked.kind === "spend") return owned.spend(asked.query, new PriceBook(asked.table, this.options.catalogue));
    if (asked.kind === "status") return this.ownStatus(owned);
    return owned.clear(asked.service);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.taking?.catch(() => undefined);
    if (this.role?.kind === "owner") {
      this.owned?.close();
      this.role.release();
      for (const guest of this.guests) guest.destroy();
    } else {
      this.role?.connection.destroy();
    }
    this.role = null;
    this.owned = null;
  }
}
