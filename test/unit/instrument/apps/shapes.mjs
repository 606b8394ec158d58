// Every shape of call, tracked, against a local server; prints what the calls returned, as JSON.
import { metrics, trace } from "@opentelemetry/api";
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { createRequire } from "node:module";

const [url, client_, wrapper] = process.argv.slice(2);
const { default: OpenAI } = await import(client_);
const { tracked, swallowedErrors } = wrapper.endsWith(".cjs") ? createRequire(import.meta.url)(wrapper) : await import(wrapper);

const memory = new InMemorySpanExporter();
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 60_000 });
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }).register();
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

const client = new OpenAI({ baseURL: url, apiKey: "sk-test", maxRetries: 0 });
const said = {};
const ask = (content) => [{ role: "user", content }];
const run = async (name, make) => {
  try {
    said[name] = await make();
  } catch (error) {
    said[name] = error.constructor.name;
  }
};
const chat = (feature) => tracked(client.chat.completions, { feature, userId: "ann@example.com" });
const joined = async (stream) => {
  const texts = [];
  for await (const chunk of await stream) texts.push(chunk.choices.length === 0 ? "USAGE" : (chunk.choices[0].delta.content ?? null));
  return texts;
};

await run("plain", async () => (await chat("plain").create({ model: "gpt-4o", messages: ask("hi cached reasoning"), temperature: 0.5, max_tokens: 60 })).choices[0].message.content);
await run("two", async () => (await chat("two").create({ model: "gpt-4o", messages: ask("hi"), n: 2 })).choices.length);
await run("tools", async () => (await chat("tools").create({ model: "gpt-4o", messages: ask("tools") })).choices[0].message.tool_calls[0].function.name);
await run("streamed", () => joined(chat("streamed").create({ model: "gpt-4o", messages: ask("streamed"), stream: true })));
await run("asked", () => joined(chat("asked").create({ model: "gpt-4o", messages: ask("streamed"), stream: true, stream_options: { include_usage: true } })));
await run("declined", () => joined(chat("declined").create({ model: "gpt-4o", messages: ask("streamed"), stream: true, stream_options: { include_usage: false } })));
await run("abandoned", async () => {
  for await (const chunk of await chat("abandoned").create({ model: "gpt-4o", messages: ask("streamed"), stream: true })) if (chunk) break;
  return "left";
});
await run("broken", () => joined(chat("broken").create({ model: "gpt-4o", messages: ask("hang up"), stream: true })));
await run("limited", () => chat("limited").create({ model: "gpt-4o", messages: ask("429") }));
await run("failed", () => chat("failed").create({ model: "gpt-4o", messages: ask("500") }));
await run("managed", async () => (await chat("managed").stream({ model: "gpt-4o", messages: ask("streamed") }).finalChatCompletion()).choices[0].message.content);
await run("parsed", async () => (await chat("parsed").parse({ model: "gpt-4o", messages: ask("parsed") })).choices[0].message.content);
await run("raw", async () => {
  const { data, response } = await chat("raw").create({ model: "gpt-4o", messages: ask("hi") }).withResponse();
  return `${data.choices[0].message.content} ${response.status}`;
});
await run("body", async () => (await (await chat("body").create({ model: "gpt-4o", messages: ask("hi") }).asResponse()).json()).choices.length);
await run("unknown", async () => (await chat("unknown").create({ model: "my-model", messages: ask("hi") })).choices[0].message.content);
await run("response", async () => (await tracked(client.responses, { feature: "response" }).create({ model: "gpt-4o-mini", input: "hi cached" })).output_text);
await run("response_stream", async () => {
  const types = [];
  for await (const event of await tracked(client.responses, { feature: "response_stream" }).create({ model: "gpt-4o-mini", input: "hi", stream: true })) types.push(event.type);
  return types;
});
await run("embedded", async () => (await tracked(client.embeddings, { feature: "embedded" }).create({ model: "text-embedding-3-small", input: "hi", encoding_format: "float" })).data.length);
await run("kept", () => typeof tracked(client.chat.completions, { feature: "kept" }).list);

let outerId = "";
await trace.getTracer("app").startActiveSpan("outer", async (outer) => {
  outerId = outer.spanContext().spanId;
  await chat("nested").create({ model: "gpt-4o", messages: ask("hi") });
  outer.end();
});
await reader.forceFlush();
const spans = memory.getFinishedSpans().filter(({ name }) => name !== "outer");
const points = Object.fromEntries(measured.getMetrics().at(-1).scopeMetrics.flatMap(({ metrics: all }) => all.map(({ descriptor, dataPoints }) => [descriptor.name, [...new Set(dataPoints.flatMap(({ attributes }) => Object.keys(attributes)))].sort()])));
process.stdout.write(JSON.stringify({ said, spans: spans.map((span) => ({ name: span.name, kind: span.kind === 2 ? "CLIENT" : span.kind, status: ["UNSET", "OK", "ERROR"][span.status.code], isChild: span.parentSpanContext?.spanId === outerId, attributes: span.attributes })), metrics: points, swallowed: swallowedErrors }));
