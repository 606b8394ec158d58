import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { MalformedRequest } from "../otlp/decoded";
import * as json from "../otlp/json";
import * as protobuf from "../otlp/protobuf";
import { TelemetryError } from "../store";
import type { LlmSpan } from "../llmSpan";
import type { WriteResult } from "../local/ownedStore";
import { readSpan } from "../readSpan";
import { Tally, type WarningReason, messageOf } from "../rejection";
import { Refusal, readBody } from "./body";
import { Intake } from "./intake";

/** Seconds after which a sender may come back. */
const RETRY_AFTER = 1;
const signals = ["/v1/traces", "/v1/metrics", "/v1/logs"];

export interface ReceiverCounts {
  requests: number;
  spans: number;
  refused: number;
}

/**
 * Receives OpenTelemetry over HTTP (OTLP 1.x, protobuf and JSON) on this machine only. Spans of calls to models go to
 * `write`; metrics, logs and all other spans are taken and dropped, so that an application may send everything here.
 */
export class Receiver {
  readonly counts: ReceiverCounts = { requests: 0, spans: 0, refused: 0 };
  private server: Server | null = null;
  private readonly intake: Intake;

  /** @param write stores spans durably before it returns, or throws. */
  constructor(write: (spans: readonly LlmSpan[]) => WriteResult) {
    this.intake = new Intake((spans) => {
      const result = write(spans);
      this.counts.spans += result.added;
      return result;
    });
  }

  /** The port that it listens on, or null. */
  get port(): number | null {
    return this.server === null ? null : (this.server.address() as AddressInfo).port;
  }

  /** Listens on 127.0.0.1. @param port 0 takes a free one. @throws TelemetryError where it can't. */
  async start(port: number): Promise<void> {
    if (this.server !== null) return;
    const server = createServer(
      { keepAliveTimeout: 60_000 },
      (request, response) => void this.handle(request, response),
    );
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve)).catch(
      (error: unknown) => {
        const code = error instanceof Error && "code" in error ? error.code : "";
        if (code === "EADDRINUSE")
          throw new TelemetryError(
            "port-taken",
            `Port ${port} is taken by another program, such as an OpenTelemetry Collector.`,
            `Stop that program, let it forward traces to another port here, or choose another port (setting promptCost.receiver.port, option --port) and point OTEL_EXPORTER_OTLP_ENDPOINT at it.`,
            true,
          );
        if (code === "EACCES")
          throw new TelemetryError(
            "port-refused",
            `Port ${port} may not be used by this user.`,
            "Choose a port above 1023.",
          );
        throw new TelemetryError(
          "receiver-failed",
          `The receiver could not start: ${error instanceof Error ? error.message : String(error)}`,
          "Show the log for details.",
        );
      },
    );
    this.server = server;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server === null) return;
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 500).unref();
    await new Promise((resolve) => server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.counts.requests++;
    const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
    const isJson = type !== "application/x-protobuf";
    try {
      const signal = this.check(request, type);
      const body = await readBody(request);
      const { rejected, message } =
        signal === "/v1/traces" ? await this.takeTraces(body, isJson) : this.takeOther(body, isJson, signal);
      send(
        response,
        200,
        isJson,
        isJson
          ? JSON.stringify(
              message === "" ? {} : { partialSuccess: { rejectedSpans: String(rejected), errorMessage: message } },
            )
          : protobuf.encodeAnswer(rejected, message),
      );
    } catch (error) {
      this.counts.refused++;
      const refusal =
        error instanceof Refusal
          ? error
          : new Refusal(
              503,
              error instanceof TelemetryError ? `${error.message} ${error.nextStep}` : "the spans could not be stored",
            );
      // What is left of a refused body is read and dropped: a sender that is cut off in the middle never reads the answer.
      request.resume();
      if (!request.complete) response.setHeader("Connection", "close");
      if (refusal.status === 503) response.setHeader("Retry-After", RETRY_AFTER);
      if (refusal.status === 405) response.setHeader("Allow", "POST");
      // google.rpc.Code: INVALID_ARGUMENT 3, PERMISSION_DENIED 7, UNAVAILABLE 14.
      const code = refusal.status === 503 ? 14 : refusal.status === 403 ? 7 : 3;
      send(
        response,
        refusal.status,
        isJson,
        isJson ? JSON.stringify({ code, message: refusal.message }) : protobuf.encodeStatus(code, refusal.message),
      );
    }
  }

  /** Refuses whatever is not a sender on this machine: a web page can set neither Host nor leave out Origin. */
  private check(request: IncomingMessage, type: string): string {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
    if (!["127.0.0.1", "localhost", "[::1]"].includes(host))
      throw new Refusal(403, "only requests to 127.0.0.1 or localhost are taken");
    if (request.headers.origin !== undefined) throw new Refusal(403, "requests from web pages are not taken");
    const signal = (request.url ?? "").split("?")[0] ?? "";
    if (!signals.includes(signal)) throw new Refusal(404, `there is nothing here but ${signals.join(", ")}`);
    if (request.method !== "POST") throw new Refusal(405, "use POST");
    if (type !== "application/x-protobuf" && type !== "application/json")
      throw new Refusal(415, "content-type must be application/x-protobuf or application/json");
    return signal;
  }

  private async takeTraces(body: Buffer, isJson: boolean): Promise<Outcome> {
    const { spans, rejected } = read(
      () => (isJson ? json.decodeTraces(body.toString("utf8")) : protobuf.decodeTraces(body)),
      isJson,
    );
    const calls: LlmSpan[] = [];
    const warnings = new Tally<WarningReason>();
    const nowUs = Date.now() * 1000;
    for (const span of spans) {
      const reading = readSpan(span, nowUs);
      if (reading.kind === "rejected") rejected.add(reading.reason);
      if (reading.kind !== "call") continue;
      calls.push(reading.call);
      for (const warning of reading.warnings) warnings.add(warning);
    }
    rejected.addAll(await this.intake.add(calls));
    return { rejected: rejected.total, message: messageOf(rejected, warnings) };
  }

  private takeOther(body: Buffer, isJson: boolean, signal: string): Outcome {
    read(() => (isJson ? json.checkMessage(body.toString("utf8")) : protobuf.checkMessage(body)), isJson, signal);
    return { rejected: 0, message: "" };
  }
}

/** What a request that was taken is answered: how many spans were rejected, and a message where there is one. */
interface Outcome {
  rejected: number;
  message: string;
}

function read<T>(decode: () => T, isJson: boolean, signal = "/v1/traces"): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof MalformedRequest) throw new Refusal(400, error.message);
    throw new Refusal(400, `the body is no ${isJson ? "JSON" : "protobuf"} of an OTLP request to ${signal}`);
  }
}

function send(response: ServerResponse, status: number, isJson: boolean, body: string | Uint8Array): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    "Content-Type": isJson ? "application/json" : "application/x-protobuf",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}
