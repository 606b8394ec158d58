import { z } from "zod";
import { columnOf, isKept, resourceColumnOf } from "../columns";
import { type Decoded, checkedSpan } from "./decoded";

// OTLP's JSON mapping: ids as hex, 64-bit integers as text or number, keys in lowerCamelCase. Unknown keys are
// stepped over, as the specification asks; null stands for what isn't there.
const integer = z.union([z.number(), z.string().regex(/^-?\d+$/)]).nullish();
const value = z.object({
  stringValue: z.string().nullish(),
  boolValue: z.boolean().nullish(),
  intValue: integer,
  doubleValue: z.union([z.number(), z.string()]).nullish(),
  arrayValue: z.object({ values: z.array(z.object({ stringValue: z.string().nullish() })).nullish() }).nullish(),
});
const attributes = z.array(z.object({ key: z.string().default(""), value: value.nullish() })).nullish();
const span = z.object({
  traceId: z.string().nullish(),
  spanId: z.string().nullish(),
  parentSpanId: z.string().nullish(),
  startTimeUnixNano: integer,
  endTimeUnixNano: integer,
  attributes,
  status: z.object({ code: z.union([z.number(), z.string()]).nullish() }).nullish(),
});
const list = <T extends z.ZodType>(item: T) => z.array(item).nullish();
const traces = z.object({
  resourceSpans: list(
    z.object({ resource: z.object({ attributes }).nullish(), scopeSpans: list(z.object({ spans: list(span) })) }),
  ),
});
const anything = z.record(z.string(), z.unknown());

/** Reads an ExportTraceServiceRequest in JSON. @throws where the text is no such message. */
export function decodeTraces(body: string): Decoded {
  const decoded: Decoded = { spans: [], rejected: 0 };
  for (const { resource, scopeSpans } of traces.parse(JSON.parse(body)).resourceSpans ?? []) {
    const shared = kept(resource?.attributes, resourceColumnOf);
    for (const one of (scopeSpans ?? []).flatMap(({ spans }) => spans ?? [])) {
      const checked = checkedSpan({
        traceId: one.traceId?.toLowerCase() ?? "",
        spanId: one.spanId?.toLowerCase() ?? "",
        parentSpanId: one.parentSpanId?.toLowerCase() ?? "",
        start: nanoseconds(one.startTimeUnixNano),
        end: nanoseconds(one.endTimeUnixNano),
        status: one.status?.code === 2 || one.status?.code === "STATUS_CODE_ERROR" ? 2 : 0,
        attributes: new Map([...shared, ...kept(one.attributes, columnOf)]),
      });
      if (checked === null) decoded.rejected++;
      else decoded.spans.push(checked);
    }
  }
  return decoded;
}

const nanoseconds = (time: number | string | null | undefined): bigint =>
  time === null || time === undefined || !Number.isSafeInteger(Math.trunc(Number(time) / 1000))
    ? 0n
    : BigInt(typeof time === "number" ? Math.trunc(time) : time);

function kept(given: z.infer<typeof attributes>, toColumn: (key: string) => string): Map<string, string | number> {
  const found = new Map<string, string | number>();
  for (const { key, value: one } of given ?? []) {
    const column = toColumn(key);
    if (!isKept(column) || one === null || one === undefined) continue;
    const read = one.stringValue ?? one.doubleValue ?? one.intValue ?? one.boolValue ?? textOf(one.arrayValue);
    if (read !== null && read !== undefined) found.set(column, typeof read === "boolean" ? String(read) : read);
  }
  return found;
}

const textOf = (
  array: { values?: { stringValue?: string | null | undefined }[] | null | undefined } | null | undefined,
): string | undefined =>
  array?.values ? JSON.stringify(array.values.flatMap(({ stringValue }) => stringValue ?? [])) : undefined;

/** Checks that a body is a JSON object, for signals that aren't stored. @throws where it isn't. */
export function checkMessage(body: string): void {
  anything.parse(JSON.parse(body));
}
