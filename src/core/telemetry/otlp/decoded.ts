import type { RawSpan } from "../llmSpan";

/** What a request to export spans held. */
export interface Decoded {
  spans: RawSpan[];
  /** Spans without the identity or the time that the protocol asks for. */
  rejected: number;
}

interface Read {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  /** Nanoseconds since 1970. */
  start: bigint;
  end: bigint;
  /** 0 unset, 1 ok, 2 error. */
  status: number;
  attributes: Map<string, string | number>;
}

const TRACE_ID = /^(?!0{32}$)[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16}$)[0-9a-f]{16}$/;
/** 2100-01-01, in nanoseconds: later starts are a wrong unit. */
const LATEST = 4_102_444_800_000_000_000n;

/** The span where its identity and time are whole, or null. An end before its start counts as no duration. */
export function checkedSpan({
  traceId,
  spanId,
  parentSpanId,
  start,
  end,
  status,
  attributes,
}: Read): (RawSpan & { attributes: Map<string, string | number> }) | null {
  if (!TRACE_ID.test(traceId) || !SPAN_ID.test(spanId) || start <= 0n || start >= LATEST) return null;
  const durationUs = end > start && end < LATEST ? Number((end - start) / 1000n) : 0;
  return {
    traceId,
    spanId,
    parentSpanId: SPAN_ID.test(parentSpanId) ? parentSpanId : null,
    startUs: Number(start / 1000n),
    durationUs,
    isError: status === 2,
    attributes,
  };
}
