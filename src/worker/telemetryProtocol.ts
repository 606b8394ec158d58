import { z } from "zod";
import { insight, selection } from "../core/insight/insight";

/** What crosses between the editor and the worker that keeps, receives and asks for spans. Both sides check it. */
const proxy = z.object({
  protocol: z.string(),
  host: z.string(),
  port: z.number(),
  auth: z.object({ username: z.string(), password: z.string() }).optional(),
});

export const server = z.object({
  url: z.string(),
  organization: z.string(),
  authorization: z.string(),
  proxy: proxy.nullish(),
  strictTls: z.boolean(),
});

const failure = z.object({ kind: z.string(), message: z.string(), nextStep: z.string(), isTransient: z.boolean() });
export type Failure = z.infer<typeof failure>;

export const toTelemetry = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("localStore"), file: z.string(), retentionDays: z.number(), maxBytes: z.number() }),
  /** Starts the receiver, or stops it (port null). */
  z.object({ kind: z.literal("receive"), port: z.number().nullable() }),
  /** Spend is asked from this server and stream from now on; null is the local store. */
  z.object({ kind: z.literal("source"), source: z.object({ server, stream: z.string() }).nullable() }),
  z.object({ kind: z.literal("discover"), id: z.number(), server }),
  /** The text of the pricing table in force; null where there is none. A text with mistakes leaves the last good prices. */
  z.object({ kind: z.literal("pricing"), text: z.string().nullable() }),
  z.object({ kind: z.literal("insight"), id: z.number(), selection }),
  /** Tells, or no longer, whenever the local store has changed: `changed`. */
  z.object({ kind: z.literal("watch"), isWanted: z.boolean() }),
  /** Forgets everything in the local store, or what a service has sent. */
  z.object({ kind: z.literal("clear"), id: z.number(), service: z.string().nullable() }),
  /** Looks how the source is: an answer `state` follows. */
  z.object({ kind: z.literal("look"), id: z.number() }),
  z.object({ kind: z.literal("cancel"), id: z.number() }),
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
    .object({ spans: z.number(), bytes: z.number(), newestUs: z.number().nullable(), notice: z.string().nullable() })
    .nullable(),
  /** How the source is: null is not known yet. */
  failure: failure.nullable(),
  source: z.enum(["local", "openobserve"]),
});
export type TelemetryState = z.infer<typeof state>;

export const findings = z.object({
  version: z.string(),
  allStreams: z.array(z.string()),
  streams: z.array(
    z.object({
      name: z.string(),
      newestUs: z.number().nullable(),
      missing: z.array(z.object({ column: z.string(), loss: z.string() })),
    }),
  ),
});
export type ServerFindings = z.infer<typeof findings>;

export const fromTelemetry = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("state"), state }),
  z.object({ kind: z.literal("log"), line: z.string() }),
  z.object({ kind: z.literal("failed"), id: z.number(), failure }),
  z.object({ kind: z.literal("done"), id: z.number() }),
  z.object({ kind: z.literal("found"), id: z.number(), findings }),
  z.object({ kind: z.literal("insight"), id: z.number(), insight }),
  z.object({ kind: z.literal("changed") }),
]);
export type FromTelemetry = z.infer<typeof fromTelemetry>;
