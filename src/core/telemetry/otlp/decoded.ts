import type { RawSpan } from "../llmSpan";
import { type RejectionReason, Tally } from "../rejection";

/** What a request to export spans held. */
export class Decoded {
  readonly spans: RawSpan[] = [];
  /** What is malformed, and spans without the identity or the times that the protocol asks for. */
  readonly rejected = new Tally<RejectionReason>();

  add(span: RawSpan | RejectionReason): void {
    if (typeof span === "string") this.rejected.add(span);
    else this.spans.push(span);
  }

  /** @throws where there are but malformed groups: it was no request to export spans. */
  checked(): this {
    const reasons = this.rejected.entries();
    if (this.spans.length === 0 && reasons.length > 0 && reasons.every(([reason]) => reason === "malformed-group"))
      throw new Error("nothing of it can be read");
    return this;
  }
}

/** A body that is no OTLP request; the message says what is wrong with it and holds nothing of the body. */
export class MalformedRequest extends Error {}

interface Read {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  /** Nanoseconds since 1970; 0 where the time is missing or no number. */
  start: bigint;
  end: bigint;
  /** 0 unset, 1 ok, 2 error. */
  status: number;
  attributes: Map<string, string | number>;
  hasUnreadableParts: boolean;
}

/** A span whose resource's attributes are still to be added. */
export type ReadSpan = RawSpan & { attributes: Map<string, string | number> };

const TRACE_ID = /^(?!0{32}$)[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16}$)[0-9a-f]{16}$/;

/**
 * The span, or why it can't be used. Every span is checked, also those that aren't calls to a model: a wrong id or
 * unit of time is a fault of the exporter. A span whose end is missing or before its start is rejected, and not taken
 * as one that lasted 0 ms: nothing says which of the two times is wrong, and the day of a call depends on its start.
 */
export function checkedSpan({
  traceId,
  spanId,
  parentSpanId,
  start,
  end,
  status,
  attributes,
  hasUnreadableParts,
}: Read): ReadSpan | RejectionReason {
  if (!TRACE_ID.test(traceId) || !SPAN_ID.test(spanId)) return "invalid-id";
  if (start <= 0n) return "no-start-time";
  const startUnit = unitOf(start);
  if (startUnit !== null) return `start-in-${startUnit}`;
  if (end <= 0n) return "no-end-time";
  if (end < start) {
    const endUnit = unitOf(end);
    return endUnit === null ? "end-before-start" : `end-in-${endUnit}`;
  }
  return {
    traceId,
    spanId,
    parentSpanId: SPAN_ID.test(parentSpanId) ? parentSpanId : null,
    startUs: Number(start / 1000n),
    durationUs: Number((end - start) / 1000n),
    isError: status === 2,
    attributes,
    hasUnreadableParts,
  };
}

/** Nanoseconds in each unit that a time is sent in by mistake. */
const units = [
  ["microseconds", 1_000n],
  ["milliseconds", 1_000_000n],
  ["seconds", 1_000_000_000n],
] as const;
const YEAR_2000 = 946_684_800_000_000_000n;
const YEAR_2100 = 4_102_444_800_000_000_000n;

/** The unit in which a time lies between 2000 and 2100, where that isn't nanoseconds; the ranges don't overlap. */
function unitOf(time: bigint): (typeof units)[number][0] | null {
  return units.find(([, factor]) => time * factor >= YEAR_2000 && time * factor < YEAR_2100)?.[0] ?? null;
}
