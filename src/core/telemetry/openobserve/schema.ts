import { figureColumns, textColumns } from "../columns";

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
const losses: Partial<Record<keyof typeof textColumns | keyof typeof figureColumns, string>> = {
  feature: "spend can't be split by feature",
  team: "spend can't be split by team",
  environment: "spend can't be split by environment",
  user: "spend can't be split by user",
  model: "models are unknown, and with them prices",
  costUsd: "spans report no cost: they are priced here, from your pricing table",
  inputTokens: "input tokens are unknown",
  outputTokens: "output tokens are unknown",
  cachedTokens: "cached tokens are unknown: all input is priced as uncached where the cost is computed here",
};

/** The attributes that a stream lacks, and what each costs, in words. */
export function missingColumns({ columns }: StreamSchema): { column: string; loss: string }[] {
  return Object.entries(losses).flatMap(([name, loss]) => {
    const names: readonly string[] =
      name in textColumns
        ? textColumns[name as keyof typeof textColumns]
        : figureColumns[name as keyof typeof figureColumns];
    return names.some((column) => columns.has(column)) ? [] : [{ column: names[0] ?? name, loss }];
  });
}
