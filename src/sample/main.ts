import { parseArgs } from "node:util";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { SpanKind, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { z } from "zod";
import { Assets } from "../core/assets";
import { PriceBook } from "../core/pricing/price";
import { priceHere } from "../core/telemetry/callPrice";
import { SAMPLE_SERVICE } from "../core/telemetry/sampleService";
import { type SampleCall, sampleCallAt, sampleTraffic } from "./traffic";

/*
 * Sends sample traffic with the OpenTelemetry SDK, as an instrumented application does: as a thread of the extension,
 * or as a program: `node dist/sample.js --port 4318 [--days 14] [--seed 1] [--trickle 2000]` (milliseconds between calls).
 */
const options = z.object({
  port: z.coerce.number(),
  days: z.coerce.number().default(14),
  seed: z.coerce.number().default(1),
  trickle: z.coerce.number().default(0),
});

/** What was sent, for whoever compares it with what is shown. */
interface Sent {
  calls: number;
  costUsd: number;
  inputTokens: number;
  outputTokens: number;
}

const prices = new PriceBook(null, new Assets(__dirname).catalogue);

async function main(): Promise<void> {
  const { values } = isMainThread
    ? parseArgs({
        options: {
          port: { type: "string" },
          days: { type: "string" },
          seed: { type: "string" },
          trickle: { type: "string" },
        },
      })
    : { values: workerData as unknown };
  const { port, days, seed, trickle } = options.parse(values);
  let problem: Error | null = null;
  const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces`, timeoutMillis: 10_000 });
  const exported = exporter.export.bind(exporter);
  exporter.export = (spans, done) =>
    exported(spans, (result) => {
      problem = result.error ?? problem;
      done(result);
    });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": SAMPLE_SERVICE }),
    spanProcessors: [
      new BatchSpanProcessor(exporter, { maxQueueSize: 200_000, maxExportBatchSize: 512, scheduledDelayMillis: 200 }),
    ],
  });
  const tracer = provider.getTracer(SAMPLE_SERVICE);
  const sent: Sent = { calls: 0, costUsd: 0, inputTokens: 0, outputTokens: 0 };
  const now = Date.now();
  for (const call of sampleTraffic(now - days * 86_400_000, now - 60_000, seed)) record(tracer, call, sent);
  await provider.forceFlush();
  if (problem !== null) throw problem as Error;
  say({ sent });
  if (trickle > 0) {
    let number = seed;
    setInterval(() => {
      const call = sampleCallAt(Date.now() - 1500, ++number);
      record(tracer, { ...call, latencyMs: Math.min(call.latencyMs, 1500) }, sent);
    }, trickle);
  } else {
    await provider.shutdown();
  }
}

/** One span, with the attributes that the wrapper gives (GenAI semantic conventions, and our own). */
function record(tracer: Tracer, call: SampleCall, sent: Sent): void {
  const cost = priceHere(prices, call.model, {
    input: call.inputTokens,
    cached: call.cachedTokens,
    output: call.outputTokens,
  });
  const isOk = call.errorStatus === null;
  const requested = call.model.replace(/-\d{4}-\d{2}-\d{2}$/, "");
  const span = tracer.startSpan(`chat ${requested}`, {
    kind: SpanKind.CLIENT,
    startTime: call.startMs,
    root: true,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": requested,
      feature: call.feature,
      team: call.team,
      environment: call.environment,
      user_id: call.user,
      "code.file.path": call.file,
      "code.function.name": call.function,
      "code.line.number": call.line,
      "gen_ai.latency.duration_ms": call.latencyMs,
      ...(isOk
        ? {
            "gen_ai.response.model": call.model,
            "gen_ai.response.finish_reasons": call.finishReason === null ? [] : [call.finishReason],
            "gen_ai.usage.input_tokens": call.inputTokens,
            "gen_ai.usage.output_tokens": call.outputTokens,
            "gen_ai.usage.cache_read.input_tokens": call.cachedTokens,
            "gen_ai.usage.reasoning.output_tokens": call.reasoningTokens,
            ...(cost === null ? {} : { "gen_ai.usage.cost_usd": cost, "gen_ai.usage.cost": cost }),
          }
        : {
            "error.type": call.errorStatus === 429 ? "RateLimitError" : "InternalServerError",
            "http.response.status_code": call.errorStatus ?? 500,
            ...(call.errorStatus === 429 ? { "gen_ai.response.error.type": "rate_limit_exceeded" } : {}),
          }),
      ...(call.firstTokenMs === null
        ? {}
        : { "gen_ai.response.streaming": true, "gen_ai.latency.ttft_ms": call.firstTokenMs }),
    },
  });
  if (!isOk) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(call.startMs + call.latencyMs);
  sent.calls++;
  sent.costUsd += isOk ? (cost ?? 0) : 0;
  sent.inputTokens += call.inputTokens;
  sent.outputTokens += call.outputTokens;
}

function say(message: { sent: Sent } | { problem: string }): void {
  if (parentPort !== null) parentPort.postMessage(message);
  else process.stdout.write(`${JSON.stringify(message)}\n`);
}

main().catch((error: unknown) => {
  say({ problem: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
});
