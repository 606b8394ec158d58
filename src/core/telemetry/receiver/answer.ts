import type { IncomingMessage, ServerResponse } from "node:http";
import { TelemetryError } from "../store";
import * as protobuf from "../otlp/protobufAnswer";
import { MAX_BODY, hasBody } from "./body";
import { Refusal } from "./refusal";

/**
 * Bytes and milliseconds for which the rest of a refused body is read and dropped. Some clients (Python's urllib) read
 * no answer before they have sent all of a body, so that the time is the limit for all that senders announce.
 */
const MAX_DRAINED = 2 * 1024 * 1024 * 1024;
const MAX_DRAIN_TIME = 10_000;

/** An answer to a sender of protobuf or JSON, in kind. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  isJson: boolean;
}

/** Answers 200. @param message what was rejected or ignored, empty where nothing was. */
export function accept({ response, isJson }: Exchange, rejected: number, message: string): void {
  const body = isJson
    ? JSON.stringify(
        message === "" ? {} : { partialSuccess: { rejectedSpans: String(rejected), errorMessage: message } },
      )
    : protobuf.encodeAnswer(rejected, message);
  if (response.destroyed) return;
  response.writeHead(200, headersOf(isJson, body));
  response.end(body);
}

/**
 * Answers a refusal, while the body may still be on its way. What is left of it is read and dropped: a connection that is
 * closed with bytes unread is reset, and many senders read the answer only when they have sent everything. A body of a
 * usual size leaves the connection open for the next request; a larger one, or one without end, closes it after a while.
 */
export function refuse({ request, response, isJson }: Exchange, refusal: Refusal): void {
  if (response.destroyed) return;
  const { status, message } = refusal;
  if (status === 503) response.setHeader("Retry-After", refusal.retryAfter);
  if (status === 405) response.setHeader("Allow", "POST");
  // google.rpc.Code: INVALID_ARGUMENT 3, PERMISSION_DENIED 7, UNAVAILABLE 14.
  const code = status === 503 ? 14 : status === 403 ? 7 : 3;
  const body = isJson ? JSON.stringify({ code, message }) : protobuf.encodeStatus(code, message);
  const isUsual =
    request.headers.expect === undefined &&
    request.headers["transfer-encoding"] === undefined &&
    Number(request.headers["content-length"] ?? 0) <= MAX_BODY &&
    status !== 408;
  if (request.complete || !hasBody(request) || isUsual) {
    response.writeHead(status, headersOf(isJson, body));
    response.end(body);
    request.resume();
    return;
  }
  response.writeHead(status, { ...headersOf(isJson, body), Connection: "close" });
  // The answer is whole, by its length; it ends, and closes the connection, when the sender has nothing left to send.
  response.write(body);
  let drained = 0;
  const end = (): void => {
    clearTimeout(limit);
    if (!response.writableEnded) response.end();
  };
  const limit = setTimeout(end, MAX_DRAIN_TIME).unref();
  request
    .on("data", (chunk: Buffer) => {
      drained += chunk.length;
      if (drained > MAX_DRAINED) end();
    })
    .on("end", end)
    .on("close", end)
    .on("error", end);
}

const headersOf = (isJson: boolean, body: string | Uint8Array): Record<string, string | number> => ({
  "Content-Type": isJson ? "application/json" : "application/x-protobuf",
  "Content-Length": Buffer.byteLength(body),
});

/** What a failure is answered with: a refusal as it is, a store that can't be written with 503. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof TelemetryError) return new Refusal(503, error.kind, `${error.message} ${error.nextStep}`);
  return new Refusal(503, "store-failed", "the spans could not be stored");
}
