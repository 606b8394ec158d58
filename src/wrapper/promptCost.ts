/**
 * Tells OpenTelemetry what each tracked call to OpenAI spends: tokens, cost, latency, and whose it is.
 *
 * Written by Prompt Cost Lens, version 1, and replaced as a whole by "Prompt Cost: Update Wrapper": change it there.
 * `tracked(client.chat.completions, { feature: "…" })` is `client.chat.completions` for all that it does and returns;
 * whatever goes wrong in here is counted in `swallowedErrors` and never reaches the call.
 */
import { createHmac } from "node:crypto";
import { prices } from "./promptCostPrices";

export interface Attribution {
  feature: string;
  /** Hashed with the key in PROMPT_COST_USER_KEY; left out where there is none. */
  userId?: string | number | null | undefined;
  /** PROMPT_COST_TEAM where it isn't given. */
  team?: string | undefined;
  /** PROMPT_COST_ENVIRONMENT where it isn't given. */
  environment?: string | undefined;
}

export interface Usage {
  inputTokens?: number | undefined;
  outputTokens?: number | undefined;
  cachedTokens?: number | undefined;
  reasoningTokens?: number | undefined;
}

/** Errors of telemetry that no call ever saw, by their name. */
export const swallowedErrors: Record<string, number> = {};

/** What prompts and answers pass through, where they are captured at all; put a function of your own here. */
export const hooks: { redact: (text: string) => string } = { redact: (text) => mask(text) };

const methods = new Set(["create", "parse", "stream"]);

/** The API (`client.chat.completions`, `client.responses`…), whose calls say what they spend. */
export function tracked<T extends object>(api: T, attribution: Attribution): T {
  const { stack = "" } = new Error();
  const place = quietly(() => placeOf(stack)) ?? {};
  return new Proxy(api, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (typeof name !== "string" || !methods.has(name)) return value.bind(target) as unknown;
      return (...given: unknown[]) => make(target, name, original(value), given, attribution, place);
    },
  });
}

function make(api: object, name: string, method: (...given: unknown[]) => unknown, given: unknown[], attribution: Attribution, place: Attributes): unknown {
  const call = quietly(() => new Call(api, name, given[0], attribution, place));
  if (call === undefined) return method.apply(api, given);
  let result: unknown;
  try {
    result = call.run(() => method.apply(api, [call.body, ...given.slice(1)]));
  } catch (error) {
    quietly(() => call.fail(error));
    throw error;
  }
  quietly(() => follow(call, result));
  return result;
}

/** Looks at an answer when its caller does; the caller keeps the very object that the client made. */
function follow(call: Call, result: unknown): void {
  const answer = result as { parse?: () => Promise<unknown>; asResponse?: () => Promise<unknown>; on?: (event: string, run: (chunk: unknown) => void) => unknown; errored?: boolean; aborted?: boolean } & PromiseLike<unknown>;
  if (typeof answer.on === "function") {
    // `.stream(…)`: it emits its chunks, and `end` after everything, errors too.
    answer.on("chunk", (chunk) => void quietly(() => call.chunk(chunk)));
    answer.on("event", (chunk) => void quietly(() => call.chunk(chunk)));
    answer.on("end", () => void quietly(() => (answer.errored === true || answer.aborted === true ? call.end({ incomplete: true }) : call.end())));
    return;
  }
  if (typeof answer.parse !== "function") {
    if (typeof answer.then === "function") answer.then((value) => void quietly(() => call.answer(value)), (error: unknown) => void quietly(() => call.fail(error)));
    return;
  }
  const parse = answer.parse.bind(answer);
  let parsed: Promise<unknown> | undefined;
  answer.parse = () =>
    (parsed ??= parse().then(
      (value) => {
        quietly(() => call.answer(value));
        return value;
      },
      (error: unknown) => {
        quietly(() => call.fail(error));
        throw error;
      },
    ));
  if (typeof answer.asResponse !== "function") return;
  const asResponse = answer.asResponse.bind(answer);
  answer.asResponse = async () => {
    const response = await asResponse();
    // A body that nobody parses is its caller's alone: what it holds stays unknown.
    if (parsed === undefined) quietly(() => call.end({ incomplete: true }));
    return response;
  };
}

/** One call, from its start to the end of its answer. */
class Call {
  readonly body: unknown;
  private readonly span: Span;
  private readonly attributes: Attributes;
  private readonly operation: string;
  private readonly model: string;
  private readonly started = performance.now();
  private hidesUsage = false;
  private hasEnded = false;
  private firstToken: number | undefined;
  private usage: Usage | undefined;
  private tier: string | undefined;
  private readonly said: string[] | undefined = captures() ? [] : undefined;

  constructor(api: object, method: string, body: unknown, { feature, userId, team, environment }: Attribution, place: Attributes) {
    const api_ = telemetry();
    if (api_?.trace === undefined) throw new Error("OpenTelemetry is not set up");
    const request = (typeof body === "object" && body !== null ? body : {}) as Request;
    const kind = api.constructor.name;
    const streams = request.stream === true || method === "stream";
    // Usage comes only where it is asked for; the caller did not decide, and will not see the chunk.
    this.hidesUsage = streams && request.messages !== undefined && request.stream_options == null;
    this.body = this.hidesUsage ? { ...request, stream_options: { include_usage: true } } : body;
    this.operation = kind === "Embeddings" ? "embeddings" : "chat";
    this.model = request.model ?? "unknown";
    this.tier = request.service_tier ?? undefined;
    const client = (api as { _client?: object })._client;
    this.attributes = {
      "gen_ai.operation.name": this.operation,
      "gen_ai.provider.name": client?.constructor.name.startsWith("Azure") === true ? "azure.ai.openai" : "openai",
      "gen_ai.request.model": this.model,
      "gen_ai.request.temperature": request.temperature ?? undefined,
      "gen_ai.request.max_tokens": request.max_completion_tokens ?? request.max_tokens ?? request.max_output_tokens ?? undefined,
      "gen_ai.response.streaming": streams ? true : undefined,
      feature,
      team: team ?? variable("PROMPT_COST_TEAM"),
      environment: environment ?? variable("PROMPT_COST_ENVIRONMENT"),
      user_id: hashed(userId),
      ...place,
      ...(this.said === undefined ? {} : { "gen_ai.input.messages": messagesOf(request.messages ?? request.input, "user") }),
    };
    this.span = api_.trace.getTracer("prompt-cost-lens", "1").startSpan(`${this.operation} ${this.model}`, { kind: CLIENT, attributes: present(this.attributes) });
  }

  /** Runs the call with its span as the current one. */
  run(make: () => unknown): unknown {
    const contexts = telemetry()?.context;
    const active = quietly(() => contexts?.active().setValue(SPAN_KEY, this.span));
    return contexts === undefined || active === undefined ? make() : contexts.with(active, make);
  }

  answer(value: unknown): void {
    const stream = value as { iterator?: () => AsyncIterator<unknown>; controller?: unknown } | null | undefined;
    if (typeof stream?.iterator !== "function") {
      this.read(value);
      this.end();
      return;
    }
    const iterator = stream.iterator.bind(stream);
    stream.iterator = () => this.chunks(iterator());
  }

  private async *chunks(source: AsyncIterator<unknown>): AsyncGenerator<unknown> {
    try {
      for await (const chunk of { [Symbol.asyncIterator]: () => source }) {
        if (quietly(() => this.chunk(chunk)) !== false) yield chunk;
      }
      quietly(() => this.end());
    } catch (error) {
      quietly(() => this.fail(error));
      throw error;
    } finally {
      quietly(() => this.end({ incomplete: true }));
    }
  }

  /** Takes a chunk; false where the caller would not expect it. */
  chunk(value: unknown): boolean {
    const chunk = value as Chunk;
    if (this.firstToken === undefined && hasContent(chunk)) this.firstToken = performance.now();
    this.said?.push(...(chunk.choices ?? []).flatMap(({ delta }) => delta?.content ?? []));
    this.read(chunk);
    return !(this.hidesUsage && chunk.choices?.length === 0 && chunk.usage != null);
  }

  /** Takes what a response, or a chunk of one, says of itself. */
  private read(value: unknown): void {
    const said = value as Chunk | null | undefined;
    const message = said?.type?.startsWith("response.") === true ? said.response : said;
    if (message == null) return;
    this.said?.push(...(message.choices ?? []).flatMap((choice) => choice.message?.content ?? []), ...(message.output_text == null ? [] : [message.output_text]));
    if (message.usage != null) this.usage = usageOf(message.usage);
    if (typeof message.model === "string") this.attributes["gen_ai.response.model"] = message.model;
    if (typeof message.id === "string") this.attributes["gen_ai.response.id"] = message.id;
    if (typeof message.service_tier === "string") this.tier = message.service_tier;
    const reasons = message.choices?.flatMap(({ finish_reason: reason }) => reason ?? []) ?? (message.status !== undefined && /^(completed|incomplete|failed)$/.test(message.status) ? [message.status] : []);
    if (reasons.length > 0) this.attributes["gen_ai.response.finish_reasons"] = [...((this.attributes["gen_ai.response.finish_reasons"] as string[] | undefined) ?? []), ...reasons];
  }

  fail(error: unknown): void {
    const { status, name } = error as { status?: number; name?: string };
    this.attributes["error.type"] = (error as object).constructor.name || name || "Error";
    this.attributes["http.response.status_code"] = status;
    if (status === 429) this.attributes["gen_ai.response.error.type"] = "rate_limit_exceeded";
    this.end({ failed: true });
  }

  end({ failed = false, incomplete = false }: { failed?: boolean; incomplete?: boolean } = {}): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    const ms = performance.now() - this.started;
    const { attributes: note, usage } = this;
    const cost = usage === undefined ? null : costUsd(String(note["gen_ai.response.model"] ?? this.model), usage, this.tier);
    Object.assign(note, {
      "gen_ai.usage.input_tokens": usage?.inputTokens,
      "gen_ai.usage.output_tokens": usage?.outputTokens,
      "gen_ai.usage.cache_read.input_tokens": usage?.cachedTokens,
      "gen_ai.usage.reasoning.output_tokens": usage?.reasoningTokens,
      "gen_ai.latency.duration_ms": ms,
      ...(this.firstToken === undefined ? {} : { "gen_ai.latency.ttft_ms": this.firstToken - this.started, "gen_ai.response.time_to_first_chunk": (this.firstToken - this.started) / 1000 }),
      ...(incomplete ? { "prompt_cost.incomplete": true } : {}),
      ...(this.said === undefined || this.said.length === 0 ? {} : { "gen_ai.output.messages": messagesOf(this.said.join(""), "assistant") }),
      ...(cost !== null ? { "gen_ai.usage.cost_usd": cost, "gen_ai.usage.cost": cost } : failed ? {} : { "gen_ai.usage.cost_usd": 0, "prompt_cost.unpriced": true }),
    });
    try {
      this.span.setAttributes(present(note));
      if (failed) this.span.setStatus({ code: ERROR });
    } finally {
      this.span.end();
    }
    this.measure(ms / 1000, cost, failed);
  }

  private measure(seconds: number, cost: number | null, failed: boolean): void {
    const names = ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model", "feature", "team", "environment", "error.type"];
    const labels = present(Object.fromEntries(names.map((name) => [name, this.attributes[name]])));
    histogram("gen_ai.client.operation.duration", "s")?.record(seconds, labels);
    for (const [kind, tokens] of [["input", this.usage?.inputTokens], ["output", this.usage?.outputTokens]] as const) {
      if (tokens !== undefined) histogram("gen_ai.client.token.usage", "{token}")?.record(tokens, { ...labels, "gen_ai.token.type": kind });
    }
    if (cost !== null) histogram("gen_ai.usage.cost_usd", "USD")?.record(cost, labels);
    else if (!failed) meter()?.createCounter("gen_ai.usage.unpriced_calls", { unit: "{call}" }).add(1, { "gen_ai.request.model": this.model });
  }
}

/** What a call costs in USD, by the workspace's pricing table; null where it has no price. Cached tokens are part of the input. */
export function costUsd(model: string, { inputTokens = 0, outputTokens = 0, cachedTokens = 0 }: Usage, tier?: string | null): number | null {
  for (const rows of [prices.table, prices.catalogue]) {
    const name = candidates(model).find((one) => Object.hasOwn(rows, one));
    const row = name === undefined ? undefined : rows[name];
    if (row === undefined) continue;
    const factor = row.factors[tier == null || /^(|auto|standard)$/.test(tier) ? "default" : tier];
    if (factor === undefined) return null;
    const price = row.above != null && inputTokens > row.above.inputTokens ? row.above : row;
    if (price.output === null && outputTokens > 0) return null;
    const cached = Math.min(cachedTokens, inputTokens);
    return usd(inputTokens - cached, price.input * factor) + usd(cached, price.cachedInput * factor) + usd(outputTokens, (price.output ?? 0) * factor);
  }
  return null;
}

/** Rounded to a millionth of a millionth, as the extension does: sums carry no noise of binary fractions. */
const usd = (tokens: number, perMillion: number): number => Math.round(tokens * perMillion * 1e6) / 1e12;

function candidates(model: string): string[] {
  const name = model.trim().toLowerCase();
  const bare = name.replace(/^openai\//, "");
  const tuned = /^ft:([^:]+)/.exec(bare)?.[1];
  const undated = (one: string): string => one.replace(/-(\d{4}-\d{2}-\d{2}|0[1-9]\d{2}|1[0-2]\d{2})$/, "");
  return [name, bare, ...(tuned === undefined ? [bare, undated(bare)] : [`ft:${tuned}`, `ft:${undated(tuned)}`])];
}

function usageOf(usage: RawUsage): Usage {
  const [input, output] = [usage.prompt_tokens_details ?? usage.input_tokens_details, usage.completion_tokens_details ?? usage.output_tokens_details];
  return { inputTokens: usage.prompt_tokens ?? usage.input_tokens, outputTokens: usage.completion_tokens ?? usage.output_tokens, cachedTokens: input?.cached_tokens, reasoningTokens: output?.reasoning_tokens };
}

const hasContent = ({ choices, type }: Chunk): boolean => choices?.some(({ delta }) => delta != null && (Boolean(delta.content) || delta.tool_calls != null)) ?? type?.endsWith(".delta") ?? false;

const masks: [RegExp, string][] = [
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, "[e-mail]"],
  [/\b(?:sk|pk|rk|ghp|gho|xox[abp]|AKIA)[-_]?[A-Za-z0-9_-]{12,}/g, "[key]"],
  [/\b\d(?:[ -]?\d){12,18}\b/g, "[card]"],
  [/(?<![\w.])\+?\d[\d ().-]{7,}\d\b/g, "[phone]"],
];

/** The text without e-mail addresses, keys, card and phone numbers, as far as they can be told by their looks. */
export const mask = (text: string): string => masks.reduce((masked, [pattern, word]) => masked.replace(pattern, word), text);

const captures = (): boolean => /^(true|span_only|span_and_event)$/i.test(variable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT") ?? "");

function messagesOf(given: unknown, role: string): string {
  return JSON.stringify(
    [given].flat().map((message) => {
      const { content, role: said } = (typeof message === "object" && message !== null ? message : { content: message }) as { content?: unknown; role?: string };
      const texts = [content].flat().flatMap((part) => (typeof part === "string" ? part : ((part as { text?: string } | null)?.text ?? [])));
      return { role: said ?? role, parts: texts.map((text) => ({ type: "text", content: hooks.redact(text) })) };
    }),
  );
}

let hasToldOfKey = false;
function hashed(user: Attribution["userId"]): string | undefined {
  if (user == null) return undefined;
  const key = variable("PROMPT_COST_USER_KEY");
  if (key !== undefined) return createHmac("sha256", key).update(String(user)).digest("hex");
  if (!hasToldOfKey) process.emitWarning("PROMPT_COST_USER_KEY is not set: calls are told without their user.");
  hasToldOfKey = true;
  return undefined;
}

const variable = (name: string): string | undefined => process.env[name] || undefined;

/** Where `tracked` was called, relative to the folder that the program runs in. */
function placeOf(stack: string): Attributes {
  const [, name, file, line] = /^\s+at (?:async )?(?:(.*?) \()?(?:file:\/\/)?(.+?):(\d+):\d+\)?$/.exec(stack.split("\n")[2] ?? "") ?? [];
  if (file === undefined) return {};
  const root = `${process.cwd()}/`;
  return { "code.file.path": file.startsWith(root) ? file.slice(root.length) : file, "code.function.name": name?.replace(/^(Object|Module)\./, ""), "code.line.number": Number(line) };
}

/** The client's own method, where an automatic instrumentation (shimmer) has patched it: one call is one span. */
function original(method: unknown): (...given: unknown[]) => unknown {
  let found = method as ((...given: unknown[]) => unknown) & { __original?: unknown };
  while (typeof found.__original === "function") found = found.__original as typeof found;
  return found;
}

const histogram = (name: string, unit: string): Histogram | undefined => meter()?.createHistogram(name, { unit });
const meter = (): Meter | undefined => telemetry()?.metrics?.getMeter("prompt-cost-lens", "1");

const present = (values: Attributes): Attributes => Object.fromEntries(Object.entries(values).filter(([, value]) => value != null));

/** Runs telemetry; its errors are counted, and never the caller's. */
function quietly<R>(run: () => R): R | undefined {
  try {
    return run();
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown";
    swallowedErrors[name] = (swallowedErrors[name] ?? 0) + 1;
    return undefined;
  }
}

/**
 * What an application has set up, where OpenTelemetry's API keeps it for all of its copies. It is read here and not
 * imported: so this file needs no package, and makes calls as ever where OpenTelemetry is missing.
 */
const telemetry = (): Telemetry | undefined => (globalThis as Record<symbol, Telemetry | undefined>)[Symbol.for("opentelemetry.js.api.1")];
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");
const CLIENT = 2;
const ERROR = 2;

type Attributes = Record<string, string | number | boolean | string[] | undefined>;
interface Span {
  setAttributes(attributes: Attributes): unknown;
  setStatus(status: { code: number }): unknown;
  end(): void;
}
interface Histogram {
  record(value: number, attributes: Attributes): void;
}
interface Meter {
  createHistogram(name: string, options: { unit: string }): Histogram;
  createCounter(name: string, options: { unit: string }): { add(value: number, attributes: Attributes): void };
}
interface Telemetry {
  trace?: { getTracer(name: string, version: string): { startSpan(name: string, options: object): Span } };
  context?: { active(): { setValue(key: symbol, value: unknown): object }; with<R>(context: object, run: () => R): R };
  metrics?: { getMeter(name: string, version: string): Meter };
}
interface Request {
  model?: string;
  messages?: unknown;
  input?: unknown;
  stream?: boolean;
  stream_options?: object | null;
  service_tier?: string | null;
  temperature?: number | null;
  max_tokens?: number | null;
  max_completion_tokens?: number | null;
  max_output_tokens?: number | null;
}
interface RawUsage {
  prompt_tokens?: number;
  completion_tokens?: number;
  input_tokens?: number;
  output_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number };
  input_tokens_details?: { cached_tokens?: number };
  completion_tokens_details?: { reasoning_tokens?: number };
  output_tokens_details?: { reasoning_tokens?: number };
}
interface Chunk {
  type?: string;
  id?: unknown;
  model?: unknown;
  status?: string;
  service_tier?: unknown;
  usage?: RawUsage | null;
  response?: Chunk;
  output_text?: string | null;
  choices?: { finish_reason?: string | null; message?: { content?: string | null }; delta?: { content?: string | null; tool_calls?: unknown } | null }[];
}
