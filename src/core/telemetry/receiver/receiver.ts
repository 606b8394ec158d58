import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { LlmSpan } from "../llmSpan";
import type { WriteResult } from "../local/ownedStore";
import { MalformedRequest } from "../otlp/decoded";
import * as json from "../otlp/json";
import * as protobuf from "../otlp/protobuf";
import { readSpan } from "../readSpan";
import { Tally, type WarningReason, messageOf } from "../rejection";
import { TelemetryError } from "../store";
import { Admission, type Ticket } from "./admission";
import { type Exchange, accept, refusalOf, refuse } from "./answer";
import { arrivedBytes, bodyLimits, checkHeaders, readBody } from "./body";
import { Intake } from "./intake";
import { MetricsCounter, type ReceiverMetrics } from "./metrics";
import { Refusal, SenderGone } from "./refusal";

/**
 * Milliseconds. Headers that come byte by byte, and refused bodies that never end, are given up by the server itself;
 * a body that is read has limits of its own.
 */
const serverLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 60_000,
};

const signals = ["/v1/traces", "/v1/metrics", "/v1/logs"];

/**
 * Receives OpenTelemetry over HTTP (OTLP 1.x, protobuf and JSON) on this machine only. Spans of calls to models go to
 * `write`; metrics, logs and all other spans are taken and dropped, so that an application may send everything here.
 */
export class Receiver {
  private server: Server | null = null;
  private readonly admission = new Admission();
  private readonly intake: Intake;
  private readonly counter: MetricsCounter;

  /**
   * @param write stores spans durably before it returns, or throws.
   * @param onChange called whenever the metrics have changed; it should cost nothing.
   * @param limits of the time that a body may take.
   */
  constructor(
    write: (spans: readonly LlmSpan[]) => WriteResult,
    onChange: () => void = () => undefined,
    private readonly limits = bodyLimits,
  ) {
    this.counter = new MetricsCounter(onChange);
    this.intake = new Intake(
      (spans) => {
        const result = write(spans);
        this.counter.countSpans("stored", result.added);
        this.counter.countSpans("duplicate", spans.length - result.added - result.rejected.size);
        return result;
      },
      (bytes, seconds) => this.admission.measure(bytes, seconds),
    );
  }

  /** What it has done since it was made, and what is under way. */
  get metrics(): ReceiverMetrics {
    const { requests, bytes, held } = this.admission.queue;
    return this.counter.snapshot({
      requests,
      spans: this.intake.waitingSpans,
      bytes,
      held,
      bytesPerSecond: Math.round(this.admission.bytesPerSecond),
    });
  }

  /** The port that it listens on, or null. */
  get port(): number | null {
    return this.server === null ? null : (this.server.address() as AddressInfo).port;
  }

  /** Listens on 127.0.0.1. @param port 0 takes a free one. @throws TelemetryError where it can't. */
  async start(port: number): Promise<void> {
    if (this.server !== null) return;
    const handle = (request: IncomingMessage, response: ServerResponse): void => void this.handle(request, response);
    // A sender that asks first (curl does) is told to go on once it is admitted, and never sends what is refused.
    const server = createServer(serverLimits, handle).on("checkContinue", handle);
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
    this.counter.countRequest("received");
    const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
    const exchange: Exchange = { request, response, isJson: type !== "application/x-protobuf" };
    let ticket: Ticket | null = null;
    try {
      const signal = this.check(request, type);
      const headers = checkHeaders(request);
      // The first piece of a body comes with its headers, or right after them.
      await new Promise((resolve) => setImmediate(resolve));
      ticket = await this.admission.admit(arrivedBytes(request, headers), headers.expectedBytes);
      if (request.headers.expect !== undefined) response.writeContinue();
      const body = await readBody(request, headers, ticket, this.limits);
      const { rejected, message } =
        signal === "/v1/traces"
          ? await this.takeTraces(body, exchange.isJson, ticket)
          : this.takeOther(body, exchange.isJson, signal);
      this.counter.countRequest("accepted");
      accept(exchange, rejected, message);
    } catch (error) {
      if (error instanceof SenderGone) {
        this.counter.countRequest("gone");
        return;
      }
      const refusal = refusalOf(error);
      this.counter.countRefusal(refusal);
      refuse(exchange, refusal);
    } finally {
      ticket?.release();
    }
  }

  /** Refuses whatever is not a sender on this machine: a web page can set neither Host nor leave out Origin. */
  private check(request: IncomingMessage, type: string): string {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
    if (!["127.0.0.1", "localhost", "[::1]"].includes(host))
      throw new Refusal(403, "foreign-host", "only requests to 127.0.0.1 or localhost are taken");
    if (request.headers.origin !== undefined)
      throw new Refusal(403, "web-page", "requests from web pages are not taken");
    const signal = (request.url ?? "").split("?")[0] ?? "";
    if (!signals.includes(signal))
      throw new Refusal(404, "unknown-path", `there is nothing here but ${signals.join(", ")}`);
    if (request.method !== "POST") throw new Refusal(405, "wrong-method", "use POST");
    if (type !== "application/x-protobuf" && type !== "application/json")
      throw new Refusal(415, "unknown-content-type", "content-type must be application/x-protobuf or application/json");
    return signal;
  }

  private async takeTraces(body: Buffer, isJson: boolean, ticket: Ticket): Promise<Outcome> {
    const { spans, rejected } = read(
      () => (isJson ? json.decodeTraces(body.toString("utf8")) : protobuf.decodeTraces(body)),
      isJson,
    );
    const calls: LlmSpan[] = [];
    const warnings = new Tally<WarningReason>();
    const nowUs = Date.now() * 1000;
    let others = 0;
    for (const span of spans) {
      const reading = readSpan(span, nowUs);
      if (reading.kind === "rejected") rejected.add(reading.reason);
      else if (reading.kind === "other") others++;
      else {
        calls.push(reading.call);
        for (const warning of reading.warnings) warnings.add(warning);
      }
    }
    rejected.addAll(await this.intake.add(calls, ticket));
    // Only now: spans of a request that fails are sent again.
    this.counter.countSpans("other", others);
    this.counter.countProblems(rejected, warnings);
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
    if (error instanceof MalformedRequest) throw new Refusal(400, "malformed", error.message);
    throw new Refusal(
      400,
      "malformed",
      `the body is no ${isJson ? "JSON" : "protobuf"} of an OTLP request to ${signal}`,
    );
  }
}
