import { type MeasureEntry, measuresOf } from "./measureTable";

type One<Name extends string> = Record<Name, number>;

/**
 * What is summed over calls, each measure once. Everything that handles all of them derives from this table, or
 * doesn't compile without a new one: what computes it (`local/sums.ts`, `openobserve/rowSql.ts`) and, where spans report
 * it, what reads and keeps it.
 */
export const measures = {
  calls: {
    unit: "calls",
    title: "Calls",
    shortTitle: "Calls",
    partOf: null,
    columns: [],
    sqlName: "calls",
    sqlLacks: null,
    jsonPlace: 4,
    add: (sum: One<"calls">, more: One<"calls">) => void (sum.calls += more.calls),
  },
  errors: {
    unit: "calls",
    title: "Errors",
    shortTitle: "Errors",
    partOf: "calls",
    columns: [],
    sqlName: "errors",
    sqlLacks: null,
    jsonPlace: 5,
    add: (sum: One<"errors">, more: One<"errors">) => void (sum.errors += more.errors),
  },
  /** Errors for their rate (HTTP 429). */
  rateLimited: {
    unit: "calls",
    title: "Rate limited",
    shortTitle: "429s",
    partOf: "errors",
    columns: [],
    sqlName: "limited",
    sqlLacks: null,
    jsonPlace: 8,
    add: (sum: One<"rateLimited">, more: One<"rateLimited">) => void (sum.rateLimited += more.rateLimited),
  },
  inputTokens: {
    unit: "tokens",
    title: "Tokens in",
    shortTitle: "Input",
    partOf: null,
    columns: [
      "gen_ai_usage_input_tokens",
      "gen_ai_usage_prompt_tokens",
      "llm_usage_tokens_input",
      "_o2_llm_usage_details_input",
    ],
    sqlName: "input_tokens",
    sqlLacks: null,
    jsonPlace: 2,
    add: (sum: One<"inputTokens">, more: One<"inputTokens">) => void (sum.inputTokens += more.inputTokens),
  },
  outputTokens: {
    unit: "tokens",
    title: "Tokens out",
    shortTitle: "Output",
    partOf: null,
    columns: [
      "gen_ai_usage_output_tokens",
      "gen_ai_usage_completion_tokens",
      "llm_usage_tokens_output",
      "_o2_llm_usage_details_output",
    ],
    sqlName: "output_tokens",
    sqlLacks: null,
    jsonPlace: 3,
    add: (sum: One<"outputTokens">, more: One<"outputTokens">) => void (sum.outputTokens += more.outputTokens),
  },
  cachedTokens: {
    unit: "tokens",
    title: "Cached tokens",
    shortTitle: "Cached",
    partOf: "inputTokens",
    columns: [
      "gen_ai_usage_cache_read_input_tokens",
      "gen_ai_usage_cached_tokens",
      "gen_ai_usage_input_tokens_details_cached_tokens",
    ],
    sqlName: "cached_tokens",
    sqlLacks: null,
    jsonPlace: 7,
    add: (sum: One<"cachedTokens">, more: One<"cachedTokens">) => void (sum.cachedTokens += more.cachedTokens),
  },
  reasoningTokens: {
    unit: "tokens",
    title: "Reasoning tokens",
    shortTitle: "Reasoning",
    partOf: "outputTokens",
    columns: [
      "gen_ai_usage_reasoning_output_tokens",
      "gen_ai_usage_reasoning_tokens",
      "gen_ai_usage_output_tokens_details_reasoning_tokens",
    ],
    sqlName: "reasoning_tokens",
    sqlLacks: null,
    jsonPlace: null,
    add: (sum: One<"reasoningTokens">, more: One<"reasoningTokens">) =>
      void (sum.reasoningTokens += more.reasoningTokens),
  },
  costUsd: {
    unit: "usd",
    title: "Cost",
    shortTitle: "Cost",
    partOf: null,
    columns: ["gen_ai_usage_cost_usd", "gen_ai_usage_cost", "llm_usage_cost_total", "_o2_llm_cost_details_total"],
    sqlName: "reported",
    sqlLacks: "pricedHereUsd",
    jsonPlace: 1,
    add: (sum: One<"costUsd">, more: One<"costUsd">) => void (sum.costUsd += more.costUsd),
  },
  /** What the spans did not report, and was computed here from the pricing table. */
  pricedHereUsd: {
    unit: "usd",
    title: "Priced here",
    shortTitle: "Priced here",
    partOf: "costUsd",
    columns: [],
    sqlName: "priced_here",
    sqlLacks: null,
    jsonPlace: 9,
    add: (sum: One<"pricedHereUsd">, more: One<"pricedHereUsd">) => void (sum.pricedHereUsd += more.pricedHereUsd),
  },
  pricedHereCalls: {
    unit: "calls",
    title: "Calls priced here",
    shortTitle: "Priced here",
    partOf: "calls",
    columns: [],
    sqlName: "priced_here_calls",
    sqlLacks: null,
    jsonPlace: 10,
    add: (sum: One<"pricedHereCalls">, more: One<"pricedHereCalls">) =>
      void (sum.pricedHereCalls += more.pricedHereCalls),
  },
  /** Calls of unknown cost: their tokens are counted, their cost is in no sum. */
  unpricedCalls: {
    unit: "calls",
    title: "Calls of unknown cost",
    shortTitle: "Unpriced",
    partOf: "calls",
    columns: [],
    sqlName: "unpriced",
    sqlLacks: null,
    jsonPlace: 6,
    add: (sum: One<"unpricedCalls">, more: One<"unpricedCalls">) => void (sum.unpricedCalls += more.unpricedCalls),
  },
} as const satisfies Record<string, MeasureEntry & { add: unknown }>;

export type Measure = keyof typeof measures;
/** Those that a span can report. */
export type ReportedMeasure = {
  [N in Measure]: (typeof measures)[N]["columns"] extends readonly [] ? never : N;
}[Measure];

/** The columns of each, best first. */
export const reportedColumns = Object.fromEntries(
  Object.entries<MeasureEntry>(measures).flatMap(([name, { columns }]) =>
    columns.length > 0 ? [[name, columns]] : [],
  ),
) as Record<ReportedMeasure, readonly string[]>;

/** Of the measures that there are. */
export const derived = measuresOf(measures);
export const measureNames = derived.names;
