import { dimensionColumns } from "./dimensions";
import { reportedColumns } from "./measures";

/**
 * Which columns of a span say what, best first. Names are those under which OpenObserve stores attributes (lower case,
 * everything but letters, digits and `_` becomes `_`; resource attributes get the prefix `service_`), so that both
 * stores read the same things: the local one flattens names in the same way. Standard names, their forerunners, and
 * the columns that OpenObserve derives by itself (`llm_…` in 0.80 to 0.90, `_o2_llm_…` in 0.60 to 0.70).
 */
export const textColumns = {
  operation: ["gen_ai_operation_name"],
  requestModel: ["gen_ai_request_model"],
  ...dimensionColumns,
  provider: ["gen_ai_provider_name", "gen_ai_system", "llm_provider_name", "_o2_llm_provider_name"],
  file: ["code_file_path", "code_filepath"],
  function: ["code_function_name", "code_function"],
  service: ["service_name"],
  finishReasons: ["gen_ai_response_finish_reasons"],
} as const satisfies Record<string, readonly string[]>;

/** Figures: USD, tokens, milliseconds, seconds. Attributes arrive as numbers or as text. */
export const figureColumns = {
  ...reportedColumns,
  firstTokenMs: ["gen_ai_latency_ttft_ms"],
  firstChunkSeconds: ["gen_ai_response_time_to_first_chunk"],
  line: ["code_line_number", "code_lineno"],
} as const satisfies Record<string, readonly string[]>;

/** What says that a request was refused for its rate. */
export const rateLimitColumns = [
  "error_type",
  "gen_ai_response_error_type",
  "http_response_status_code",
  "http_status_code",
] as const;
export const rateLimitValues = [
  "429",
  "rate_limit",
  "rate_limit_exceeded",
  "RateLimitError",
  "openai.RateLimitError",
] as const;

/** What says that a call's cost is unknown, whatever else is said of it: true where the wrapper knew no price or no usage. */
export const unpricedColumn = "prompt_cost_unpriced";

/**
 * Operations whose spans stand around calls and may repeat their usage (GenAI semantic conventions): agents, tools,
 * workflows. They are no calls to a model.
 */
export const surroundingOperations = [
  "create_agent",
  "execute_tool",
  "invoke_agent",
  "invoke_workflow",
  "retrieval",
  "span",
] as const;

/** Larger figures are no figures of a call: a fault, or `inf`. */
export const LARGEST_FIGURE = 1e15;

/** The column that an attribute's name becomes. */
export function columnOf(attribute: string): string {
  return attribute.replace(/[^A-Za-z0-9_]/g, "_").toLowerCase();
}

/** The column of a resource's attribute. */
export function resourceColumnOf(attribute: string): string {
  return attribute === "service.name" ? "service_name" : `service_${columnOf(attribute)}`;
}

const kept = new Set<string>([
  ...Object.values(textColumns).flat(),
  ...Object.values(figureColumns).flat(),
  ...rateLimitColumns,
  unpricedColumn,
]);

/** Whether spend needs the column. All others, and with them every prompt and answer, are never read out of what arrives. */
export const isKept = (column: string): boolean => kept.has(column);
