// One call under a fault that the first argument names; prints what it returned and what was told.
const [fault, url, form] = process.argv.slice(2);

async function main() {
  let memory;
  const fail = () => {
    throw new Error(fault);
  };
  if (fault !== "no-opentelemetry") {
    const { context, metrics } = require("@opentelemetry/api");
    const { BatchSpanProcessor, InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-node");
    const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-proto");
    const { MeterProvider } = require("@opentelemetry/sdk-metrics");
    memory = new InMemorySpanExporter();
    const more = {
      "exporter-down": () => [new BatchSpanProcessor(new OTLPTraceExporter({ url: "http://127.0.0.1:9/v1/traces", timeoutMillis: 500 }))],
      "processor-raises": () => [{ onStart: fail, onEnd: fail, forceFlush: async () => undefined, shutdown: async () => undefined }],
    };
    const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory), ...(more[fault]?.() ?? [])] });
    if (fault !== "not-set-up") {
      provider.register();
      metrics.setGlobalMeterProvider(new MeterProvider());
    }
    if (fault === "shut-down") await provider.shutdown();
    const api = globalThis[Symbol.for("opentelemetry.js.api.1")];
    if (fault === "tracer-raises") api.trace.getTracer = fail;
    if (fault === "meter-raises") api.metrics.getMeter = fail;
    if (fault === "context-raises") api.context.with = fail;
    if (fault === "context-raises-late") {
      const original = context.with.bind(context);
      api.context.with = (...given) => {
        original(...given);
        fail();
      };
    }
    if (fault === "span-raises") {
      const span = Object.getPrototypeOf(provider.getTracer("any").startSpan("any"));
      span.setAttributes = span.setStatus = span.end = fail;
    }
  }
  const { AzureOpenAI, OpenAI } = require("openai");
  const { answer } = form === "mjs" ? await import("./app.mjs") : require("./app.cjs");
  const { swallowedErrors, hooks, ready } = form === "mjs" ? await import("./promptCost.mjs") : require("./promptCost.cjs");
  if (fault === "redact-raises") hooks.redact = fail;
  const client = fault === "azure" ? new AzureOpenAI({ baseURL: `${url}/openai`, apiKey: "k", apiVersion: "2024-10-21" }) : new OpenAI({ baseURL: url, apiKey: "sk-test", maxRetries: 0 });
  const text = "mail ann@example.com or call +49 30 1234567, card 4111 1111 1111 1111, key sk-abcdefghijklmnop";
  const said = await answer(client, text, "u");
  await ready;
  await new Promise((resolve) => setImmediate(resolve));
  const spans = (memory?.getFinishedSpans() ?? []).map(({ attributes }) => attributes);
  const swallowed = Object.values(swallowedErrors).reduce((sum, count) => sum + count, 0);
  process.stdout.write(`${JSON.stringify({ said, spans, swallowed })}\n`, () => process.exit(0));
}
void main();
