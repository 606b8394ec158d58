import {
  figureColumns,
  rateLimitColumns,
  rateLimitValues,
  surroundingOperations,
  textColumns,
  unpricedColumn,
} from "./columns";
import { type LlmSpan, type RawSpan, finishReasonOf } from "./llmSpan";
import type { ReportedMeasure } from "./measures";
import type { RejectionReason, WarningReason } from "./rejection";

/** Longer names are cut: they are labels in a list. */
const MAX_TEXT_LENGTH = 256;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Tokens of one call, of each kind: ten times the largest context window on sale. */
export const MAX_CALL_TOKENS = 100_000_000;
/** USD of one call: `MAX_CALL_TOKENS` at the highest price of the catalogue is less. */
export const MAX_CALL_USD = 100_000;
/** Seven days: a machine may sleep in the middle of a call. */
export const MAX_CALL_US = 7 * 86_400_000_000;
/** How far a sender's clock may be ahead: a day covers every time zone that was taken for UTC. */
const MAX_AHEAD_US = 86_400_000_000;
/** How much longer than its call a time to first token may be: it may come from another clock. */
const FIRST_TOKEN_SLACK_US = 1_000_000;
const MAX_LINE = 10_000_000;

/** What a span is: a call, a call that can't be stored, or no call to a model (an HTTP request, an agent's frame). */
export type SpanReading =
  | { kind: "call"; call: LlmSpan; warnings: readonly WarningReason[] }
  | { kind: "rejected"; reason: RejectionReason }
  | { kind: "other" };

/**
 * Reads the call that a span reports. What sums rest on is beyond doubt, or the call is rejected with a reason: its
 * start, its duration, and every token count, as each is part of a total and of the price. A count that is missing is
 * no fault. Other attributes never cost the call: a cost that can't be one is ignored, so that the call is priced from
 * its tokens or counts as unpriced, and never as free; a time to first token or a line number becomes unknown. Each is
 * a warning. Of several names for one figure, the first that makes sense is taken.
 * @param nowUs microseconds since 1970, UTC.
 */
export function readSpan({ attributes, hasUnreadableParts, ...span }: RawSpan, nowUs: number): SpanReading {
  const text = (columns: readonly string[]): string | null => {
    for (const column of columns) {
      const value = attributes.get(column);
      if (value !== undefined && value !== "" && !Number.isNaN(value)) return String(value).slice(0, MAX_TEXT_LENGTH);
    }
    return null;
  };
  const figure = (columns: readonly string[], bounds: Bounds): Figure => {
    let isBroken = false;
    for (const column of columns) {
      const given = attributes.get(column);
      if (given === undefined || given === "") continue;
      const value = typeof given === "number" ? given : NUMBER.test(given) ? Number(given) : Number.NaN;
      if (!(value >= 0 && value <= bounds.max) || (bounds.isWhole && !Number.isInteger(value))) isBroken = true;
      else if (!bounds.isZeroUnknown || value > 0) return { value, isBroken: false };
    }
    return { value: null, isBroken };
  };
  const operation = text(textColumns.operation);
  const model = text(textColumns.model);
  if ((model === null && operation === null) || surroundingOperations.some((name) => name === operation))
    return { kind: "other" };
  if (span.startUs > nowUs + MAX_AHEAD_US) return { kind: "rejected", reason: "start-in-future" };
  if (span.durationUs > MAX_CALL_US) return { kind: "rejected", reason: "duration-too-long" };
  const count = (columns: readonly string[]): Figure => figure(columns, { max: MAX_CALL_TOKENS, isWhole: true });
  const tokens = {
    inputTokens: count(figureColumns.inputTokens),
    outputTokens: count(figureColumns.outputTokens),
    cachedTokens: count(figureColumns.cachedTokens),
    reasoningTokens: count(figureColumns.reasoningTokens),
  } satisfies Record<Exclude<ReportedMeasure, "costUsd">, Figure>;
  if (Object.values(tokens).some(({ isBroken }) => isBroken)) return { kind: "rejected", reason: "invalid-tokens" };
  const cost = figure(figureColumns.costUsd, { max: MAX_CALL_USD, isZeroUnknown: true });
  const line = figure(figureColumns.line, { max: MAX_LINE, isWhole: true, isZeroUnknown: true });
  const maxFirstTokenUs = span.durationUs + FIRST_TOKEN_SLACK_US;
  const firstTokenMs = figure(figureColumns.firstTokenMs, { max: maxFirstTokenUs / 1e3 });
  const firstChunkSeconds = figure(figureColumns.firstChunkSeconds, { max: maxFirstTokenUs / 1e6 });
  const firstToken = firstTokenUs(firstTokenMs.value, firstChunkSeconds.value);
  const warnings: WarningReason[] = [];
  if (cost.isBroken) warnings.push("cost-ignored");
  if (firstToken === null && (firstTokenMs.isBroken || firstChunkSeconds.isBroken))
    warnings.push("first-token-ignored");
  if (line.isBroken) warnings.push("line-ignored");
  if (hasUnreadableParts) warnings.push("part-ignored");
  const call: LlmSpan = {
    ...span,
    model,
    provider: text(textColumns.provider),
    feature: text(textColumns.feature),
    team: text(textColumns.team),
    environment: text(textColumns.environment),
    user: text(textColumns.user),
    file: text(textColumns.file),
    function: text(textColumns.function),
    line: line.value,
    service: text(textColumns.service),
    finishReason: finishReasonOf(text(textColumns.finishReasons)),
    costUsd: cost.value,
    inputTokens: tokens.inputTokens.value,
    outputTokens: tokens.outputTokens.value,
    cachedTokens: tokens.cachedTokens.value,
    reasoningTokens: tokens.reasoningTokens.value,
    firstTokenUs: firstToken,
    isUnpriced: cost.isBroken || String(attributes.get(unpricedColumn)) === "true",
    isRateLimited: rateLimitColumns.some((column) =>
      rateLimitValues.some((value) => value === String(attributes.get(column))),
    ),
  };
  return { kind: "call", call, warnings };
}

interface Bounds {
  max: number;
  isWhole?: boolean;
  /** Whether 0 says that the figure is unknown. */
  isZeroUnknown?: boolean;
}

interface Figure {
  value: number | null;
  /** Whether something was reported, and nothing of it makes sense. */
  isBroken: boolean;
}

const firstTokenUs = (milliseconds: number | null, seconds: number | null): number | null =>
  milliseconds !== null ? milliseconds * 1e3 : seconds !== null ? seconds * 1e6 : null;
