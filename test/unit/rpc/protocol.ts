import { z } from "zod";
import { defineProtocol } from "../../../src/worker/rpc/wire";

/** What crosses to the worker of these tests, which hangs and crashes on command. */
export const protocol = defineProtocol(
  z.discriminatedUnion("kind", [
    /** Answered by `length`; a text that is HANG or CRASH is never. */
    z.object({ kind: z.literal("text"), uri: z.string(), version: z.number(), text: z.string() }),
    /** Hangs after it was taken, while the worker has nothing to do. */
    z.object({ kind: z.literal("hangLater") }),
    /** Ends the worker with nothing in hand. */
    z.object({ kind: z.literal("die") }),
  ]),
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("length"), uri: z.string(), version: z.number(), length: z.number() }),
    z.object({ kind: z.literal("cancelled") }),
  ]),
  {
    double: { input: z.number(), output: z.number(), timeoutMs: 60_000 },
    /** The worker answers text where a number should be. */
    wrong: { input: z.null(), output: z.number(), timeoutMs: 60_000 },
    refuse: { input: z.null(), output: z.null(), timeoutMs: 60_000 },
    /** Never answered, until it is cancelled. */
    never: { input: z.null(), output: z.null(), timeoutMs: 60_000 },
    late: { input: z.null(), output: z.null(), timeoutMs: 50 },
    hang: { input: z.number(), output: z.null(), timeoutMs: 60_000 },
    /** Works for so many milliseconds, in one of the ways in which legitimate work is slow. */
    work: {
      input: z.object({ ms: z.number(), as: z.enum(["pauses", "beats", "allowed", "waits"]) }),
      output: z.null(),
      timeoutMs: 60_000,
    },
  },
);
