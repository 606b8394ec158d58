/**
 * Reports each tracked OpenAI call's tokens, cost, latency and attribution to OpenTelemetry.
 *
 * Written by Prompt Cost Lens, version 5, and replaced as a whole by "Prompt Cost: Update Wrapper": change it there.
 * `tracked(client.chat.completions, { feature: "…" })` is `client.chat.completions` for all that it does and returns;
 * whatever goes wrong in here is counted in `swallowedErrors` and never reaches the call. OpenTelemetry is taken from
 * where its API keeps it for all of its copies, so this file needs no package and runs wherever JavaScript does.
 */

export interface Attribution {
  feature: string;
  /** Hashed with the key in PROMPT_COST_USER_KEY; left out where there is none. An object stands for its `id`. */
  userId?: unknown;
  /** PROMPT_COST_TEAM where it isn't given. */
  team?: string | undefined;
  /** PROMPT_COST_ENVIRONMENT where it isn't given. */
  environment?: string | undefined;
}

export interface Usage {
  inputTokens?: number | undefined;
  outputTokens?: number | undefined;
  /** Part of the input tokens. */
  cachedTokens?: number | undefined;
  /** Part of the output tokens. */
  reasoningTokens?: number | undefined;
}

/** Errors of telemetry that no call ever saw, by their name. */
export const swallowedErrors: Record<string, number> = {};

/** What prompts and answers pass through, where they are captured at all; put a function of your own here. */
export const hooks: { redact: (text: string) => string } = { redact: (text) => mask(text) };

/** The project's folder, from this file's: paths of code are told relative to it. */
const PROJECT: string = ".";
const NAME = "prompt-cost-lens";
const VERSION = "4";

/** The APIs behind the objects that `tracked` returned. */
const apis = new WeakMap<object, Api>();

/**
 * The API (`client.chat.completions`, `client.responses`…), whose calls say what they spend.
 * @template {object} T
 * @param {T} api
 * @param {{ feature: string, userId?: unknown, team?: string, environment?: string }} attribution
 * @returns {T}
 */
export function tracked<T extends object>(api: T, attribution: Attribution): T {
  return (quietly(() => proxyOf(apis.get(api) ?? api, attribution, placeOfCaller(tracked))) as T | undefined) ?? api;
}

function proxyOf(api: Api, attribution: Attribution, place: Attributes): object {
  const proxy: object = new Proxy(api, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const method = value as Method;
      if (name === "create") return (...given: unknown[]) => make(target, original(method), given, attribution, place);
      // Helpers make their request by the client's own `create`: that is the call which is tracked.
      if (name === "parse" || name === "stream")
        return (...given: unknown[]) => method.apply(quietly(() => withCreate(target, proxy)) ?? target, given);
      return method.bind(target);
    },
  });
  apis.set(proxy, api);
  return proxy;
}

/** The API, its client giving the tracked one to whoever asks for it. */
function withCreate(api: Api, proxy: object): Api {
  const client = api._client;
  if (client === undefined) return api;
  const own = { value: proxy };
  const shadow = Object.create(
    client,
    client.responses === api
      ? { responses: own }
      : { chat: { value: Object.create(client.chat ?? null, { completions: own }) } },
  ) as object;
  return Object.create(api, { _client: { value: shadow } }) as Api;
}

function make(api: Api, method: Method, given: unknown[], attribution: Attribution, place: Attributes): unknown {
  const call = quietly(() => new Call(api, given[0], attribution, place));
  if (call === undefined) return method.apply(api, given);
  let result: unknown;
  try {
    result = call.run(() => method.apply(api, [call.body, ...given.slice(1)]));
  } catch (error) {
    quietly(() => call.fail(error));
    throw error;
  }
  return quietly(() => follow(call, result, () => call.run(() => method.apply(api, given)))) ?? result;
}

/** Looks at an answer when its caller does; the caller keeps the very object that the client made. */
function follow(call: Call, result: unknown, again: () => unknown): unknown {
  const answer = result as ApiPromise;
  const { parseResponse, asResponse, _thenUnwrap: thenUnwrap } = answer;
  if (typeof parseResponse !== "function") {
    const promise = result instanceof Promise ? (result as Promise<unknown>) : undefined;
    if (promise?.constructor === Promise)
      return promise.then(
        (value) => call.succeeded(value),
        (error: unknown) => call.failed(error),
      );
    // Of another kind: it is its caller's to wait for, and only looked at.
    if (promise === undefined) call.end({ incomplete: true });
    else
      void promise.then(
        (value) => call.succeeded(value),
        (error: unknown) => void quietly(() => call.fail(error)),
      );
    return result;
  }
  answer.responsePromise = answer.responsePromise.catch((error: unknown) => {
    // A server that knows no `stream_options` refused what the caller did not ask for.
    return quietly(() => call.askedInVain(error)) === true
      ? (again() as ApiPromise).responsePromise
      : call.failed(error);
  });
  answer.parseResponse = async (...of) => {
    call.isRead = true;
    left?.unregister(call);
    return parseResponse.apply(answer, of).then(
      (value) => call.succeeded(value),
      (error: unknown) => call.failed(error),
    );
  };
  // Helpers (`parse`) read the answer by another promise.
  if (thenUnwrap !== undefined)
    answer._thenUnwrap = (change) =>
      follow(call, thenUnwrap.call(answer, change), () => (again() as ApiPromise)._thenUnwrap?.(change));
  answer.asResponse = async () => {
    const response = await asResponse.call(answer);
    // A body that nobody parses is its caller's alone: what it holds stays unknown.
    if (!call.isRead) quietly(() => call.end({ incomplete: true }));
    return response;
  };
  left?.unregister(call);
  left?.register(answer, call, call);
  return answer;
}

const { FinalizationRegistry: Registry, performance: clock, process: runtime } = globalThis as unknown as Platform;
/** Ends the calls whose answers nobody reads. What it holds of a call must not lead back to the answer. */
const left =
  Registry === undefined ? undefined : new Registry((call) => void quietly(() => call.end({ incomplete: true })));

/** One call, from its start to the end of its answer. */
class Call {
  /** The request's body, as it is sent. */
  readonly body: unknown;
  /** Whether its answer is being read. */
  isRead = false;
  private readonly span: Span | undefined;
  private readonly attributes: Attributes;
  /** What is known only when the answer is there. */
  private readonly answered: Attributes = {};
  private readonly host: string;
  private readonly soldBy: string;
  private readonly model: string;
  private readonly started = now();
  private readonly said: string[] | undefined = captures() ? [] : undefined;
  private readonly reasons: string[] = [];
  private hidesUsage: boolean;
  private isStream = false;
  private hasEnded = false;
  private firstToken: number | undefined;
  private usage: Usage | undefined;
  private tier: string | undefined;

  constructor(api: Api, body: unknown, { feature, userId, team, environment }: Attribution, place: Attributes) {
    const request = (typeof body === "object" && body !== null ? body : {}) as Request;
    const client = api._client;
    const host = (this.host = hostOf(client?.baseURL));
    // A client of Azure's may ask through a gateway of one's own.
    this.soldBy = providerOf(client, host) === "azure.ai.openai" ? "openai.azure.com" : addressOf(client?.baseURL);
    const operation =
      client?.embeddings === api ? "embeddings" : client?.completions === api ? "text_completion" : "chat";
    this.model = request.model ?? "unknown";
    // Usage comes only where it is asked for. Where the caller did not decide, the chunk is asked for and hidden.
    this.hidesUsage =
      request.stream === true &&
      client?.responses !== api &&
      request.stream_options?.include_usage === undefined &&
      !refusing.has(`${host} ${this.model}`);
    this.body = this.hidesUsage
      ? { ...request, stream_options: { ...request.stream_options, include_usage: true } }
      : body;
    this.tier = request.service_tier ?? undefined;
    this.attributes = {
      ...place,
      feature,
      user_id: quietly(() => hashed(userId)),
      team: team ?? variable("PROMPT_COST_TEAM"),
      environment: environment ?? variable("PROMPT_COST_ENVIRONMENT"),
      "gen_ai.operation.name": operation,
      "gen_ai.provider.name": providerOf(client, host),
      "gen_ai.request.model": this.model,
      "gen_ai.request.temperature": request.temperature ?? undefined,
      "gen_ai.request.max_tokens":
        request.max_completion_tokens ?? request.max_tokens ?? request.max_output_tokens ?? undefined,
      "gen_ai.response.streaming": request.stream === true ? true : undefined,
      "server.address": host || undefined,
    };
    if (this.said !== undefined)
      this.attributes["gen_ai.input.messages"] = quietly(() =>
        messagesOf(request.messages ?? request.input ?? request.prompt, "user"),
      );
    this.span = telemetry()
      ?.trace?.getTracer(NAME, VERSION)
      .startSpan(`${operation} ${this.model}`, { kind: CLIENT, attributes: present(this.attributes) });
  }

  /** Makes the request, its span being the current one; whatever telemetry does, it is made once. */
  run<R>(request: () => R): R {
    const outcome: (() => R)[] = [];
    const attempt = (): void => {
      try {
        const value = request();
        outcome.push(() => value);
      } catch (error) {
        outcome.push(() => {
          throw error;
        });
      }
    };
    const contexts = telemetry()?.context;
    if (contexts !== undefined && this.span !== undefined)
      quietly(() => contexts.with(contexts.active().setValue(SPAN_KEY, this.span), attempt));
    if (outcome.length === 0) attempt();
    return (outcome[0] as () => R)();
  }

  succeeded(value: unknown): unknown {
    quietly(() => this.answer(value));
    return value;
  }

  failed(error: unknown): never {
    quietly(() => this.fail(error));
    throw error;
  }

  /** Whether the server refused the call only because usage was asked for: it then is made as it was written. */
  askedInVain(error: unknown): boolean {
    const { status, message } = error as { status?: number; message?: string };
    const inVain =
      this.hidesUsage && (status === 400 || status === 422) && message?.includes("stream_options") === true;
    if (inVain) {
      this.hidesUsage = false;
      refusing.add(`${this.host} ${this.model}`);
    }
    return inVain;
  }

  private answer(value: unknown): void {
    const stream = value as { iterator?: () => AsyncIterator<unknown>; controller?: unknown } | null | undefined;
    if (typeof stream?.iterator !== "function" || stream.controller === undefined) {
      this.read(value);
      return this.end();
    }
    if (this.isStream) return;
    this.isStream = true;
    const iterator = stream.iterator.bind(stream);
    stream.iterator = () => {
      left?.unregister(this);
      const chunks = this.chunks(iterator());
      left?.register(chunks, this, this);
      return chunks;
    };
    left?.register(stream, this, this);
  }

  private async *chunks(source: AsyncIterator<unknown>): AsyncGenerator<unknown> {
    let isWhole = false;
    try {
      for await (const chunk of { [Symbol.asyncIterator]: () => source }) {
        if (quietly(() => this.chunk(chunk)) !== false) yield chunk;
      }
      isWhole = this.reasons.length > 0;
    } catch (error) {
      this.failed(error);
    } finally {
      quietly(() => this.end({ incomplete: !isWhole }));
    }
  }

  /** Takes a chunk; false where the caller would not expect it. */
  private chunk(value: unknown): boolean {
    const chunk = value as Chunk;
    if (this.firstToken === undefined && hasContent(chunk)) this.firstToken = now();
    this.read(chunk);
    return !(this.hidesUsage && chunk.choices?.length === 0 && chunk.usage != null);
  }

  /** Takes what a response, or a chunk of one, says of itself. */
  private read(value: unknown): void {
    const said = value as Chunk | null | undefined;
    const message = said?.type?.startsWith("response.") === true ? said.response : said;
    if (message == null) return;
    const { usage, model, id, service_tier: tier, choices, status } = message;
    this.said?.push(...textsOf(message));
    if (usage != null) this.usage = usageOf(usage);
    if (typeof model === "string") this.answered["gen_ai.response.model"] = model;
    if (typeof id === "string") this.answered["gen_ai.response.id"] = id;
    if (typeof tier === "string") this.tier = tier;
    for (const { finish_reason: reason } of choices ?? []) if (reason != null) this.reasons.push(reason);
    if (status === "completed" || status === "incomplete" || status === "failed") this.reasons.push(status);
  }

  fail(error: unknown): void {
    const { status, name } = error as { status?: number; name?: string };
    this.answered["error.type"] = (error as object).constructor.name || name || "Error";
    this.answered["http.response.status_code"] = status;
    if (status === 429) this.answered["gen_ai.response.error.type"] = "rate_limit_exceeded";
    // Whoever gave up waiting doesn't know what the answer has cost.
    const gaveUp = /Timeout|Abort/.test(String(this.answered["error.type"]));
    this.end({ failed: true, incomplete: this.isStream || gaveUp });
  }

  /** Ends the span with what is known; only the first time counts. */
  end({ failed = false, incomplete = false }: { failed?: boolean; incomplete?: boolean } = {}): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    const ended = now();
    if (prices !== undefined) return this.tell(ended, undefined, failed, incomplete);
    // The call was over before the prices were loaded.
    const at = Date.now();
    void ready.then(() => quietly(() => this.tell(ended, at, failed, incomplete)));
  }

  private tell(ended: number, at: number | undefined, failed: boolean, incomplete: boolean): void {
    const { answered: note, usage, firstToken } = this;
    const cost = quietly(() => this.cost()) ?? null;
    // A request that was refused costs nothing; of all others the cost is known, or said to be unknown.
    const isUnpriced = cost === null && (!failed || incomplete);
    Object.assign(note, {
      "gen_ai.usage.input_tokens": usage?.inputTokens,
      "gen_ai.usage.output_tokens": usage?.outputTokens,
      "gen_ai.usage.cache_read.input_tokens": usage?.cachedTokens,
      "gen_ai.usage.reasoning.output_tokens": usage?.reasoningTokens,
      "gen_ai.usage.cost_usd": cost ?? (isUnpriced ? 0 : undefined),
      "gen_ai.usage.cost": cost ?? undefined,
      "gen_ai.response.finish_reasons": this.reasons.length > 0 ? this.reasons : undefined,
      "gen_ai.latency.duration_ms": ended - this.started,
      "gen_ai.latency.ttft_ms": firstToken === undefined ? undefined : firstToken - this.started,
      "gen_ai.response.time_to_first_chunk": firstToken === undefined ? undefined : (firstToken - this.started) / 1000,
      "prompt_cost.unpriced": isUnpriced || undefined,
      "prompt_cost.incomplete": incomplete || undefined,
    });
    if (this.said !== undefined && this.said.length > 0)
      note["gen_ai.output.messages"] = quietly(() => messagesOf(this.said?.join(""), "assistant"));
    try {
      this.span?.setAttributes(present(note));
      if (failed) this.span?.setStatus({ code: ERROR });
    } finally {
      this.span?.end(at);
    }
    // The histograms get it when they are collected, which costs no call its time.
    if (instruments() === undefined) return;
    unmeasured.push({
      seconds: (ended - this.started) / 1000,
      cost,
      isUnpriced,
      usage,
      labels: LABELS.map((name) => this.attributes[name] ?? note[name]),
    });
    if (unmeasured.length > MOST_UNMEASURED) measureAll();
  }

  private cost(): number | null {
    const answered = this.answered["gen_ai.response.model"];
    return this.usage === undefined
      ? null
      : costUsd(typeof answered === "string" ? answered : this.model, this.usage, this.tier, this.model, this.soldBy);
  }
}

/** What the histograms get of a call. */
interface Measured {
  seconds: number;
  cost: number | null;
  isUnpriced: boolean;
  usage: Usage | undefined;
  /** The values of `LABELS`. */
  labels: Attributes[string][];
}
const unmeasured: Measured[] = [];
const MOST_UNMEASURED = 5000;

function measureAll(): void {
  const { duration, tokens, costs, unpriced } = instruments() ?? {};
  for (const { seconds, cost, isUnpriced, usage, labels: values } of unmeasured.splice(0)) {
    const labels = present(Object.fromEntries(LABELS.map((name, index) => [name, values[index]])));
    duration?.record(seconds, labels);
    if (usage?.inputTokens != null) tokens?.record(usage.inputTokens, { ...labels, "gen_ai.token.type": "input" });
    if (usage?.outputTokens != null) tokens?.record(usage.outputTokens, { ...labels, "gen_ai.token.type": "output" });
    if (cost !== null) costs?.record(cost, labels);
    if (isUnpriced) unpriced?.add(1, { "gen_ai.request.model": labels["gen_ai.request.model"] });
  }
}

const LABELS = [
  "gen_ai.operation.name",
  "gen_ai.provider.name",
  "gen_ai.request.model",
  "gen_ai.response.model",
  "feature",
  "team",
  "environment",
  "error.type",
];

/** USD per million tokens, by model, loaded apart: without them calls are recorded without a cost. */
let prices: Prices | undefined;
/** Settled once the prices are loaded, or are known not to be. */
export const ready: Promise<void> = import("./promptCostPrices")
  .then(({ prices: loaded }) => {
    if (typeof (loaded as Prices | undefined)?.table !== "object")
      throw new TypeError("promptCostPrices has no prices");
    prices = loaded as Prices;
  })
  .catch((error: unknown) => {
    prices = {};
    count(error);
  });

/**
 * What a call costs in USD, by the workspace's pricing table; null where it has no price. Cached tokens are part of the
 * input. The model that answered decides, and where the table doesn't know it, the one that was `requested` (a
 * deployment's name). A `host` that doesn't ask OpenAI's prices has those that the table says: `HOST/MODEL`, `VENDOR/MODEL`,
 * or names that aren't OpenAI's.
 */
export function costUsd(
  model: string,
  { inputTokens = 0, outputTokens = 0, cachedTokens = 0 }: Usage,
  tier?: string | null,
  requested: string = model,
  host = "",
): number | null {
  const vendor = vendorOf(host.toLowerCase());
  const sellsOpenAi = /^(openai|azure)$/.test(vendor);
  if (!sellsOpenAi && !/^(|auto|standard|default)$/.test(tier ?? "")) return null;
  const { table = {}, catalogue = {} } = prices ?? {};
  const all = [...candidates(model), ...candidates(requested)];
  const names = sellsOpenAi ? all : all.filter((one) => one.includes("/") || own(catalogue, one) === undefined);
  const prefixes = [host.toLowerCase(), withoutPort(host.toLowerCase()), vendor].filter(
    (prefix) => prefix !== "" && prefix !== "openai",
  );
  const ofVendor = prefixes.flatMap((prefix) => all.map((one) => `${prefix}/${one}`));
  for (const [rows, some] of [
    [table, [...ofVendor, ...names]] as const,
    [sellsOpenAi ? catalogue : {}, names] as const,
  ]) {
    const name = some.find((one) => own(rows, one) !== undefined);
    const row = name === undefined ? undefined : rows[name];
    if (row === undefined) continue;
    const factor = own(row.factors, tier == null || /^(|auto|standard)$/.test(tier) ? "default" : tier);
    if (factor === undefined) return null;
    const price = row.above != null && inputTokens > row.above.inputTokens ? row.above : row;
    if (price.output === null && outputTokens > 0) return null;
    const cached = Math.min(cachedTokens, inputTokens);
    return (
      usd(inputTokens - cached, price.input * factor) +
      usd(cached, price.cachedInput * factor) +
      usd(outputTokens, (price.output ?? 0) * factor)
    );
  }
  return null;
}

/** The vendor whose prices a host asks: OpenAI where none is known to be asked, empty where nobody knows. */
function vendorOf(host: string): string {
  if (host === "") return "openai";
  const hosts = prices?.hosts ?? {};
  const whole = own(hosts, host);
  if (whole !== undefined) return whole;
  const name = withoutPort(host);
  for (let at = name; at !== ""; at = at.includes(".") ? at.slice(at.indexOf(".") + 1) : "") {
    const found = own(hosts, at);
    if (found !== undefined) return found;
  }
  if (name.includes("litellm")) return "openai";
  const isLocal =
    /^([^.]*|127\..*|0\.0\.0\.0|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*|.*\.(local|localhost)|host\.docker\.internal)$/.test(
      name,
    );
  return isLocal ? "local" : (own(hosts, "*") ?? "");
}

const withoutPort = (host: string): string => host.replace(/:\d*$/, "");

/** A property of its own: a tier or model may be called `constructor`. */
const own = <T>(object: Partial<Record<string, T>>, key: string): T | undefined =>
  Object.prototype.hasOwnProperty.call(object, key) ? object[key] : undefined;

/** Rounded to a millionth of a millionth, as the extension does: sums carry no noise of binary fractions. */
const usd = (tokens: number, perMillion: number): number => Math.round(tokens * perMillion * 1e6) / 1e12;

/** The names that a model's price may stand under: a snapshot maps to its model, a fine-tune to fine-tunes only. */
function candidates(model: string): string[] {
  const name = model.trim().toLowerCase();
  const bare = name.replace(/^openai\//, "");
  const tuned = /^ft:([^:]+)/.exec(bare)?.[1];
  const dated = tuned ?? bare;
  const [, ...models] = SNAPSHOT.exec(dated) ?? [];
  const bases = [dated, models.find((one) => one !== undefined) ?? dated];
  // Azure has no dot in `gpt-35-turbo`.
  const spelled = bases.flatMap((base) => [base, base.replace(/^gpt-35-/, "gpt-3.5-")]);
  return [name, bare, ...spelled.map((base) => (tuned === undefined ? base : `ft:${base}`))];
}

/** A model in front of a snapshot's date. Dates of four digits are closed lists: `gpt-4-1106` is no snapshot of `gpt-4`. */
const SNAPSHOT =
  /^(?!gpt-4-2)(.+)-\d{4}-\d\d-\d\d$|^(gpt-4(?:-32k)?)-0(?:314|613)$|^(gpt-3\.?5-turbo(?:-16k|-instruct)?)-(?:0125|0301|0613|0914|1106)$/;

/** Usage as chat completions, responses and embeddings report it. */
function usageOf(usage: RawUsage): Usage {
  const [input, output] = [
    usage.prompt_tokens_details ?? usage.input_tokens_details,
    usage.completion_tokens_details ?? usage.output_tokens_details,
  ];
  return {
    inputTokens: usage.prompt_tokens ?? usage.input_tokens,
    outputTokens: usage.completion_tokens ?? usage.output_tokens,
    cachedTokens: input?.cached_tokens,
    reasoningTokens: output?.reasoning_tokens,
  };
}

/** Whether a chunk brings text or a tool call. */
function hasContent({ choices, type }: Chunk): boolean {
  if (choices === undefined) return type?.endsWith(".delta") === true;
  return choices.some(
    ({ delta, text }) =>
      Boolean(text) || Boolean(delta?.content) || (delta?.tool_calls?.length ?? 0) > 0 || delta?.function_call != null,
  );
}

/** Whether a match is what it looks like, by what is before it and the character after it. */
type Check = (text: string, before: string, after: string) => boolean;

/** Whether what a name is set to is a secret, and not code, a placeholder or prose. */
const isSecret: Check = (text, before, after) => {
  if (/[([{]/.test(after) || /^(?:https?:|\$[A-Z({]|[/.]|u?int\d|bytes\d|float\d|varchar)/i.test(text)) return false;
  if (before.endsWith(">") && !before.endsWith("=>") && after !== "<") return false;
  if (/^_key/i.test(before) && !before.startsWith("_KEY")) return false;
  const isWord = /^[A-Za-z]+$/.test(text);
  const isVariable = /^[A-Z0-9_]+=["'`]?$/.test(before);
  const isPlaceholder =
    /pass|pwd|^(?:your|change|example|placeholder|xxx)|^(?:none|null|true|false|string|undefined)$/i.test(text);
  if (
    /^(?:--(?:[a-z]{1,12}-)?pass|_?pass|pwd|_pw|mot|mdp|contra|kenn|wacht|senha|clave|parola|palavra)/i.test(before)
  ) {
    if (/["'`]$/.test(before)) return !/pass|requir|enter/i.test(text);
    if (before.endsWith("=") && /^[&;\n]?$/.test(after) && isWord) return !isPlaceholder;
    if (isVariable && /^[ \t\r"']?$/.test(after) && /^[\w-]+$/.test(text)) return !isPlaceholder;
    return text.length > 5 && /[\d@#%^*$]/.test(text);
  }
  if (isVariable && /^[\n\r "']?$/.test(after) && text.length > 11 && isWord) return !isPlaceholder;
  return text.length > 7 && /\d/.test(text) && /[A-Za-z]/.test(text) && !text.includes(" ");
};

const isHeader: Check = (text, before) => {
  if (!/[ \t\n]$/.test(before))
    return text.length > 15 && /\d/.test(text) && /[A-Za-z]/.test(text) && !text.includes(".");
  return (/^b/i.test(before) ? /\d|=/ : /\d|=|[a-z][A-Z]/).test(text);
};

/** Whether one of the values is long enough to be a session's. */
const isCookie: Check = (text) => /=(?=[^;]*\d)[^;]{8}/.test(text);

const isRandom: Check = (text) => /\d/.test(text) && /[A-Z]/.test(text) && /[a-z]/.test(text) && !/[a-z]{8}/.test(text);

/** A key in hexadecimal digits, and no checksum or identifier by the word before it. */
const isHexKey: Check = (text, before) =>
  /\d/.test(text) &&
  /[a-fA-F]/.test(text) &&
  !/(?:sha|md5|hash|digest|sum|tag|trace|span|commit|rev|version|[ug]uid|request)[\w-]{0,9}\W{0,4}$/i.test(before);

const isIban: Check = (text) => {
  const code = text.replace(/ /g, "");
  const digits = (code.slice(4) + code.slice(0, 4)).replace(/[A-Z]/g, (letter) => String(parseInt(letter, 36)));
  return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
};

const isCard: Check = (text) => {
  const digits = text.replace(/\D/g, "");
  const doubled = [...digits].map((digit, at) => Number(digit) * (2 - ((digits.length - at) % 2)));
  return doubled.reduce((total, one) => total + Math.floor(one / 10) + (one % 10), 0) % 10 === 0;
};

/** A number's text with plain spaces and hyphens, and how many digits it has. */
const plainNumber = (text: string): [string, number] => [
  text.replace(/[\u00a0\u202f]/g, " ").replace(/\u2011/g, "-"),
  text.replace(/\D/g, "").length,
];

/** Whether digits are in the groups of a phone number, and not in those of a date, an amount or a table. */
const isPhone: Check = (text) => {
  const [number, length] = plainNumber(text);
  if (number.includes("+")) return length > 7 && length < 16 && !/^\+(?:\d{1,3}(?: \d{3}){1,2}|\d+\.\d+)$/.test(number);
  if (number.startsWith("("))
    return (
      /^\((?:0\d{0,4}\) ?\d[\d /-]{5,}|\d\d\) ?\d{4,5}-\d{4}|\d{3}\) ?\d{3}[ .-]\d{4})$/.test(number) &&
      length > 6 &&
      length < 16
    );
  if (!number.startsWith("0")) return /^(?:1[ .-])?(?:\(\d{3}\) ?\d{3}[ .-]|[2-9]\d\d([.-])\d{3}\1)\d{4}$/.test(number);
  // Five pairs, but not those that count upwards.
  if (/^0[1-9]([ .-])\d\d(?:\1\d\d){3}$/.test(number)) return !/^0[1-5].0[2-6].0[3-7].0[4-8].0/.test(number);
  const national = /^0(?:[1-9]\d{0,3}[ /-]\d{2,}(?:[ -]\d{2,}){0,3}|0[1-9]\d{0,2}[ /-]\d[\d /-]{6,})$/;
  const isUneven = new Set(number.split(/[ /-]/).map((group) => group.length)).size > 1;
  return national.test(number) && isUneven && length >= (number.includes("-") ? 10 : 9) && length < 16;
};

/** Whether the digits behind a word such as `call` are no date or amount. */
const isCalled: Check = (text) => {
  const [number, length] = plainNumber(text);
  const date = /^(?:\d\d?([./ -])\d\d?\1\d{2,4}|(?:19|20)\d\d([./-]?)\d\d\2\d\d|\d{4}[-/]\d{4}|\d{1,2}(?: \d{3})+)$/;
  return length > 6 && length < 16 && !date.test(number);
};

/**
 * What is masked: the word for it, its pattern (its group is kept) and, where looks don't suffice, a check. Time grows no
 * faster than the text: a pattern starts only where a run of its characters does, or takes all of the run, so that
 * nothing is read again and again.
 */
const masks: [string, RegExp, Check?][] = [
  [
    "[key]",
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY[A-Z ]{0,9}-----(?:(?:[\s"',>|]|\\[nrt])*(?:[\w+/=]{20,}|(?:Proc-Type|DEK-Info|Version|Comment):[^\n\\]*))+(?:(?:[\s"',>|]|\\[nrt])*[\w+/=]*(?:[\s"',>|]|\\[nrt])*(?:-----END[A-Z ]{0,60}-----|$))?/g,
  ],
  ["[key]", /(:\/\/[^\s:/@]{0,64}:)[^\s/?#"'`<>,]{3,}(?=@)/g],
  [
    "[key]",
    /((?:authorization\\?["']?\s{0,3}[:=,]\s{0,3}\\?["']?(?:(?:basic|bearer|token|digest|negotiate|api-?key)\s{1,3})?|bearer\s{1,3}))[\w.~+/-]{9,}[\w~+/-]=*/gi,
    isHeader,
  ],
  [
    "[key]",
    /(cookie\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?)[\w.-]{1,60}=[^\s;,"'\\]+(?:;\s?[\w.-]{1,60}=[^\s;,"'\\]+)*/gi,
    isCookie,
  ],
  [
    "[key]",
    /((?:pass(?:word|wd|phrase|wort|code)|pwd|_pass|_pw|kennwort|wachtwoord|contrase[ñÑn]a|mot de passe|(?<![a-z])(?:mdp|clave|senha)|palavra[ -]passe|parola d.ordine|secret|token|_auth|_key|(?:api|access|account|private|client|signing|encryption|auth|master|shared)[ _-]?key)(?:[_-]?(?:access[_-]?)?key(?:_base)?)?(?:>|(?:\\?["'`]?\s{0,3}(?::\s?\w{3,9}\s)?[:=]>?\s{0,3}|\s(?:is|ist|lautet|est|es|[éÉèÈ])\s)\\?["'`]?))(?:(?<=["'`])[^"'`\n]{3,}[^"'`\n\\](?=\\?["'`])|[^\s"'`,;<>(){}[\]&|\\]{3,}[^\s"'`,;<>(){}[\]&|\\.])/gi,
    isSecret,
  ],
  [
    "[key]",
    /(--(?:[a-z]{1,12}-)?(?:pass(?:word|wd)?|token|secret|api-key)\s["']?)(?:(?<=["'`])[^"'`\n]{3,}[^"'`\n\\](?=\\?["'`])|[^\s"'`,;<>(){}[\]&|\\]{3,}[^\s"'`,;<>(){}[\]&|\\.])/g,
    isSecret,
  ],
  [
    "[key]",
    /(?<![\w-])(?:A(?:KIA|SIA)[A-Z0-9]{16}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|eyJ[\w-]{8,}(?:\.[\w-]+)+|gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl[a-z]{2,5}-[\w-]{16,}|hf_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{20,}|(?:xox[a-z]|xapp)-[\w-]{10,}|[prs]k_(?:live|test)_\w{10,}|whsec_\w{16,}|dop_v1_\w{40,}|SG\.[\w-]{16,}\.[\w-]{16,}|sk-(?:[A-Za-z0-9]{16,}|(?=[\w-]{0,80}\d)[\w-]{16,}))/g,
  ],
  ["[key]", /[A-Za-z0-9+/](?<![\w+/=.-].)[A-Za-z0-9+/]{39}(?![\w+/=-]|\.\w)/g, isRandom],
  ["[key]", /[\da-fA-F](?<![\w/.@#-].)(?:x[\da-fA-F]{64}|[\da-fA-F]{63}|[\da-fA-F]{31})(?![\w-]|\.\w)/g, isHexKey],
  [
    "[e-mail]",
    /"[^"\n@]{1,64}"@(?!\d+(?:x\.|\.\d))(?:[A-Za-z0-9_\u00c0-\u1fff\u3040-\ud7ff-]+\.)+(?:xn--[A-Za-z0-9-]+|[A-Za-z]{2,24}|[\u00c0-\u1fff\u3040-\ud7ff]{2,24})(?![A-Za-z0-9_(])/g,
  ],
  [
    "[e-mail]",
    /[A-Za-z0-9_\u00c0-\u1fff\u3040-\ud7ff.+%&~-](?<![A-Za-z0-9_\u00c0-\u1fff\u3040-\ud7ff.+%&~-].)(?!it@)[A-Za-z0-9_\u00c0-\u1fff\u3040-\ud7ff.+%&~-]*@(?!\d+(?:x\.|\.\d))(?:[A-Za-z0-9_\u00c0-\u1fff\u3040-\ud7ff-]+\.)+(?:xn--[A-Za-z0-9-]+|[A-Za-z]{2,24}|[\u00c0-\u1fff\u3040-\ud7ff]{2,24})(?![A-Za-z0-9_(])/g,
  ],
  [
    "[iban]",
    /[A-Z](?<!\w.)[A-Z]\d\d ?[A-Z0-9]{4}(?: ?(?=[A-Z]{0,3}\d)[A-Z0-9]{4}){1,6}(?: ?(?=[A-Z]{0,2}\d)[A-Z0-9]{1,3})?(?!\w)/g,
    isIban,
  ],
  [
    "[card]",
    /[2-6](?<![\w.,-].)(?<!\d .)(?:(?<=[46])|(?<=5)(?=[1-5])|(?<=2)(?=[2-7])|(?<=3)(?=[0-8]))(?:\d{13,15}|\d{3}(?: \d{4}){3}|\d{3}(?:-\d{4}){3}|\d{3} \d{6} \d{4,5}|\d{3}-\d{6}-\d{4,5})(?!\w|[ -]\d{4}(?!\d))/g,
    isCard,
  ],
  [
    "[phone]",
    /((?<!\w)(?:tel|tele(?:f|ph)one?|phone|mobile?|cell|call|fax|handy|whatsapp|sms)\b\W{0,3}?(?:(?:me|us|at|on|is|no|nr|number)\b\W{1,2}?){0,2})[\d+(](?<![\w./-].)(?<!\d,.)(?:[(+]?\d|(?<=\d))(?:(?:[ ./\u00a0\u202f\u2011-]|\) ?|\(| \(|)\d){6}\d*(?:(?:[ ./\u00a0\u202f\u2011-]|\) ?|\(| \()\d+)*(?![\w%]|[:,]\d)/gi,
    isCalled,
  ],
  [
    "[phone]",
    /[\d+(](?<![\w./-].)(?<!\d,.)(?:[(+]?\d|(?<=\d))(?:(?:[ ./\u00a0\u202f\u2011-]|\) ?|\(| \(|)\d){6}\d*(?:(?:[ ./\u00a0\u202f\u2011-]|\) ?|\(| \()\d+)*(?![\w%]|[:,]\d)/g,
    isPhone,
  ],
];

/** The text without passwords, keys, e-mail addresses, bank, card and phone numbers, as far as looks tell them. */
export const mask = (text: string): string =>
  masks.reduce(
    (masked, [word, pattern, check]) =>
      masked.replace(pattern, (match: string, ...of: unknown[]) => {
        const [kept, at] = typeof of[0] === "string" ? [of[0], Number(of[1])] : ["", Number(of[0])];
        const [start, end] = [at + kept.length, at + match.length];
        const before = kept || masked.slice(Math.max(0, start - 30), start);
        return check?.(masked.slice(start, end), before, masked.charAt(end)) === false ? match : kept + word;
      }),
    text,
  );

const captures = (): boolean =>
  /^(true|1|span_only|span_and_event)$/i.test(variable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT") ?? "");

/** Messages as the conventions have them, redacted. */
function messagesOf(given: unknown, role: string): string {
  return JSON.stringify(
    [given].flat().map((message) => {
      const { content, role: said } = (
        typeof message === "object" && message !== null ? message : { content: message }
      ) as { content?: unknown; role?: string };
      const texts = [content]
        .flat()
        .flatMap((part) =>
          typeof part === "string" ? part : ((part as { text?: string } | null | undefined)?.text ?? []),
        );
      return { role: said ?? role, parts: texts.map((text) => ({ type: "text", content: hooks.redact(text) })) };
    }),
  );
}

/** The texts that an answer, or a chunk of one, holds. */
const textsOf = ({ choices = [], output_text: text }: Chunk): string[] =>
  [...choices.map((choice) => (choice.message ?? choice.delta)?.content ?? choice.text), text].filter(
    (one) => typeof one === "string",
  );

/** The user's key (HMAC-SHA-256); an object stands for its `id`. */
function hashed(user: unknown): string | undefined {
  if (typeof user === "object" && user !== null) {
    const { id, userId, user_id: snake, sub } = user as Record<string, unknown>;
    const own = id ?? userId ?? snake ?? sub;
    if (own == null || typeof own === "object")
      return tellOnce("userId is an object without an id: calls are recorded without a user.");
    return hashed(own);
  }
  if (user == null) return undefined;
  const key = variable("PROMPT_COST_USER_KEY");
  if (key === undefined) return tellOnce("PROMPT_COST_USER_KEY is not set: calls are recorded without a user.");
  const crypto = runtime?.getBuiltinModule?.("node:crypto");
  if (crypto === undefined)
    return tellOnce("This runtime has no node:crypto (Node 20.16 and newer have): calls are recorded without a user.");
  return crypto.createHmac("sha256", key).update(String(user)).digest("hex");
}

const told = new Set<string>();
function tellOnce(text: string): undefined {
  if (told.has(text)) return;
  told.add(text);
  runtime?.emitWarning?.(text);
}

/** Where `tracked` was called, relative to the project. */
function placeOfCaller(callee: (...given: never[]) => unknown): Attributes {
  const frame = quietly(() => frameAbove(callee)) ?? "";
  let place = places.get(frame);
  if (place === undefined) {
    const found = parseFrame(frame);
    place =
      found === undefined
        ? {}
        : {
            "code.file.path":
              ownFolder !== undefined && found.file.startsWith(ownFolder)
                ? found.file.slice(ownFolder.length)
                : found.file,
            "code.function.name": found.name,
            "code.line.number": found.line,
          };
    if (places.size < 1000) places.set(frame, place);
  }
  return place;
}
const places = new Map<string, Attributes>();

/** The stack's frame above a function: V8 needs not describe more than that one. */
function frameAbove(callee: unknown): string | undefined {
  const errors = Error as { captureStackTrace?: (holder: object, callee: unknown) => void; stackTraceLimit?: number };
  const holder: { stack?: string } = {};
  const limit = errors.stackTraceLimit;
  errors.stackTraceLimit = 1;
  try {
    errors.captureStackTrace?.(holder, callee);
    return holder.stack?.split("\n")[1];
  } finally {
    if (limit !== undefined) errors.stackTraceLimit = limit;
  }
}

/** A frame of V8's stack traces: `at name (file:///folder/file.mjs:3:14)`. */
function parseFrame(frame = ""): { file: string; name: string | undefined; line: number } | undefined {
  const [, name, file, line] = /^\s+at (?:async )?(?:(.*?) \()?(?:file:\/\/)?(.+?):(\d+):\d+\)?$/.exec(frame) ?? [];
  if (file === undefined) return undefined;
  const plain = name?.replace(/^(Object|Module)\./, "").replace(/ \[as .*$/, "");
  return {
    file: file.replace(/\\/g, "/").replace(/^\/(?=[A-Za-z]:\/)/, ""),
    name: plain?.includes("<anonymous>") === true ? undefined : plain,
    line: Number(line),
  };
}

/** The project's folder, by where this file lies. */
const ownFolder = quietly(() => {
  const own = parseFrame(new Error().stack?.split("\n").find((line) => /:\d+:\d+\)?$/.test(line)))?.file;
  const up = PROJECT === "." ? 1 : PROJECT.split("/").length + 1;
  return own === undefined ? undefined : `${own.split("/").slice(0, -up).join("/")}/`;
});

/** The client's own method, under an automatic instrumentation's patch (shimmer): one call is one span. */
function original(method: Method): Method {
  let found = method;
  while (typeof found.__original === "function") found = found.__original;
  return found;
}

const PROVIDERS: Partial<Record<string, string>> = {
  "api.deepseek.com": "deepseek",
  "api.groq.com": "groq",
  "api.mistral.ai": "mistral_ai",
  "api.perplexity.ai": "perplexity",
  "api.x.ai": "x_ai",
};
/** Hosts and models that are known to refuse `stream_options`. */
const refusing = new Set<string>();

const providerOf = (client: Client | undefined, host: string): string =>
  typeof client?.apiVersion === "string" || host.endsWith(".azure.com")
    ? "azure.ai.openai"
    : (PROVIDERS[host] ?? "openai");
const addressOf = (url: unknown): string =>
  typeof url === "string" ? (/^\w+:\/\/(?:[^/@]*@)?([^/?#]+)/.exec(url)?.[1] ?? "") : "";
const hostOf = (url: unknown): string => withoutPort(addressOf(url));

interface Instruments {
  of: unknown;
  duration: Histogram;
  tokens: Histogram;
  costs: Histogram;
  unpriced: Counter;
}
let made: Instruments | undefined;
/** The instruments, with the bounds of the conventions; for cost from a hundredth of a cent to 50 USD. A counter of swallowed errors is asked first whenever they are collected. */
function instruments(): Instruments | undefined {
  const metrics = telemetry()?.metrics;
  if (metrics === undefined || made?.of === metrics) return metrics === undefined ? undefined : made;
  const meter = metrics.getMeter(NAME, VERSION);
  meter.createObservableCounter("prompt_cost.swallowed_errors", { unit: "{error}" }).addCallback((result) => {
    quietly(measureAll);
    result.observe(Object.values(swallowedErrors).reduce((sum, one) => sum + one, 0));
  });
  const histogram = (name: string, unit: string, explicitBucketBoundaries: number[]): Histogram =>
    meter.createHistogram(name, { unit, advice: { explicitBucketBoundaries } });
  const powers = (count: number, each: (power: number) => number): number[] =>
    Array.from({ length: count }, (_, power) => each(power));
  return (made = {
    of: metrics,
    duration: histogram(
      "gen_ai.client.operation.duration",
      "s",
      powers(14, (power) => 0.01 * 2 ** power),
    ),
    tokens: histogram(
      "gen_ai.client.token.usage",
      "{token}",
      powers(14, (power) => 4 ** power),
    ),
    costs: histogram(
      "gen_ai.usage.cost_usd",
      "USD",
      powers(6, (power) => 10 ** power / 10_000).flatMap((step) => [step, 2.5 * step, 5 * step]),
    ),
    unpriced: meter.createCounter("gen_ai.usage.unpriced_calls", { unit: "{call}" }),
  });
}

function present(values: Attributes): Attributes {
  const found: Attributes = {};
  for (const name in values) if (values[name] != null) found[name] = values[name];
  return found;
}

function count(error: unknown): void {
  const name = error instanceof Error ? error.name : "unknown";
  swallowedErrors[name] = (swallowedErrors[name] ?? 0) + 1;
}

/** Runs telemetry; its errors are counted, and never the caller's. */
function quietly<R>(run: () => R): R | undefined {
  try {
    return run();
  } catch (error) {
    count(error);
    return undefined;
  }
}

function now(): number {
  return clock.now();
}
function variable(name: string): string | undefined {
  return runtime?.env?.[name] || undefined;
}
/** What an application has set up, where OpenTelemetry's API keeps it for all of its copies. */
function telemetry(): Telemetry | undefined {
  return (globalThis as Record<symbol, Telemetry | undefined>)[Symbol.for("opentelemetry.js.api.1")];
}
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");
const CLIENT = 2;
const ERROR = 2;

type Attributes = Record<string, string | number | boolean | string[] | undefined>;
type Method = ((...given: unknown[]) => unknown) & { __original?: Method };
interface Client {
  baseURL?: unknown;
  apiVersion?: unknown;
  chat?: object;
  responses?: object;
  embeddings?: object;
  completions?: object;
}
interface Api {
  _client?: Client;
}
/** What the client's methods return, in as much as it matters here. */
interface ApiPromise {
  responsePromise: Promise<unknown>;
  parseResponse?: (...of: unknown[]) => Promise<unknown>;
  asResponse: () => Promise<unknown>;
  _thenUnwrap?: (change: unknown) => unknown;
}
/** What the runtime may have, be it Node, Deno, Bun, a worker or a browser. */
interface Platform {
  FinalizationRegistry?: new (collected: (call: Call) => void) => {
    register(target: object, call: Call, token: Call): void;
    unregister(token: Call): void;
  };
  performance: { now(): number };
  process?: Runtime;
}
interface Runtime {
  env?: Partial<Record<string, string>>;
  emitWarning?: (text: string) => void;
  getBuiltinModule?: (
    name: string,
  ) =>
    | { createHmac: (hash: string, key: string) => { update: (text: string) => { digest: (form: "hex") => string } } }
    | undefined;
}
interface Span {
  setAttributes(attributes: Attributes): unknown;
  setStatus(status: { code: number }): unknown;
  end(at?: number): void;
}
interface Histogram {
  record(value: number, attributes: Attributes): void;
}
interface Counter {
  add(value: number, attributes: Attributes): void;
}
interface Meter {
  createHistogram(name: string, options: object): Histogram;
  createCounter(name: string, options: object): Counter;
  createObservableCounter(
    name: string,
    options: object,
  ): { addCallback(run: (result: { observe(value: number): void }) => void): void };
}
interface Telemetry {
  trace?: { getTracer(name: string, version: string): { startSpan(name: string, options: object): Span } };
  context?: {
    active(): { setValue(key: symbol, value: unknown): object };
    with(context: object, run: () => void): void;
  };
  metrics?: { getMeter(name: string, version: string): Meter };
}
interface Price {
  input: number;
  cachedInput: number;
  output: number | null;
}
type Rows = Partial<
  Record<string, Price & { factors: Partial<Record<string, number>>; above?: Price & { inputTokens: number } }>
>;
interface Prices {
  table?: Rows;
  catalogue?: Rows;
  /** The vendor whose prices a host, and all below it, asks. */
  hosts?: Partial<Record<string, string>>;
}
interface Request {
  model?: string;
  messages?: unknown;
  input?: unknown;
  prompt?: unknown;
  stream?: boolean | null;
  stream_options?: { include_usage?: boolean } | null;
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
  choices?: Choice[];
}
interface Choice {
  finish_reason?: string | null;
  text?: string | null;
  message?: { content?: string | null };
  delta?: { content?: string | null; tool_calls?: unknown[]; function_call?: unknown } | null;
}
