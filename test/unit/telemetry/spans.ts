import type { LlmSpan } from "../../../src/core/telemetry/llmSpan";
import { decodeTraces } from "../../../src/core/telemetry/otlp/protobuf";
import { readSpan } from "../../../src/core/telemetry/readSpan";
import { type Attribute, type Span, type TracesRequest, encodeTraces } from "../../openobserve/otlp";

/** One call's span; what isn't given is usual. */
export interface SpanGiven {
  trace?: string;
  id?: string;
  parent?: string;
  /** Milliseconds since 1970. */
  at: number;
  durationMs?: number;
  error?: boolean;
  attributes?: Record<string, string | number | boolean | string[]>;
}

let last = 0;
const nextId = (digits: number): string => `f${(++last).toString(16).padStart(digits - 1, "0")}`;

export function span({
  trace = nextId(32),
  id = nextId(16),
  parent,
  at,
  durationMs = 1200,
  error = false,
  attributes = {},
}: SpanGiven): Span {
  const all = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    ...attributes,
  };
  return {
    traceId: trace,
    spanId: id,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    name: "chat",
    startTimeUnixNano: `${at}000000`,
    endTimeUnixNano: `${at + durationMs}000000`,
    attributes: Object.entries(all)
      .filter(([, value]) => value !== "-")
      .map(([key, value]): Attribute => ({
        key,
        value: Array.isArray(value)
          ? { arrayValue: { values: value.map((stringValue) => ({ stringValue })) } }
          : typeof value === "string"
            ? { stringValue: value }
            : typeof value === "boolean"
              ? { boolValue: value }
              : Number.isInteger(value)
                ? { intValue: value }
                : { doubleValue: value },
      })),
    status: { code: error ? 2 : 0 },
  };
}

export const requestOf = (
  spans: Span[],
  resource: Record<string, string> = { "service.name": "app" },
): TracesRequest => ({
  resourceSpans: [
    {
      resource: { attributes: Object.entries(resource).map(([key, stringValue]) => ({ key, value: { stringValue } })) },
      scopeSpans: [{ spans }],
    },
  ],
});

/** The calls of a request, as the receiver reads them, in whatever future they begin: a store keeps to its own clock. */
export const callsOf = (request: TracesRequest): LlmSpan[] =>
  decodeTraces(encodeTraces(request)).spans.flatMap((span) => {
    const reading = readSpan(span, Number.POSITIVE_INFINITY);
    return reading.kind === "call" ? [reading.call] : [];
  });

export const llmSpans = (given: readonly SpanGiven[]): LlmSpan[] => callsOf(requestOf(given.map(span)));
