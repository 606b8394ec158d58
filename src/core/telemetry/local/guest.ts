import type net from "node:net";
import { z } from "zod";
import { TelemetryError } from "../store";
import { onJsonLines, sendLine } from "./lines";
import { type Request, answer, changed } from "./messages";
import { connectToOwner } from "./ownership";

/** What a request carries besides its number. */
export type Question = Request extends infer R ? (R extends Request ? Omit<R, "id"> : never) : never;

/** Milliseconds that an owner may take for an answer: a month of a million calls takes two seconds on a slow machine. */
const PATIENCE_MS = 15_000;

const ownerLeft = (): TelemetryError =>
  new TelemetryError("owner-left", "The window that held the local store has closed.", "Retrying automatically.", true);

/** Milliseconds after which an owner that hasn't even said how it is stands still. */
const SIGN_OF_LIFE_MS = 3_000;

/**
 * Asks a store's owner on behalf of somebody who can also read the files.
 * @returns null where there is no owner, or it leaves or stands still.
 * @throws TelemetryError what the owner answers.
 */
export async function askOwner<T>(
  file: string,
  question: Question,
  schema: z.ZodType<T>,
): Promise<{ value: T } | null> {
  const connection = await connectToOwner(file);
  if (connection === null) return null;
  const owner = new Guest(connection);
  try {
    await owner.ask({ kind: "status" }, z.unknown(), SIGN_OF_LIFE_MS);
    return { value: await owner.ask(question, schema) };
  } catch (error) {
    if (isOwnerAway(error)) return null;
    throw error;
  } finally {
    owner.close();
  }
}

const isOwnerAway = (error: unknown): boolean =>
  error instanceof TelemetryError && ["owner-silent", "owner-left"].includes(error.kind);

/** A connection to the process that owns a store, for one that doesn't. */
export class Guest {
  private nextId = 1;
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();

  /** @param on `close` is called when the owner has gone, and what was asked has failed; `change` when it says so. */
  constructor(
    private readonly connection: net.Socket,
    private readonly on: { close?: () => void; change?: () => void } = {},
    private readonly patienceMs = PATIENCE_MS,
  ) {
    connection.on("error", () => connection.destroy());
    connection.on("close", () => {
      for (const { reject } of this.waiting.values()) reject(ownerLeft());
      this.waiting.clear();
      this.on.close?.();
    });
    onJsonLines(connection, (value) => this.receive(value));
  }

  /** @throws TelemetryError `owner-left`, `owner-silent`, or what the owner answers. */
  async ask<T>(question: Question, schema: z.ZodType<T>, patienceMs = this.patienceMs): Promise<T> {
    if (this.connection.destroyed) throw ownerLeft();
    const id = this.nextId++;
    const value = await new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(this.silent(id)), patienceMs);
      const settled =
        <A>(settle: (value: A) => void) =>
        (value: A): void => {
          clearTimeout(limit);
          settle(value);
        };
      this.waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
      sendLine(this.connection, { id, ...question });
    });
    return schema.parse(value);
  }

  private silent(id: number): TelemetryError {
    this.waiting.delete(id);
    return new TelemetryError(
      "owner-silent",
      "The window that holds the local store doesn't answer: it is busy, or stopped.",
      "Retrying automatically; close that window if it is frozen.",
      true,
    );
  }

  private receive(value: unknown): void {
    if (changed.safeParse(value).success) return this.on.change?.();
    const parsed = answer.safeParse(value);
    if (!parsed.success) return;
    const { id, value: result, failure } = parsed.data;
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (failure === null) waiting?.resolve(result);
    else waiting?.reject(new TelemetryError(failure.kind, failure.message, failure.nextStep, failure.isTransient));
  }

  close(): void {
    this.connection.destroy();
  }
}
