import { z } from "zod";
import { receiverMetrics } from "../core/telemetry/receiver/metrics";
import type { Discovery } from "../core/telemetry/remote";
import { remoteServer } from "../core/telemetry/sources/servers";
import { sources } from "../core/telemetry/sources/sources";
import { insight, selection } from "../core/insight/insight";
import { defineProtocol, failure } from "./rpc/wire";

/** What crosses between the editor and the worker that keeps, receives and asks for spans. Both sides check it. */
export const toTelemetry = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("localStore"), file: z.string(), retentionDays: z.number(), maxBytes: z.number() }),
  /** Starts the receiver, or stops it (port null). */
  z.object({ kind: z.literal("receive"), port: z.number().nullable() }),
  /** Spend is asked from this server and stream from now on; null is the local store. */
  z.object({ kind: z.literal("source"), source: z.object({ remote: remoteServer, stream: z.string() }).nullable() }),
  /** The text of the pricing table in force; null where there is none. A text with mistakes leaves the last good prices. */
  z.object({ kind: z.literal("pricing"), text: z.string().nullable() }),
  /** Tells, or no longer, whenever the local store has changed: `changed`. */
  z.object({ kind: z.literal("watch"), isWanted: z.boolean() }),
]);
export type ToTelemetry = z.infer<typeof toTelemetry>;

const state = z.object({
  receiver: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("off") }),
    z.object({ kind: z.literal("receiving"), port: z.number() }),
    z.object({ kind: z.literal("elsewhere") }),
    z.object({ kind: z.literal("failed"), failure }),
  ]),
  /** Calls in the local store; null where it is not open. */
  local: z
    .object({
      spans: z.number(),
      /** Of the database and its write-ahead log together. */
      bytes: z.number(),
      logBytes: z.number(),
      newestUs: z.number().nullable(),
      notice: z.string().nullable(),
      /** What the receiver has counted, in whichever window it is. */
      metrics: receiverMetrics.nullable(),
    })
    .nullable(),
  /** How the source is: null is not known yet. */
  failure: failure.nullable(),
  source: z.enum(sources.ids),
});
export type TelemetryState = z.infer<typeof state>;

const discovery = z.object({
  version: z.string(),
  allStreams: z.array(z.string()),
  streams: z.array(
    z.object({
      name: z.string(),
      newestUs: z.number().nullable(),
      missing: z.array(z.object({ column: z.string(), loss: z.string() })),
    }),
  ),
}) satisfies z.ZodType<Discovery>;

export const fromTelemetry = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("state"), state }),
  z.object({ kind: z.literal("log"), line: z.string() }),
  z.object({ kind: z.literal("changed") }),
]);
export type FromTelemetry = z.infer<typeof fromTelemetry>;

/** Milliseconds to wait for a server or a large store. */
const LONG = 300_000;

export const telemetryRequests = {
  discover: { input: z.object({ remote: remoteServer }), output: discovery, timeoutMs: LONG },
  insight: { input: z.object({ selection }), output: insight, timeoutMs: LONG },
  /** Forgets everything in the local store, or what a service has sent. */
  clear: { input: z.object({ service: z.string().nullable() }), output: z.null(), timeoutMs: LONG },
  /** Looks how the source is: an answer `state` comes before this one's. */
  look: { input: z.null(), output: z.null(), timeoutMs: LONG },
};
export type TelemetryRequests = typeof telemetryRequests;

export const telemetryProtocol = defineProtocol(toTelemetry, fromTelemetry, telemetryRequests);
