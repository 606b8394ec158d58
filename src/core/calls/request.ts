import type { JsonObject } from "../json";
import type { Client } from "../vendors/client";
import { clientsOf } from "./clients";
import type { Evaluator } from "./evaluate";
import type { FoundCall } from "./finder";
import { type Origins, originsOf } from "./origins";
import { otherArguments } from "./ownArguments";
import { toJson } from "./toJson";
import { type Hole, type Source, type Value, hole, holdsDefault, knownText, withSource } from "./value";

/** A call's request as far as it is known without running the program. */
export interface Request {
  /** What may have made the client; none where it isn't seen. */
  clients: readonly Client[];
  model: RequestModel;
  /** The body's known parts; texts with holes without what the holes stand for. */
  body: JsonObject;
  /** What isn't known of the prompt, in order, each expression once. */
  holes: Hole[];
  /** Whether the prompt holds a default that a caller, the environment or other code can replace. */
  hasDefault: boolean;
  /** Arguments of which it isn't known what they add to the prompt. */
  others: string[];
  /** Why parts of the request were not evaluated to their end; what they hold is among the holes. */
  limits: readonly string[];
  /** Most output tokens of the call: its limit times its number of choices; null where there is no known limit. */
  outputLimit: number | null;
  /** `service_tier`, where it is known and not the default. */
  serviceTier: string | null;
  stream: boolean | null;
  /** What is waited for where nothing of the prompt, or no model, is known. */
  origins: Origins;
}

export interface RequestModel {
  /** Null where it isn't known. */
  name: string | null;
  source: Source | "dynamic";
  /** The expression, where the name isn't known. */
  expression: string | null;
}

const LIMITS = ["max_completion_tokens", "max_tokens", "max_output_tokens"];

/** Reads the request that a call would send. */
export function readRequest(call: FoundCall, evaluator: Evaluator): Request {
  const { entries, rest } = readArguments(call, evaluator);
  const body: JsonObject = {};
  const holes: Hole[] = [...rest];
  let hasDefault = false;
  for (const name of call.api.promptFields) {
    const value = entries.get(name);
    if (value === undefined || isAbsent(value)) continue;
    hasDefault ||= holdsDefault(value);
    const json = toJson(value);
    for (const one of json.holes) holes.push(one);
    if (value.kind !== "unknown") body[name] = json.value;
  }
  const given = entries.get("model") ?? entries.get("engine");
  const model = readModel(given, rest);
  const modelHole = given?.kind === "unknown" ? given.hole : { expression: model.expression ?? "elsewhere" };
  const choices = number(entries.get("n"));
  const limit = LIMITS.map((name) => number(entries.get(name))).find((found) => typeof found === "number");
  const tier = knownText(entries.get("service_tier"));
  const stream = entries.get("stream");
  const limits = evaluator.budget.reasons;
  return {
    clients: clientsOf(call, evaluator),
    model,
    body,
    holes: distinct(holes),
    origins: originsOf(body, distinct(holes), model.name === null ? modelHole : null),
    hasDefault,
    others: otherArguments(entries),
    limits,
    outputLimit: limit === undefined || choices === null ? null : limit * (choices ?? 1),
    serviceTier: tier === undefined || tier === "auto" || tier === "default" ? null : tier,
    stream:
      stream === undefined ? false : stream.kind === "plain" && typeof stream.value === "boolean" ? stream.value : null,
  };
}

/** The arguments by name: keywords, or the properties of the argument that is the request. */
function readArguments(call: FoundCall, evaluator: Evaluator): { entries: Map<string, Value>; rest: Hole[] } {
  const entries = new Map<string, Value>();
  const rest: Hole[] = [];
  const { request } = call.place.module.pack;
  const { bodyOf } = call.place.module.pack;
  const take = (written: Value, expression: string): void => {
    const value = bodyOf === null ? written : bodyOf(written);
    if (value.kind !== "record") {
      rest.push(value.kind === "unknown" ? value.hole : hole(expression));
      return;
    }
    for (const [key, inner] of value.entries) entries.set(key, withSource(inner, value.source));
    for (const one of value.rest) rest.push(one);
  };
  let positional = 0;
  for (const { argument, place } of call.arguments) {
    if (argument.name !== null) {
      entries.set(argument.name, evaluator.evaluate(argument.value, place));
    } else if (argument.spread !== null || positional++ === request) {
      const value = evaluator.evaluate(argument.value, place);
      if (argument.spread !== "list") take(value, argument.value.text);
      else rest.push(hole(argument.value.text));
    }
  }
  return { entries, rest };
}

/** Not given: `None`, `undefined`, and the Python package's own marks. */
function isAbsent(value: Value): boolean {
  if (value.kind === "plain") return value.value === null;
  return (
    value.kind === "unknown" &&
    /^(openai\.)?(NOT_GIVEN|NotGiven\(\)|omit|Omit\(\)|not_given)$/.test(value.hole.expression)
  );
}

function readModel(value: Value | undefined, rest: readonly Hole[]): RequestModel {
  if (value === undefined) return { name: null, source: "dynamic", expression: rest[0]?.expression ?? null };
  const known = value.kind === "unknown" && value.otherwise !== null ? value.otherwise : value;
  const name = knownText(known);
  if (name !== undefined && name !== "") return { name, source: known.source, expression: null };
  const expression =
    value.kind === "unknown"
      ? value.hole.expression
      : value.kind === "text"
        ? value.parts.map((part) => (typeof part === "string" ? part : `{${part.expression}}`)).join("")
        : null;
  return { name: null, source: "dynamic", expression };
}

/** A whole, non-negative number; null where it is given and not known. */
function number(value: Value | undefined): number | null | undefined {
  if (value === undefined || isAbsent(value)) return undefined;
  return value.kind === "plain" &&
    typeof value.value === "number" &&
    Number.isSafeInteger(value.value) &&
    value.value >= 0
    ? value.value
    : null;
}

function distinct(holes: readonly Hole[]): Hole[] {
  return [...new Map(holes.map((one) => [one.expression, one])).values()];
}
