/** Invented calls that look like those of the app in `examples/`: the same for the same seed. */
export interface SampleCall {
  /** Milliseconds since 1970. */
  startMs: number;
  latencyMs: number;
  /** Null where the answer is not streamed. */
  firstTokenMs: number | null;
  model: string;
  feature: string;
  team: string;
  environment: string;
  user: string;
  file: string;
  function: string;
  line: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  finishReason: string | null;
  /** The HTTP status of a failure; null where the call went well. */
  errorStatus: 429 | 500 | null;
}

interface Kind extends Pick<SampleCall, "feature" | "team" | "file" | "function" | "line"> {
  /** Models, with the share of calls that goes to each. */
  models: [string, number][];
  /** Calls of a busy hour. */
  perHour: number;
  input: number;
  output: number;
  cached: number;
  reasoning?: number;
  latencyMs: number;
  isStreamed: boolean;
}

const kinds: Kind[] = [
  {
    feature: "support_reply",
    team: "support",
    file: "assistant/answers.py",
    function: "Assistant.reply",
    line: 39,
    models: [["gpt-4o-mini", 1]],
    perHour: 14,
    input: 1250,
    output: 190,
    cached: 0.45,
    latencyMs: 1100,
    isStreamed: true,
  },
  {
    feature: "refund_answer",
    team: "support",
    file: "assistant/answers.py",
    function: "Assistant.refund",
    line: 48,
    models: [
      ["gpt-4o-2024-08-06", 0.9],
      ["gpt-4o-mini", 0.1],
    ],
    perHour: 4,
    input: 2900,
    output: 320,
    cached: 0.6,
    latencyMs: 2300,
    isStreamed: false,
  },
  {
    feature: "conversation_summary",
    team: "insights",
    file: "assistant/answers.py",
    function: "summarise",
    line: 60,
    models: [["gpt-4o", 1]],
    perHour: 3,
    input: 5200,
    output: 240,
    cached: 0,
    latencyMs: 2900,
    isStreamed: false,
  },
  {
    feature: "greeting",
    team: "support",
    file: "assistant/answers.py",
    function: "greet",
    line: 73,
    models: [["gpt-4o", 1]],
    perHour: 6,
    input: 160,
    output: 34,
    cached: 0,
    latencyMs: 600,
    isStreamed: false,
  },
  {
    feature: "search_answer",
    team: "web",
    file: "web/search.ts",
    function: "search",
    line: 8,
    models: [
      ["gpt-4o-mini", 0.8],
      ["gpt-4o", 0.2],
    ],
    perHour: 9,
    input: 1900,
    output: 130,
    cached: 0.2,
    latencyMs: 900,
    isStreamed: true,
  },
  {
    feature: "night_report",
    team: "insights",
    file: "assistant/triage.py",
    function: "night_report",
    line: 43,
    models: [["o1", 1]],
    perHour: 0.35,
    input: 2400,
    output: 1700,
    cached: 0,
    reasoning: 0.7,
    latencyMs: 14_000,
    isStreamed: false,
  },
];

/** A repeatable source of numbers from 0 to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How busy an hour is: office hours of weekdays, and little at night. */
function busyness(ms: number): number {
  const date = new Date(ms);
  const hour = date.getUTCHours();
  const isWeekend = date.getUTCDay() % 6 === 0;
  return (hour >= 7 && hour < 18 ? 1 : hour >= 18 && hour < 22 ? 0.45 : 0.12) * (isWeekend ? 0.35 : 1);
}

const HOUR = 3_600_000;

/** The calls of a time, oldest first. Times are milliseconds since 1970. */
export function sampleTraffic(fromMs: number, toMs: number, seed: number): SampleCall[] {
  const random = randomOf(seed);
  const calls: SampleCall[] = [];
  for (let hour = fromMs; hour < toMs; hour += HOUR) {
    for (const kind of kinds) {
      const expected = kind.perHour * busyness(hour) * (0.75 + random() * 0.5);
      const count = Math.floor(expected) + (random() < expected % 1 ? 1 : 0);
      for (let index = 0; index < count; index++)
        calls.push(sampleCall(kind, Math.floor(hour + random() * Math.min(HOUR, toMs - hour)), random));
    }
  }
  return calls.sort((a, b) => a.startMs - b.startMs);
}

/** One more call, of now. */
export function sampleCallAt(ms: number, seed: number): SampleCall {
  const random = randomOf(seed);
  const all = kinds.reduce((sum, { perHour }) => sum + perHour, 0);
  let at = random() * all;
  const kind = kinds.find(({ perHour }) => (at -= perHour) < 0) ?? kinds[0];
  if (kind === undefined) throw new Error("there is no kind of sample call");
  return sampleCall(kind, ms, random);
}

function sampleCall(kind: Kind, startMs: number, random: () => number): SampleCall {
  const spread = (middle: number): number =>
    Math.max(1, Math.round(middle * (0.5 + random() * 0.7 + random() ** 6 * 3)));
  let share = random();
  const model = kind.models.find(([, part]) => (share -= part) < 0)?.[0] ?? kind.models[0]?.[0] ?? "gpt-4o";
  const fault = random();
  const errorStatus = fault < 0.006 ? 429 : fault < 0.009 ? 500 : null;
  const isError = errorStatus !== null;
  const [inputTokens, outputTokens] = isError ? [0, 0] : [spread(kind.input), spread(kind.output)];
  const latencyMs = isError ? 90 + Math.round(random() * 200) : spread(kind.latencyMs);
  return {
    startMs,
    latencyMs,
    firstTokenMs: kind.isStreamed && !isError ? Math.round(latencyMs * (0.2 + random() * 0.2)) : null,
    model,
    feature: kind.feature,
    team: kind.team,
    environment: random() < 0.12 ? "staging" : "prod",
    user: `user-${Math.floor(random() ** 2 * 140)
      .toString(16)
      .padStart(4, "0")}`,
    file: kind.file,
    function: kind.function,
    line: kind.line,
    inputTokens,
    // The API caches the front of a prompt, in steps of 128 tokens from 1,024 on.
    cachedTokens: inputTokens >= 1024 && random() < 0.8 ? Math.floor((inputTokens * kind.cached) / 128) * 128 : 0,
    outputTokens,
    reasoningTokens: Math.round(outputTokens * (kind.reasoning ?? 0)),
    finishReason: isError ? null : random() < 0.04 ? "length" : "stop",
    errorStatus,
  };
}
