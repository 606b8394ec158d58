import { Assets } from "../core/assets";
import { DEFAULT_PORT } from "../core/telemetry/defaults";
import { LocalStore } from "../core/telemetry/local/localStore";
import { defaultStoreFile } from "../core/telemetry/local/location";
import type { ReceiverMetrics } from "../core/telemetry/receiver/metrics";
import { Receiver } from "../core/telemetry/receiver/receiver";
import { TelemetryError } from "../core/telemetry/store";
import { printJsonLine, say } from "./output";
import { UsageError, readArguments } from "./usageError";

/** Milliseconds between lines that say what has arrived. */
const REPORT_EVERY = 10_000;
/** Milliseconds between attempts to take a port that another program holds. */
const RETRY_EVERY = 3000;

/** `prompt-cost receive`: the receiver and the store, without an editor, until it is stopped. */
export async function receive(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, {
    port: { type: "string" },
    db: { type: "string" },
    json: { type: "boolean" },
  });
  if (positionals.length > 0)
    throw new UsageError(`receive takes no "${positionals[0] ?? ""}"; its options are --port, --db and --json`);
  const port = Number(values.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port ${values.port ?? ""} is not a port; use a number up to 65535`);
  const file = values.db ?? defaultStoreFile();

  const receiver = new Receiver((spans) => store.write(spans));
  const report = async (): Promise<void> => {
    if (values.json !== true) {
      say(summaryOf(receiver.metrics));
      return;
    }
    // Another process holds the metrics where this one is a guest.
    const { role, spans, bytes, logBytes, metrics } = await store.status();
    printJsonLine({
      time: new Date().toISOString(),
      role,
      port: receiver.port,
      store: { calls: spans, databaseBytes: bytes - logBytes, logBytes },
      receiver: metrics,
    });
  };
  const start = async (): Promise<void> => {
    await receiver.start(port);
    store.receiver = `receiving on 127.0.0.1:${receiver.port ?? port}`;
    say(
      `Receiving OpenTelemetry on http://127.0.0.1:${receiver.port ?? port} into ${file}. Set OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${receiver.port ?? port} for your application; stop with Ctrl+C.`,
    );
    if (values.json === true) await report();
  };
  const store: LocalStore = new LocalStore(file, {
    catalogue: new Assets(__dirname).catalogue,
    onRole: (role) => {
      if (role === "guest")
        say(`Another window or command receives into ${file}; this one takes over when that one closes.`);
      else void start().catch(retry);
    },
  });
  store.metrics = () => receiver.metrics;
  const retry = (error: unknown): void => {
    say(error instanceof TelemetryError ? `${error.message} ${error.nextStep}` : String(error));
    setTimeout(() => void start().catch(() => retry(error)), RETRY_EVERY);
  };
  const stop = (): void => {
    void receiver
      .stop()
      .then(() => (values.json === true ? report() : undefined))
      .catch(() => undefined)
      .then(() => store.close())
      .then(() => process.exit(0));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);

  const role = await store.ready();
  let told: string | null = null;
  const sayNotice = async (): Promise<void> => {
    const { notice } = await store.status();
    if (notice !== null && notice !== told) say(notice);
    told = notice;
  };
  if (role === "owner") {
    await sayNotice();
  } else if (values.json === true) {
    await report();
  }
  let reported = 0;
  setInterval(() => {
    const { received } = receiver.metrics.requests;
    if (received === reported) return;
    reported = received;
    Promise.all([report(), sayNotice()]).catch((error: unknown) =>
      say(error instanceof Error ? error.message : String(error)),
    );
  }, REPORT_EVERY);
}

/** What has arrived and what has not been stored, in a line. */
function summaryOf({ spans, requests, refused, dropped }: ReceiverMetrics): string {
  const problems = [
    ...dropped.map(({ reason, spans: count }) => `${count} dropped (${reason})`),
    ...refused.map(({ status, reason, requests: count }) => `${count} refused with ${status} (${reason})`),
  ];
  const stored = `${spans.stored} ${spans.stored === 1 ? "call" : "calls"} received in ${requests.received} ${requests.received === 1 ? "request" : "requests"}`;
  return `${[stored, ...problems].join("; ")}.`;
}
