import { z } from "zod";
import { columnOf, isKept, resourceColumnOf } from "../columns";
import { Decoded, MalformedRequest, checkedSpan } from "./decoded";

// OTLP's JSON mapping: ids as hex in either case, 64-bit integers as text or number, keys in lowerCamelCase only.
// Unknown keys are stepped over, as the specification asks; null stands for what isn't there. A value of the wrong
// type costs no more than itself: text is left out, a number becomes NaN, which is then rejected by name.
const text = z.string().nullish().catch(undefined);
const number = z.union([z.number(), z.string()]).nullish().catch(Number.NaN);
const value = z.object({
  stringValue: text,
  boolValue: z.boolean().nullish().catch(undefined),
  intValue: number,
  doubleValue: number,
  arrayValue: z
    .object({ values: z.array(z.object({ stringValue: text }).catch({})).nullish() })
    .nullish()
    .catch(undefined),
});
const keyValue = z.object({ key: z.string(), value: value.nullish() }).catch({ key: "" });
const attributes = z.array(keyValue).nullish();
const span = z.object({
  traceId: text,
  spanId: text,
  parentSpanId: text,
  startTimeUnixNano: number,
  endTimeUnixNano: number,
  attributes,
  status: z
    .object({ code: z.union([z.number(), z.string()]).nullish() })
    .nullish()
    .catch(undefined),
});
const list = <T extends z.ZodType>(item: T) => z.array(item).nullish();
const unknownKey = z.unknown().optional();
const traces = z.object({
  resourceSpans: list(
    z.object({
      resource: z.object({ attributes }).nullish(),
      scopeSpans: list(z.object({ spans: list(span) })),
      scope_spans: unknownKey,
    }),
  ),
  resource_spans: unknownKey,
});
const anything = z.record(z.string(), z.unknown());

/**
 * Reads an ExportTraceServiceRequest in JSON.
 * @throws where the text is no such message; MalformedRequest where its keys are in snake_case, which the
 * specification rules out: the spans would be stepped over, and lost without a word.
 */
export function decodeTraces(body: string): Decoded {
  const decoded = new Decoded();
  const { resourceSpans, resource_spans } = traces.parse(JSON.parse(body));
  if (resource_spans !== undefined) throw snakeCase("resource_spans", "resourceSpans");
  for (const { resource, scopeSpans, scope_spans } of resourceSpans ?? []) {
    if (scope_spans !== undefined) throw snakeCase("scope_spans", "scopeSpans");
    const shared = kept(resource?.attributes, resourceColumnOf);
    for (const one of (scopeSpans ?? []).flatMap(({ spans }) => spans ?? []))
      decoded.add(
        checkedSpan({
          traceId: one.traceId?.toLowerCase() ?? "",
          spanId: one.spanId?.toLowerCase() ?? "",
          parentSpanId: one.parentSpanId?.toLowerCase() ?? "",
          start: nanoseconds(one.startTimeUnixNano),
          end: nanoseconds(one.endTimeUnixNano),
          status: one.status?.code === 2 || one.status?.code === "STATUS_CODE_ERROR" ? 2 : 0,
          attributes: new Map([...shared, ...kept(one.attributes, columnOf)]),
        }),
      );
  }
  return decoded;
}

const snakeCase = (given: string, wanted: string): MalformedRequest =>
  new MalformedRequest(`the key "${given}" is not valid in OTLP/JSON; use lowerCamelCase ("${wanted}")`);

/** A time of up to 64 bits; 0 where there is none. */
function nanoseconds(time: number | string | null | undefined): bigint {
  if (typeof time === "number") return Number.isFinite(time) ? BigInt(Math.trunc(time)) : 0n;
  return typeof time === "string" && /^\d{1,20}$/.test(time) ? BigInt(time) : 0n;
}

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
