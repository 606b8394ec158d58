import path from "node:path";
import type { Budget } from "./budget";
import { braceFormat } from "./formats";
import type { Modules } from "./modules";
import type { Place } from "./module";
import { pathValue } from "./paths";
import { joinTexts, repeatText, replaceText, strip } from "./textOperations";
import { type Hole, type Value, asText, furthest, knownText, lengthOf, mapText, text } from "./value";

/** What a method's call is given. */
export interface MethodCall {
  values: readonly Value[];
  named: ReadonlyMap<string, Value>;
  /** The arguments as they are written. */
  texts: readonly string[];
  modules: Modules;
  place: Place;
  budget: Budget;
}

/** Members that are no calls: `path.parent`. */
export function readMember(value: Value, name: string): Value | undefined {
  if (value.kind !== "path") return undefined;
  if (name === "parent") return { ...value, path: path.join(value.path, "..") };
  return name === "pathname" || name === "href" ? value : undefined;
}

type Method = (parts: readonly (string | Hole)[], first: Value | undefined) => readonly (string | Hole)[] | undefined;

const whole =
  (operation: (text: string) => string): Method =>
  (parts, first) =>
    first === undefined ? mapText(parts, operation) : undefined;

/** Strips white space, or the characters given, at one end or both. */
const stripped =
  (start: boolean, end: boolean): Method =>
  (parts, first) => {
    const characters = first === undefined ? undefined : knownText(first);
    if (first !== undefined && characters === undefined) return undefined;
    return mapText(parts, (known) => strip(known, characters, { start, end }));
  };

/** Methods of text that give text, of both languages. */
const textMethods: Record<string, Method> = {
  strip: stripped(true, true),
  lstrip: stripped(true, false),
  rstrip: stripped(false, true),
  trim: stripped(true, true),
  trimStart: stripped(true, false),
  trimEnd: stripped(false, true),
  trimLeft: stripped(true, false),
  trimRight: stripped(false, true),
  upper: whole((known) => known.toUpperCase()),
  lower: whole((known) => known.toLowerCase()),
  toUpperCase: whole((known) => known.toUpperCase()),
  toLowerCase: whole((known) => known.toLowerCase()),
};

/** Calls a method whose result is known; undefined where it isn't, or exceeds the budget. */
export function callMethod(object: Value, name: string, call: MethodCall): Value | undefined {
  const { values, named, texts, modules, place, budget } = call;
  const [first, second] = values;
  if (name === "toString" && object.kind === "text") return object;
  if (object.kind === "path") return pathMethod(object, name, first, call);
  if (object.kind === "file")
    return name === "read" && first === undefined ? modules.readText(object.path, place.module, budget) : undefined;
  if (object.kind === "list" && name === "join") return joinList(object.items, first ?? text(","), call);
  if (object.kind === "list" && name === "concat") {
    const items = values.flatMap((value) => (value.kind === "list" ? value.items : [value]));
    return budget.make(object.items.length + items.length)
      ? { ...object, items: [...object.items, ...items] }
      : undefined;
  }
  if (object.kind === "record" && name === "get") {
    const key = knownText(first);
    return key === undefined ? undefined : (object.entries.get(key) ?? (object.rest.length === 0 ? second : undefined));
  }
  if (object.kind === "record" && name === "copy" && first === undefined) return object;
  if (object.kind !== "text") return undefined;
  if (name === "join") return first?.kind === "list" ? joinList(first.items, object, call) : undefined;
  if (name === "format") return braceFormat(object, values, named, texts, budget);
  if (name === "concat") {
    const parts = joinTexts(
      [object.parts, ...values.map((value, index) => asText(value, texts[index] ?? ""))],
      [],
      budget,
    );
    return parts === undefined ? undefined : { ...object, parts };
  }
  if (name === "repeat")
    return first?.kind === "plain" && typeof first.value === "number"
      ? repeatText(object, first.value, budget)
      : undefined;
  if (name === "replace" || name === "replaceAll") return replace(object, name, first, second, call);
  const method = Object.hasOwn(textMethods, name) ? textMethods[name] : undefined;
  if (method === undefined || !budget.make(lengthOf(object.parts))) return undefined;
  const parts = method(object.parts, first);
  return parts === undefined ? undefined : { ...object, parts };
}

function pathMethod(
  object: Value & { kind: "path" },
  name: string,
  first: Value | undefined,
  { modules, place, budget }: MethodCall,
): Value | undefined {
  const step = knownText(first);
  switch (name) {
    case "read_text":
      return modules.readText(object.path, place.module, budget);
    case "open":
      return { kind: "file", path: object.path, source: object.source };
    case "joinpath":
      return step === undefined ? undefined : pathValue(`${object.path}/${step}`, object.source);
    case "with_name":
      return step === undefined ? undefined : pathValue(path.join(object.path, "..", step), object.source);
    case "resolve":
    case "absolute":
    case "expanduser":
    case "toString":
      return object;
    default:
      return undefined;
  }
}

function joinList(items: readonly Value[], separator: Value, { texts, budget }: MethodCall): Value | undefined {
  const written = texts[0] ?? "";
  const parts = joinTexts(
    items.map((item) => asText(item, written)),
    asText(separator, written),
    budget,
  );
  const source = items.reduce<Value["source"]>(
    (far, item) => (item.kind === "unknown" ? far : furthest(far, item.source)),
    separator.source,
  );
  return parts === undefined ? undefined : { kind: "text", parts, source };
}

/** Replaces a known text by another. A template's field may become a hole. */
function replace(
  object: Value & { kind: "text" },
  name: string,
  from: Value | undefined,
  to: Value | undefined,
  { place, budget }: MethodCall,
): Value | undefined {
  const wanted = knownText(from);
  if (wanted === undefined || wanted === "" || to === undefined) return undefined;
  const { replacesOnce } = place.module.pack;
  const replacement = asText(to, "replacement");
  // `$&` and the like put in what was found.
  if (replacesOnce && replacement.some((part) => typeof part === "string" && part.includes("$"))) return undefined;
  const parts = replaceText(object.parts, wanted, replacement, name === "replace" && replacesOnce, budget);
  return parts === undefined ? undefined : { ...object, parts };
}
