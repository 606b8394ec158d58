import type { Dimension } from "./dimensions";
import type { ReportedMeasure } from "./measures";

/** One call to a model as its span reports it: what spend needs, and nothing else. Unknown is null. */
export interface LlmSpan extends Record<ReportedMeasure, number | null>, Record<Dimension, string | null> {
  /** Lower-case hex: 32 and 16 digits. */
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  /** Microseconds since 1970, UTC. */
  startUs: number;
  durationUs: number;
  /** The model that answered, as the API named it; else the requested one. */
  model: string | null;
  provider: string | null;
  /** A hash, where the wrapper made it. */
  user: string | null;
  file: string | null;
  function: string | null;
  /** Of the call in `file`, from 1. */
  line: number | null;
  /** `service.name`. */
  service: string | null;
  /** Why the answer ended, as the API says: `stop`, `length`, `tool_calls`… */
  finishReason: string | null;
  /** As reported. Null where nothing was, or 0 for a call with tokens: nobody knew the price. */
  costUsd: number | null;
  /** From the request to the first token of a streamed answer. */
  firstTokenUs: number | null;
  isError: boolean;
  isRateLimited: boolean;
  /** Whether the span says that its cost is unknown: a stream that broke was billed all the same. */
  isUnpriced: boolean;
}

/** A span before it is known what it is: identity, and attributes by column (see `columns.ts`). */
export interface RawSpan extends Pick<
  LlmSpan,
  "traceId" | "spanId" | "parentSpanId" | "startUs" | "durationUs" | "isError"
> {
  /** A value that can't be read is NaN, so that no figure gets lost without a word. */
  attributes: ReadonlyMap<string, string | number>;
  /** Whether something of it was malformed and is left out, so that nobody knows what it said. */
  hasUnreadableParts: boolean;
}

/**
 * What is known of a call's cost: `reported` by its span; `open`, where it has tokens that a pricing table can price;
 * `unknown`, where neither was reported. A call that failed without usage cost nothing, which is known, unless its
 * span says otherwise.
 */
export const costStates = ["reported", "open", "unknown"] as const;
export type CostState = (typeof costStates)[number];

export function costStateOf(span: LlmSpan): CostState {
  if (span.costUsd !== null) return "reported";
  if ((span.inputTokens ?? 0) + (span.outputTokens ?? 0) > 0) return "open";
  return span.isError && !span.isUnpriced ? "reported" : "unknown";
}

/** A list arrives as JSON text (`["stop"]`); of several choices the first one speaks. */
export function finishReasonOf(text: string | null): string | null {
  return text === null ? null : text.replace(/^\[\s*"?|"?\s*\]$/g, "").split(/"?\s*,\s*"?/)[0] || null;
}
