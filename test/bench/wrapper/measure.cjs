// Microseconds that tracking adds to a call and to a chunk, beside the official automatic instrumentation. No network.
const { metrics, trace } = require("@opentelemetry/api");
const { MeterProvider } = require("@opentelemetry/sdk-metrics");
const { BatchSpanProcessor, NodeTracerProvider } = require("@opentelemetry/sdk-trace-node");
const { OpenAIInstrumentation } = require("@opentelemetry/instrumentation-openai");

const CHUNKS = 5000;
const nowhere = { export: (_, done) => done({ code: 0 }), shutdown: async () => undefined };
const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(nowhere)] });
provider.register();
metrics.setGlobalMeterProvider(new MeterProvider());
void trace;
const openai = require("openai-before");
const bareCreate = openai.OpenAI.Chat.Completions.prototype.create;
const { tracked, swallowedErrors, ready } = require("./promptCost.cjs");

const usage = {
  prompt_tokens: 1000,
  completion_tokens: 50,
  total_tokens: 1050,
  prompt_tokens_details: { cached_tokens: 512 },
};
const answer = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-2024-08-06",
  usage,
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }],
});
const line = (choices, more = {}) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "gpt-4o-2024-08-06", choices, ...more })}\n\n`;
const chunk = (delta, finish_reason = null) => line([{ index: 0, delta, finish_reason }]);
const stream = chunk({ content: "x" }).repeat(CHUNKS) + chunk({}, "stop") + line([], { usage }) + "data: [DONE]\n\n";
const fetch = async (_, { body }) =>
  JSON.parse(body).stream
    ? new Response(stream, { headers: { "Content-Type": "text/event-stream" } })
    : new Response(answer, { headers: { "Content-Type": "application/json" } });
const client = new openai.OpenAI({ apiKey: "k", baseURL: "http://127.0.0.1:1/v1", maxRetries: 0, fetch });
const messages = [{ role: "user", content: "hi" }];
const plain = (more) => client.chat.completions.create({ model: "gpt-4o", messages, ...more });
const ways = {
  bare: plain,
  tracked: (more) =>
    tracked(client.chat.completions, { feature: "f", userId: "u", team: "t" }).create({
      model: "gpt-4o",
      messages,
      ...more,
    }),
  automatic: plain,
};

async function timed(make, count) {
  const started = performance.now();
  for (let run = 0; run < count; run++) await make();
  return ((performance.now() - started) / count) * 1000;
}
async function read(make) {
  for await (const _ of await make({ stream: true }));
}
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function main() {
  await ready;
  const instrumentation = new OpenAIInstrumentation();
  instrumentation.setTracerProvider(provider);
  instrumentation.setMeterProvider(metrics.getMeterProvider());
  const [definition] = instrumentation.init();
  const [calls, chunks] = [0, 1].map(() => Object.fromEntries(Object.keys(ways).map((name) => [name, []])));
  for (let round = 0; round < Number(process.argv[2]); round++) {
    for (const [name, make] of Object.entries(ways)) {
      if (name === "automatic") definition.patch(openai, "6.0.0");
      calls[name].push(await timed(make, 200));
      chunks[name].push((await timed(() => read(make), 3)) / CHUNKS);
      openai.OpenAI.Chat.Completions.prototype.create = bareCreate;
    }
  }
  const added = (figures, name) =>
    median(figures[name].slice(2).map((value, index) => value - figures.bare[index + 2]));
  console.log(
    JSON.stringify({
      ...Object.fromEntries(
        ["tracked", "automatic"].map((name) => [name, { call: added(calls, name), chunk: added(chunks, name) }]),
      ),
      swallowed: swallowedErrors,
    }),
  );
}
void main();
