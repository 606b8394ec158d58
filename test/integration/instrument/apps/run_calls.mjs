// Runs every function of the given module of calls with spans in memory and, where an endpoint is set, on their way there.
import { metrics, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { createRequire } from "node:module";

const [url, module, client_, wrapper, automatic] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const load = (name) => (name.endsWith(".cjs") ? require(name) : import(name));
const memory = new InMemorySpanExporter();
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 60_000 });
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory), ...(process.env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined ? [] : [new BatchSpanProcessor(new OTLPTraceExporter())])] });
provider.register();
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

let OpenAI;
if (automatic === undefined) ({ default: OpenAI } = await import(client_));
else {
  // The instrumentation patches the package's modules as they are loaded; under the name of an alias, it is asked to.
  const { OpenAIInstrumentation } = require(automatic);
  const instrumentation = new OpenAIInstrumentation();
  instrumentation.setMeterProvider(metrics.getMeterProvider());
  instrumentation.setTracerProvider(provider);
  const package_ = require(client_);
  instrumentation.init()[0].patch(package_, "6.0.0");
  ({ OpenAI } = package_);
  if (typeof OpenAI.Chat.Completions.prototype.create.__original !== "function") throw new Error("the instrumentation has patched nothing");
}

const calls = await load(module);
const { swallowedErrors } = wrapper === "none" ? { swallowedErrors: {} } : await load(wrapper);
const inside = [];
const noting = (...given) => {
  inside.push(trace.getActiveSpan()?.spanContext().spanId ?? "");
  return fetch(...given);
};
const client = new OpenAI({ baseURL: url, apiKey: "sk-test", maxRetries: 0, fetch: noting });
const said = {};
for (const [name, make] of Object.entries(calls)) {
  try {
    said[name] = (await make(client)) ?? null;
  } catch (error) {
    said[name] = error.constructor.name;
  }
}
let outerId = "";
await trace.getTracer("app").startActiveSpan("outer", async (outer) => {
  outerId = outer.spanContext().spanId;
  await calls.plain(client);
  outer.end();
});
for (let round = 0; round < 5; round++) {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await provider.forceFlush();
await reader.forceFlush();
const spans = memory.getFinishedSpans().filter(({ name }) => name !== "outer");
const scopes = measured.getMetrics().at(-1)?.scopeMetrics.filter(({ scope }) => scope.name === "prompt-cost-lens") ?? [];
const points = Object.fromEntries(scopes.flatMap(({ metrics: all }) => all.map(({ descriptor, dataPoints }) => [descriptor.name, [...new Set(dataPoints.flatMap(({ attributes }) => Object.keys(attributes)))].sort()])));
const told = spans.map((span) => ({ id: span.spanContext().spanId, name: span.name, kind: span.kind === 2 ? "CLIENT" : String(span.kind), status: ["UNSET", "OK", "ERROR"][span.status.code], isChild: span.parentSpanContext?.spanId === outerId, attributes: span.attributes }));
process.stdout.write(JSON.stringify({ said, spans: told, inside, metrics: points, swallowed: swallowedErrors }), () => process.exit(0));
