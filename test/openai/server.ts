import http from "node:http";
import type { AddressInfo } from "node:net";

/** What OpenAI would bill for an answer, by the request's model and what the prompt asks to happen. */
export interface Billed {
  model: string;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
}

interface Asked {
  model: string;
  stream?: boolean;
  stream_options?: { include_usage?: boolean } | null;
  messages?: { content: string }[];
  input?: unknown;
  n?: number;
}

const SNAPSHOTS: Record<string, string> = { "gpt-4o": "gpt-4o-2024-08-06", "gpt-4o-mini": "gpt-4o-mini-2024-07-18" };

/**
 * A local server that answers like OpenAI's API: plain, streamed, tools, cached and reasoning tokens, 429, 500, and a
 * connection that breaks in mid-stream. The last message says which, by a word.
 */
export class OpenAiServer {
  readonly billed: Billed[] = [];
  /** Requests that came in, with what of them matters. */
  readonly requests: { path: string; hasStreamOptions: boolean }[] = [];

  private constructor(private readonly server: http.Server) {}

  static async start(): Promise<OpenAiServer> {
    const server = http.createServer();
    const openAi = new OpenAiServer(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => openAi.answer(request.url ?? "", JSON.parse(Buffer.concat(chunks).toString()) as Asked, response));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return openAi;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  private answer(path: string, asked: Asked, response: http.ServerResponse): void {
    this.requests.push({ path, hasStreamOptions: asked.stream_options != null });
    const prompt = asked.messages?.at(-1)?.content ?? JSON.stringify(asked.input ?? "");
    const fault = /\b(429|500)\b/.exec(prompt)?.[1];
    if (fault !== undefined) return json(response, Number(fault), { error: { message: "no", type: fault === "429" ? "rate_limit_exceeded" : "server_error", code: null, param: null } });
    const model = SNAPSHOTS[asked.model] ?? asked.model;
    const usage = { model, inputTokens: 1000 + prompt.length, cachedTokens: prompt.includes("cached") ? 512 : 0, outputTokens: path.includes("embeddings") ? 0 : 50 * (asked.n ?? 1) };
    const isBroken = prompt.includes("hang up");
    if (!isBroken) this.billed.push(usage);
    const reasoning = prompt.includes("reasoning") ? 30 : 0;
    if (path.includes("embeddings")) return json(response, 200, { object: "list", model, data: [{ object: "embedding", index: 0, embedding: [0.1, 0.2] }], usage: { prompt_tokens: usage.inputTokens, total_tokens: usage.inputTokens } });
    if (path.includes("responses")) return this.respond(response, asked, usage, reasoning);
    const chat = { prompt_tokens: usage.inputTokens, completion_tokens: usage.outputTokens, total_tokens: usage.inputTokens + usage.outputTokens, prompt_tokens_details: { cached_tokens: usage.cachedTokens }, completion_tokens_details: { reasoning_tokens: reasoning } };
    const call = { id: "call_1", type: "function", function: { name: "look", arguments: "{}" } };
    const isTools = prompt.includes("tools");
    if (asked.stream !== true) {
      const message = { role: "assistant", content: isTools ? null : prompt.includes("parsed") ? '{"answer":"hello"}' : "hello", refusal: null, ...(isTools ? { tool_calls: [call] } : {}) };
      return json(response, 200, { id: "chatcmpl-1", object: "chat.completion", created: 1, model, choices: Array.from({ length: asked.n ?? 1 }, (_, index) => ({ index, message, finish_reason: isTools ? "tool_calls" : "stop", logprobs: null })), usage: chat, service_tier: "default" });
    }
    const chunk = (delta: object | null, finish: string | null, more: object = {}): string => `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model, choices: delta === null ? [] : [{ index: 0, delta, finish_reason: finish, logprobs: null }], ...more })}\n\n`;
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(chunk({ role: "assistant", content: "" }, null));
    response.write(chunk(isTools ? { tool_calls: [{ index: 0, ...call }] } : { content: "hel" }, null));
    if (isBroken) return void setTimeout(() => response.destroy(), 30);
    setTimeout(() => {
      if (!isTools) response.write(chunk({ content: "lo" }, null));
      response.write(chunk({}, isTools ? "tool_calls" : "stop"));
      if (asked.stream_options?.include_usage === true) response.write(chunk(null, null, { usage: chat }));
      response.end("data: [DONE]\n\n");
    }, 20);
  }

  private respond(response: http.ServerResponse, asked: Asked, { model, ...tokens }: Billed, reasoning: number): void {
    const usage = { input_tokens: tokens.inputTokens, output_tokens: tokens.outputTokens, total_tokens: tokens.inputTokens + tokens.outputTokens, input_tokens_details: { cached_tokens: tokens.cachedTokens }, output_tokens_details: { reasoning_tokens: reasoning } };
    const output = [{ id: "msg_1", type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: "hello", annotations: [] }] }];
    const whole = { id: "resp_1", object: "response", created_at: 1, model, status: "completed", error: null, incomplete_details: null, instructions: null, metadata: {}, parallel_tool_calls: true, temperature: 1, tool_choice: "auto", tools: [], top_p: 1, output, usage };
    if (asked.stream !== true) return json(response, 200, whole);
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    const event = (type: string, more: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: 1, ...more })}\n\n`;
    response.write(event("response.created", { response: { ...whole, status: "in_progress", output: [], usage: null } }));
    response.write(event("response.output_text.delta", { item_id: "msg_1", output_index: 0, content_index: 0, delta: "hello", logprobs: [] }));
    response.end(event("response.completed", { response: whole }));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

function json(response: http.ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json", "x-request-id": "req_1" });
  response.end(JSON.stringify(body));
}
