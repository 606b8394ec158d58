// One tracked call under a fault that the first argument names; prints what it returned and what was told.
const [fault, url] = process.argv.slice(2);
const spans = [];
async function main() {
  if (fault === "broken-prices") require.cache[require.resolve("./promptCostPrices.js")] = { exports: { prices: { table: null } }, loaded: true };
  let memory;
  if (fault !== "no-opentelemetry") {
    const { trace } = require("@opentelemetry/api");
    const { BatchSpanProcessor, InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-node");
    const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-proto");
    memory = new InMemorySpanExporter();
    const down = fault === "exporter-down" ? [new BatchSpanProcessor(new OTLPTraceExporter({ url: "http://127.0.0.1:9/v1/traces", timeoutMillis: 500 }))] : [];
    const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory), ...down] });
    if (fault !== "not-set-up") provider.register();
    if (fault === "shut-down") await provider.shutdown();
    if (fault === "tracer-raises") {
      Object.assign(globalThis[Symbol.for("opentelemetry.js.api.1")].trace, {
        getTracer: () => {
          throw new Error("no tracer");
        },
      });
    }
    if (fault === "automatic") {
      // The instrumentation patches the package's own modules as they are loaded; it knows the major version before.
      const { OpenAIInstrumentation } = require("@opentelemetry/instrumentation-openai");
      const instrumentation = new OpenAIInstrumentation();
      instrumentation.setTracerProvider(provider);
      const [definition] = instrumentation.getModuleDefinitions?.() ?? instrumentation.init();
      definition.patch(require("openai-before"), "6.0.0");
    }
    void trace;
  }
  const { AzureOpenAI, OpenAI } = require(fault === "automatic" ? "openai-before" : "openai");
  if (fault === "automatic" && typeof OpenAI.Chat.Completions.prototype.create.__original !== "function") throw new Error("the instrumentation has patched nothing");
  const { tracked, swallowedErrors, hooks } = require("./promptCost.cjs");
  if (fault === "redact-raises") {
    hooks.redact = () => {
      throw new Error("no");
    };
  }
  const client = fault === "azure" ? new AzureOpenAI({ baseURL: `${url}/openai`, apiKey: "k", apiVersion: "2024-10-21" }) : new OpenAI({ baseURL: url, apiKey: "sk-test", maxRetries: 0 });
  const content = "mail ann@example.com or call +49 30 1234567, card 4111 1111 1111 1111, key sk-abcdefghijklmnop";
  const answer = await tracked(client.chat.completions, { feature: "f", userId: "u" }).create({ model: "gpt-4o", messages: [{ role: "user", content }] });
  for (const span of memory?.getFinishedSpans() ?? []) spans.push(span.attributes);
  process.stdout.write(`${JSON.stringify({ said: answer.choices[0].message.content, spans, swallowed: Object.values(swallowedErrors).reduce((sum, count) => sum + count, 0) })}\n`, () => process.exit(0));
}
void main();
