import { figureColumns, textColumns } from "../columns";
import type { Dimension } from "../dimensions";
import type { ReportedMeasure } from "../measures";

/** A stream of spans as the server describes it. */
export interface StreamSchema {
  name: string;
  /** Types by column: Utf8, Int64, UInt64, Float64, Boolean. */
  columns: ReadonlyMap<string, string>;
  /** Hours that one search may span; 0 is no limit. */
  maxQueryRangeHours: number;
}

/** Columns of which a stream with calls to models has at least one. */
const signs = [
  "gen_ai_usage_input_tokens",
  "gen_ai_request_model",
  "gen_ai_system",
  "gen_ai_usage_cost_usd",
  "llm_model_name",
  "_o2_llm_model_name",
];

export const hasLlmSpans = ({ columns }: StreamSchema): boolean => signs.some((column) => columns.has(column));

/** What can't be shown without a column, by what it says. */
const losses = {
  feature: "spend can't be split by feature",
  team: "spend can't be split by team",
  environment: "spend can't be split by environment",
  user: "spend can't be split by user",
  model: "models are unknown, and with them prices",
  costUsd: "spans report no cost: they are priced here, from your pricing table",
  inputTokens: "input tokens are unknown",
  outputTokens: "output tokens are unknown",
  cachedTokens: "cached tokens are unknown: all input is priced as uncached where the cost is computed here",
  // Few models report them: a stream without is no surprise.
  reasoningTokens: null,
} as const satisfies Record<Dimension | ReportedMeasure, string | null>;

/** The attributes that a stream lacks, and what each costs, in words. */
export function missingColumns({ columns }: StreamSchema): { column: string; loss: string }[] {
  const named = { ...textColumns, ...figureColumns };
  return (Object.keys(losses) as (keyof typeof losses)[]).flatMap((name) => {
    const [names, loss] = [named[name], losses[name]];
    return loss === null || names.some((column) => columns.has(column)) ? [] : [{ column: names[0] ?? name, loss }];
  });
}
