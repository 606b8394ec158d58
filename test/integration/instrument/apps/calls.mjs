// Every shape of call to OpenAI, bare: the test has the command track them. A prompt begins with its function's name.

const MODEL = "gpt-4o";
const ask = (content) => [{ role: "user", content }];
const joined = async (stream) => {
  const texts = [];
  for await (const chunk of stream) texts.push(chunk.choices.length === 0 ? "USAGE" : (chunk.choices[0].delta.content ?? null));
  return texts;
};

export async function plain(client) {
  const answer = await client.chat.completions.create({
    model: MODEL,
    messages: ask("plain: cached reasoning"), // a comment, to stay
    temperature: 0.5,
    max_tokens: 60,
  });
  return answer.choices[0].message.content;
}

export async function partly(client) {
  const make = client.chat.completions.create.bind(client.chat.completions);
  return (await make({ model: MODEL, messages: ask("partly") })).choices[0].message.content;
}

export async function several(client) {
  return (await client.chat.completions.create({ model: MODEL, messages: ask("several"), n: 2 })).choices.length;
}

export async function tools(client) {
  const answer = await client.chat.completions.create({ model: MODEL, messages: ask("tools"), tools: [] });
  return answer.choices[0].message.tool_calls[0].function.name;
}

export async function flex(client) {
  return (await client.chat.completions.create({ model: "o3", messages: ask("flex"), service_tier: "flex" })).choices[0].message.content;
}

export async function streamed(client) {
  return joined(await client.chat.completions.create({ model: MODEL, messages: ask("streamed"), stream: true }));
}

export async function streamed_tools(client) {
  const reasons = [];
  for await (const chunk of await client.chat.completions.create({ model: MODEL, messages: ask("streamed_tools"), stream: true })) reasons.push(chunk.choices[0].finish_reason);
  return reasons.at(-1);
}

export async function asked(client) {
  return joined(await client.chat.completions.create({ model: MODEL, messages: ask("asked"), stream: true, stream_options: { include_usage: true } }));
}

export async function obfuscated(client) {
  return joined(await client.chat.completions.create({ model: MODEL, messages: ask("obfuscated"), stream: true, stream_options: { include_obfuscation: false } }));
}

export async function declined(client) {
  return joined(await client.chat.completions.create({ model: MODEL, messages: ask("declined"), stream: true, stream_options: { include_usage: false } }));
}

export async function old_server(client) {
  return joined(await client.chat.completions.create({ model: "gpt-4o-mini", messages: ask("old_server"), stream: true }));
}

export async function left(client) {
  for await (const chunk of await client.chat.completions.create({ model: MODEL, messages: ask("left"), stream: true })) return chunk.choices[0].delta.content;
}

export async function dropped(client) {
  await client.chat.completions.create({ model: MODEL, messages: ask("dropped"), stream: true });
  return "dropped";
}

export async function aborted(client) {
  const stream = await client.chat.completions.create({ model: MODEL, messages: ask("aborted: slow"), stream: true });
  const texts = [];
  for await (const chunk of stream) {
    texts.push(chunk.choices[0].delta.content);
    stream.controller.abort();
  }
  return texts;
}

export async function teed(client) {
  const [one, two] = (await client.chat.completions.create({ model: MODEL, messages: ask("teed"), stream: true })).tee();
  return [await joined(one), await joined(two)];
}

export async function broken(client) {
  return joined(await client.chat.completions.create({ model: MODEL, messages: ask("broken: hang up"), stream: true }));
}

export async function limited(client) {
  return client.chat.completions.create({ model: MODEL, messages: ask("limited: 429") });
}

export async function timed_out(client) {
  return client.chat.completions.create({ model: MODEL, messages: ask("timed_out: never") }, { timeout: 200 });
}

export async function failed(client) {
  return client.chat.completions.create({ model: MODEL, messages: ask("failed: 500") });
}

export async function unknown(client) {
  return (await client.chat.completions.create({ model: "my-model", messages: ask("unknown") })).choices[0].message.content;
}

export async function managed(client) {
  const runner = client.chat.completions.stream({ model: MODEL, messages: ask("managed") });
  let chunks = 0;
  runner.on("chunk", () => chunks++);
  const completion = await runner.finalChatCompletion();
  return [completion.choices[0].message.content, completion.usage === undefined, chunks];
}

export async function parsed(client) {
  return (await client.chat.completions.parse({ model: MODEL, messages: ask("parsed") })).choices[0].message.content;
}

export async function raw(client) {
  const { data, response } = await client.chat.completions.create({ model: MODEL, messages: ask("raw") }).withResponse();
  return [data.choices[0].message.content, response.headers.get("x-request-id")];
}

export async function body(client) {
  return (await (await client.chat.completions.create({ model: MODEL, messages: ask("body") }).asResponse()).json()).choices.length;
}

export async function legacy(client) {
  return (await client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "legacy" })).choices[0].text;
}

export async function legacy_stream(client) {
  const texts = [];
  for await (const chunk of await client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "legacy_stream", stream: true })) texts.push(chunk.choices[0]?.text ?? "USAGE");
  return texts;
}

export async function response(client) {
  return (await client.responses.create({ model: "gpt-4o-mini", input: "response: cached" })).output_text;
}

export async function response_stream(client) {
  const types = [];
  for await (const event of await client.responses.create({ model: "gpt-4o-mini", input: "response_stream", stream: true })) types.push(event.type);
  return types;
}

export async function response_managed(client) {
  return (await client.responses.stream({ model: "gpt-4o-mini", input: "response_managed" }).finalResponse()).output_text;
}

export async function response_parsed(client) {
  return (await client.responses.parse({ model: "gpt-4o-mini", input: "response_parsed" })).output_text;
}

export async function embedded(client) {
  return (await client.embeddings.create({ model: "text-embedding-3-small", input: "embedded", encoding_format: "float" })).data.length;
}
