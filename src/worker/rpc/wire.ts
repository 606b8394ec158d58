import { z } from "zod";
import type { FailureValue } from "../../core/failure";

/** A request that a worker answers: what it is given, what it answers, and how long anybody waits for that (ms). */
export interface RequestType {
  input: z.ZodType;
  output: z.ZodType;
  timeoutMs: number;
}
export type RequestTypes = Record<string, RequestType>;

export const failure = z.object({
  kind: z.string(),
  message: z.string(),
  nextStep: z.string(),
  isTransient: z.boolean(),
}) satisfies z.ZodType<FailureValue>;

/**
 * What a worker has in hand: a version of a document, with the fingerprint of its text, or a request. Null is nothing
 * that has a name.
 */
const subject = z.union([
  z.object({ uri: z.string(), version: z.number(), fingerprint: z.string() }),
  z.object({ request: z.number() }),
]);
export type Subject = z.infer<typeof subject>;

const toWorkerFrame = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("request"), id: z.number(), method: z.string(), input: z.unknown() }),
  z.object({ kind: z.literal("cancel"), id: z.number() }),
  /** Taking it from the line shows that the worker is alive. */
  z.object({ kind: z.literal("ping") }),
]);
export type ToWorkerFrame = z.infer<typeof toWorkerFrame>;

const fromWorkerFrame = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("answer"), id: z.number(), output: z.unknown() }),
  z.object({ kind: z.literal("failed"), id: z.number(), failure }),
  z.object({ kind: z.literal("subject"), subject: subject.nullable() }),
]);
export type FromWorkerFrame = z.infer<typeof fromWorkerFrame>;

/** All that crosses between the extension and one worker: messages each way, and requests with their answers. */
export interface Protocol<To = unknown, From = unknown, Requests extends RequestTypes = RequestTypes> {
  toWorker: z.ZodType<To | ToWorkerFrame>;
  fromWorker: z.ZodType<From | FromWorkerFrame>;
  requests: Requests;
}

/** @param to messages to the worker that nobody waits for. @param from the worker's own messages. */
export const defineProtocol = <To, From, Requests extends RequestTypes>(
  to: z.ZodType<To>,
  from: z.ZodType<From>,
  requests: Requests,
): Protocol<To, From, Requests> => ({
  toWorker: z.union([toWorkerFrame, to]),
  fromWorker: z.union([fromWorkerFrame, from]),
  requests,
});

export type InputOf<R extends RequestTypes, M extends keyof R> = z.infer<R[M]["input"]>;
export type OutputOf<R extends RequestTypes, M extends keyof R> = z.infer<R[M]["output"]>;
