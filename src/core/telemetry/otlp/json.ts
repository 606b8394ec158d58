import { columnOf, isKept, resourceColumnOf } from "../columns";
import type { RejectionReason } from "../rejection";
import { Decoded, MalformedRequest, type ReadSpan, checkedSpan } from "./decoded";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads an ExportTraceServiceRequest in JSON by OTLP's own mapping: ids as hex in either case, 64-bit integers as text
 * or number, keys in lowerCamelCase only. Unknown keys are stepped over, and null stands for what isn't there. What is
 * of a wrong type costs no more than itself: a span, a group of spans or an attribute; it is counted with a reason.
 * @throws where the text is no such message; MalformedRequest where its keys are in snake_case, which the
 * specification rules out: the spans would be stepped over, and lost without a word.
 */
export function decodeTraces(body: string): Decoded {
  const decoded = new Decoded();
  const request = messageOf(body);
  if (request["resource_spans"] !== undefined) throw snakeCase("resource_spans", "resourceSpans");
  const groups = listOf(request["resourceSpans"]);
  if (groups === null) throw new Error("resourceSpans is no list");
  for (const group of groups) {
    const scopes = isFields(group) ? listOf(group["scopeSpans"]) : null;
    if (!isFields(group) || scopes === null) {
      decoded.add("malformed-group");
      continue;
    }
    if (group["scope_spans"] !== undefined) throw snakeCase("scope_spans", "scopeSpans");
    const resource = resourceOf(group["resource"]);
    for (const scope of scopes) {
      const spans = isFields(scope) ? listOf(scope["spans"]) : null;
      if (spans === null) decoded.add("malformed-group");
      else for (const span of spans) decoded.add(spanOf(span, resource));
    }
  }
  return decoded.checked();
}

const snakeCase = (given: string, wanted: string): MalformedRequest =>
  new MalformedRequest(`the key "${given}" is not valid in OTLP/JSON; use lowerCamelCase ("${wanted}")`);

const isFields = (given: unknown): given is Fields =>
  typeof given === "object" && given !== null && !Array.isArray(given);

/** A list, empty where there is none; null where it is something else. */
const listOf = (given: unknown): readonly unknown[] | null =>
  given === undefined || given === null ? [] : Array.isArray(given) ? given : null;

function resourceOf(given: unknown): Attributes {
  if (given === undefined || given === null) return new Attributes();
  return isFields(given) ? attributesOf(given["attributes"], resourceColumnOf) : new Attributes(true);
}

function spanOf(given: unknown, resource: Attributes): ReadSpan | RejectionReason {
  if (!isFields(given)) return "malformed-span";
  const own = attributesOf(given["attributes"], columnOf);
  const status = statusOf(given["status"]);
  return checkedSpan({
    traceId: idOf(given["traceId"]),
    spanId: idOf(given["spanId"]),
    parentSpanId: idOf(given["parentSpanId"]),
    start: nanoseconds(given["startTimeUnixNano"]),
    end: nanoseconds(given["endTimeUnixNano"]),
    status: status ?? 0,
    attributes: new Map([...resource.values, ...own.values]),
    hasUnreadableParts: resource.hasUnreadable || own.hasUnreadable || status === null,
  });
}

const idOf = (given: unknown): string => (typeof given === "string" ? given.toLowerCase() : "");

/** A time of up to 64 bits; 0 where there is none. */
function nanoseconds(time: unknown): bigint {
  if (typeof time === "number") return Number.isFinite(time) ? BigInt(Math.trunc(time)) : 0n;
  return typeof time === "string" && /^\d{1,20}$/.test(time) ? BigInt(time) : 0n;
}

/** A status' code as number or name; null where it can't be read. */
function statusOf(given: unknown): number | null {
  if (given === undefined || given === null) return 0;
  const code = isFields(given) ? (given["code"] ?? 0) : null;
  if (typeof code === "number") return code;
  const named = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"].indexOf(String(code));
  return named < 0 ? null : named;
}

/** What spend needs of a list of attributes, by column. */
class Attributes {
  readonly values = new Map<string, string | number>();
  constructor(public hasUnreadable = false) {}
}

function attributesOf(given: unknown, toColumn: (key: string) => string): Attributes {
  const list = listOf(given);
  const found = new Attributes(list === null);
  for (const one of list ?? []) {
    if (!isFields(one) || typeof one["key"] !== "string") {
      found.hasUnreadable = true;
      continue;
    }
    const column = toColumn(one["key"]);
    if (!isKept(column)) continue;
    const value = valueOf(one["value"]);
    if (value === undefined) continue;
    if (value === null) found.hasUnreadable = true;
    found.values.set(column, value ?? Number.NaN);
  }
  return found;
}

/** Undefined where there is no value; null where there is one that can't be read. */
function valueOf(given: unknown): string | number | null | undefined {
  if (given === undefined || given === null) return undefined;
  if (!isFields(given)) return null;
  const { stringValue, doubleValue, intValue, boolValue, arrayValue } = given;
  if (stringValue != null) return typeof stringValue === "string" ? stringValue : null;
  const number = doubleValue ?? intValue;
  if (number != null) return typeof number === "number" || typeof number === "string" ? number : null;
  if (boolValue != null) return typeof boolValue === "boolean" ? String(boolValue) : null;
  if (arrayValue != null) return isFields(arrayValue) ? textOf(listOf(arrayValue["values"])) : null;
  return Object.values(given).some((value) => value != null) ? null : undefined;
}

/** A list of texts as JSON, as OpenObserve stores it; other members are left out. */
const textOf = (values: readonly unknown[] | null): string | null =>
  values === null
    ? null
    : JSON.stringify(
        values.flatMap((one) => (isFields(one) && typeof one["stringValue"] === "string" ? one["stringValue"] : [])),
      );

function messageOf(body: string): Fields {
  const given: unknown = JSON.parse(body);
  if (!isFields(given)) throw new Error("it is no object");
  return given;
}

/** Checks that a body is a JSON object, for signals that aren't stored. @throws where it isn't. */
export function checkMessage(body: string): void {
  messageOf(body);
}
