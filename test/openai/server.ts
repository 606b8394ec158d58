import { existsSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import nodePath from "node:path";
import { PRICING_FILE } from "../../src/core/pricing/tableFile";

/** What OpenAI would bill for an answer. */
export interface Billed {
  /** The prompt's first word: who asked. */
  name: string;
  model: string;
  tier: string | null;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
}

interface Asked {
  model: string;
  stream?: boolean;
  stream_options?: { include_usage?: boolean } | null;
  service_tier?: string;
  messages?: { content: string }[];
  prompt?: string;
  input?: unknown;
  n?: number;
}

const SNAPSHOTS: Record<string, string> = { "gpt-4o": "gpt-4o-2024-08-06", "gpt-4o-mini": "gpt-4o-mini-2024-07-18" };
/** Milliseconds between the chunks of a stream that the prompt asks to be slow. */
const SLOW = 20;

/**
 * A local server that answers like OpenAI's API: plain, streamed, tools, cached and reasoning tokens, 429, 500, a server
 * that knows no `stream_options`, and a connection that breaks in mid-stream. The prompt says which, by a word.
 */
export class OpenAiServer {
  readonly billed: Billed[] = [];
  /** Requests that came in, by who asked. */
  readonly requests: { path: string; name: string; hasStreamOptions: boolean }[] = [];

  private constructor(private readonly server: http.Server) {}

  static async start(): Promise<OpenAiServer> {
    const server = http.createServer();
    const openAi = new OpenAiServer(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () =>
        openAi.answer(request.url ?? "", JSON.parse(Buffer.concat(chunks).toString()) as Asked, response),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return openAi;
  }

  /** Says in a workspace's pricing table that this machine, where such servers stand, asks OpenAI's prices. */
  static priceIn(workspace: string): void {
    const file = nodePath.join(workspace, PRICING_FILE);
    const table = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as object) : { models: {} };
    writeFileSync(file, `${JSON.stringify({ ...table, hosts: { "127.0.0.1": "openai" } }, null, 2)}\n`);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  private answer(path: string, asked: Asked, response: http.ServerResponse): void {
    const prompt =
      asked.messages?.at(-1)?.content ??
      asked.prompt ??
      (typeof asked.input === "string" ? asked.input : JSON.stringify(asked.input ?? ""));
    const name = /^\w+/.exec(prompt)?.[0] ?? "";
    this.requests.push({ path, name, hasStreamOptions: asked.stream_options != null });
    const fault = /\b(429|500)\b/.exec(prompt)?.[1];
    if (fault !== undefined)
      return json(response, Number(fault), {
        error: {
          message: "no",
          type: fault === "429" ? "rate_limit_exceeded" : "server_error",
          code: null,
          param: null,
        },
      });
    if (prompt.includes("old_server") && asked.stream_options != null)
      return json(response, 400, {
        error: {
          message: "Unrecognized request argument supplied: stream_options",
          type: "invalid_request_error",
          code: null,
          param: null,
        },
      });
    const tokens = {
      input: 1000 + prompt.length,
      cached: prompt.includes("cached") ? 512 : 0,
      reasoning: prompt.includes("reasoning") ? 30 : 0,
      output: path.includes("embeddings") ? 0 : 50 * (asked.n ?? 1),
    };
    const billed = {
      name,
      model: SNAPSHOTS[asked.model] ?? asked.model,
      tier: asked.service_tier ?? null,
      inputTokens: tokens.input,
      cachedTokens: tokens.cached,
      outputTokens: tokens.output,
    };
    this.billed.push(billed);
    if (prompt.includes("never")) return;
    if (path.includes("embeddings"))
      return json(response, 200, {
        object: "list",
        model: billed.model,
        data: [{ object: "embedding", index: 0, embedding: [0.1, 0.2] }],
        usage: { prompt_tokens: tokens.input, total_tokens: tokens.input },
      });
    if (path.includes("responses")) return respond(response, asked, billed, tokens.reasoning);
    complete(response, path.includes("chat") ? "chat" : "legacy", asked, prompt, billed, tokens.reasoning);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Chat completions, and the completions before them. */
function complete(
  response: http.ServerResponse,
  kind: "chat" | "legacy",
  asked: Asked,
  prompt: string,
  billed: Billed,
  reasoning: number,
): void {
  const usage = {
    prompt_tokens: billed.inputTokens,
    completion_tokens: billed.outputTokens,
    total_tokens: billed.inputTokens + billed.outputTokens,
    prompt_tokens_details: { cached_tokens: billed.cachedTokens },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
  const call = { id: "call_1", type: "function", function: { name: "look", arguments: "{}" } };
  const isTools = prompt.includes("tools");
  const id = { id: "chatcmpl-1", created: 1, model: billed.model, service_tier: billed.tier ?? "default" };
  if (asked.stream !== true) {
    const message = {
      role: "assistant",
      content: isTools ? null : prompt.includes("parsed") ? '{"answer":"hello"}' : "hello",
      refusal: null,
      ...(isTools ? { tool_calls: [call] } : {}),
    };
    const choice = {
      finish_reason: isTools ? "tool_calls" : "stop",
      logprobs: null,
      ...(kind === "chat" ? { message } : { text: "hello" }),
    };
    return json(response, 200, {
      ...id,
      object: kind === "chat" ? "chat.completion" : "text_completion",
      choices: Array.from({ length: asked.n ?? 1 }, (_, index) => ({ index, ...choice })),
      usage,
    });
  }
  const chunk = (delta: { content?: string } | null, finish: string | null, more: object = {}): string => {
    const choices =
      delta === null
        ? []
        : [
            {
              index: 0,
              finish_reason: finish,
              logprobs: null,
              ...(kind === "chat" ? { delta } : { text: delta.content ?? "" }),
            },
          ];
    return `data: ${JSON.stringify({ ...id, object: kind === "chat" ? "chat.completion.chunk" : "text_completion", choices, ...more })}\n\n`;
  };
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write(chunk({ role: "assistant", content: "" } as { content: string }, null));
  response.write(
    chunk(isTools ? ({ tool_calls: [{ index: 0, ...call }] } as { content?: string }) : { content: "hel" }, null),
  );
  if (prompt.includes("hang up")) return void setTimeout(() => response.destroy(), SLOW);
  if (prompt.includes("slow")) {
    const timer = setInterval(() => response.write(chunk({ content: "…" }, null)), SLOW);
    response.on("close", () => clearInterval(timer));
    return;
  }
  setTimeout(() => {
    if (!isTools) response.write(chunk({ content: "lo" }, null));
    response.write(chunk({}, isTools ? "tool_calls" : "stop"));
    if (asked.stream_options?.include_usage === true) response.write(chunk(null, null, { usage }));
    response.end("data: [DONE]\n\n");
  }, SLOW);
}

/** The Responses API. */
function respond(response: http.ServerResponse, asked: Asked, { model, ...tokens }: Billed, reasoning: number): void {
  const usage = {
    input_tokens: tokens.inputTokens,
    output_tokens: tokens.outputTokens,
    total_tokens: tokens.inputTokens + tokens.outputTokens,
    input_tokens_details: { cached_tokens: tokens.cachedTokens },
    output_tokens_details: { reasoning_tokens: reasoning },
  };
  const part = { type: "output_text", text: "hello", annotations: [], logprobs: [] };
  const item = { id: "msg_1", type: "message", role: "assistant", status: "completed", content: [part] };
  const whole = {
    id: "resp_1",
    object: "response",
    created_at: 1,
    model,
    status: "completed",
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    output: [item],
    usage,
  };
  if (asked.stream !== true) return json(response, 200, whole);
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  const at = { item_id: "msg_1", output_index: 0, content_index: 0 };
  const events: [string, object][] = [
    ["response.created", { response: { ...whole, status: "in_progress", output: [], usage: null } }],
    ["response.output_item.added", { output_index: 0, item: { ...item, status: "in_progress", content: [] } }],
    ["response.content_part.added", { ...at, part: { ...part, text: "" } }],
    ["response.output_text.delta", { ...at, delta: "hello", logprobs: [] }],
    ["response.output_text.done", { ...at, text: "hello", logprobs: [] }],
    ["response.content_part.done", { ...at, part }],
    ["response.output_item.done", { output_index: 0, item }],
    ["response.completed", { response: whole }],
  ];
  events.forEach(([type, more], number) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number, ...more })}\n\n`),
  );
  response.end();
}

function json(response: http.ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json", "x-request-id": "req_1" });
  response.end(JSON.stringify(body));
}
