import path from "node:path";
import type { Budget } from "./budget";
import { pathOf, pathValue } from "./paths";
import { toJson } from "./toJson";
import type { Modules } from "./modules";
import type { Place } from "./module";
import { dedent, joinTexts as joined, repeatText, replaceText, strip } from "./textOperations";
import type { MadeRecord } from "../languages/pack";
import { verbFormat } from "./formats";
import {
  type Value,
  asText,
  furthest,
  isEmpty,
  knownText,
  lengthOf,
  mapText,
  text,
  unknown,
  withSource,
} from "./value";

/** What a function's call is given. */
export interface FunctionCall {
  values: readonly Value[];
  named: ReadonlyMap<string, Value>;
  /** The positional arguments as they are written. */
  texts: readonly string[];
  modules: Modules;
  place: Place;
  budget: Budget;
}

type KnownFunction = (call: FunctionCall) => Value | undefined;

const asString: KnownFunction = ({ values: [first] }) => {
  if (first === undefined) return text("");
  if (first.kind === "path") return first;
  const parts = asText(first, "");
  return parts.some((part) => typeof part !== "string" && part.expression === "")
    ? undefined
    : { kind: "text", parts, source: first.source };
};

const dedented =
  (trimmed: boolean): KnownFunction =>
  ({ values: [first], budget }) =>
    first?.kind === "text" && budget.make(lengthOf(first.parts))
      ? { ...first, parts: mapText(first.parts, (known) => dedent(known, trimmed)) }
      : undefined;

const environment: KnownFunction = ({ values: [, fallback], named }) => {
  const otherwise = fallback ?? named.get("default");
  if (otherwise !== undefined) return withSource(otherwise, "default");
  return { ...unknown(""), isEnvironment: true } as Value;
};

const joinedPath: KnownFunction = ({ values }) => {
  const steps = values.map(pathOf);
  return steps.every((step) => step !== undefined) ? pathValue(path.join(...steps), "literal") : undefined;
};

/** Like joining, but an absolute step begins anew. */
const resolvedPath: KnownFunction = ({ values }) => {
  const steps = values.map(pathOf).filter((step) => step !== undefined);
  if (steps.length !== values.length) return undefined;
  const from = steps.findLastIndex((step) => path.isAbsolute(step));
  return pathValue(path.join(...steps.slice(Math.max(0, from))), "literal");
};

const samePath: KnownFunction = ({ values: [first] }) => {
  const known = pathOf(first);
  return known === undefined ? undefined : { kind: "path", path: known, source: first?.source ?? "literal" };
};

const parentPath: KnownFunction = ({ values: [first] }) => {
  const known = pathOf(first);
  return known === undefined
    ? undefined
    : { kind: "path", path: path.join(known, ".."), source: first?.source ?? "literal" };
};

const fileText: KnownFunction = ({ values: [first], modules, place, budget }) => {
  const known = pathOf(first);
  return known === undefined ? undefined : modules.readText(known, place.module, budget);
};

const openFile: KnownFunction = ({ values: [first, mode] }) => {
  const known = pathOf(first);
  return known === undefined || /[wabx]/.test(knownText(mode) ?? "")
    ? undefined
    : { kind: "file", path: known, source: "literal" };
};

const url: KnownFunction = ({ values: [first, base], place }) => {
  const relative = pathOf(first);
  // new URL("./p.md", import.meta.url)
  if (
    relative === undefined ||
    base?.kind !== "unknown" ||
    base.hole.expression !== "import.meta.url" ||
    place.module.file === null
  )
    return undefined;
  return { kind: "path", path: path.join(place.module.file, "..", relative), source: "literal" };
};

/** A value as `JSON.stringify` writes it; undefined where a part of it isn't known, or it exceeds the budget. */
function jsonOf(value: Value, indentValue: Value | undefined, budget: Budget): string | undefined {
  const json = toJson(value);
  if (json.holes.length > 0) return undefined;
  const indent = indentValue?.kind === "plain" && typeof indentValue.value === "number" ? indentValue.value : undefined;
  if (indentValue !== undefined && indent === undefined) return undefined;
  // JavaScript takes no more than 10 spaces; Python takes any number.
  if (indent !== undefined && (!Number.isInteger(indent) || indent < 0 || indent > 10)) return undefined;
  if (!budget.make(indentedLength(value, indent ?? 0))) return undefined;
  return JSON.stringify(json.value, null, indent);
}

const scriptJson: KnownFunction = ({ values: [first, , indent], budget }) => {
  const json = first === undefined ? undefined : jsonOf(first, indent, budget);
  return first === undefined || json === undefined ? undefined : text(json, first.source);
};

/** Python separates with `, ` and `: ` where it doesn't indent, and writes ASCII. */
const pythonJson: KnownFunction = ({ values: [first, second], named, budget }) => {
  if (first === undefined || second !== undefined) return undefined;
  if ([...named.keys()].some((name) => name !== "indent" && name !== "ensure_ascii")) return undefined;
  const json = jsonOf(first, named.get("indent"), budget);
  if (json === undefined) return undefined;
  const ascii = named.has("ensure_ascii")
    ? json
    : json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return text(named.has("indent") ? ascii : spaced(ascii), first.source);
};

/** At least the characters of a value's JSON, but for escapes. */
function indentedLength(value: Value, indent: number, level = 1): number {
  const ofInner = (inner: Value): number => indentedLength(inner, indent, level + 1) + indent * level + 4;
  if (value.kind === "text") return lengthOf(value.parts) + 2;
  if (value.kind === "list") return value.items.reduce((sum, item) => sum + ofInner(item), 2);
  if (value.kind !== "record") return 8;
  let length = 2;
  for (const [key, inner] of value.entries) length += key.length + ofInner(inner);
  return length;
}

/** Puts a space behind every comma and colon that is outside of a string. */
const spaced = (json: string): string =>
  json.replace(/"(?:[^"\\]|\\.)*"|[,:]/g, (piece) => (piece === "," || piece === ":" ? `${piece} ` : piece));

const same: KnownFunction = ({ values: [first] }) => first;

/** Go's `cmp.Or`: what the environment doesn't give, the other argument does. */
const firstGiven: KnownFunction = ({ values: [first, second], texts }) => {
  if (first === undefined || second === undefined || texts.length > 2) return undefined;
  if (first.kind === "unknown") return first.isEnvironment ? withSource(second, "default") : undefined;
  return isEmpty(first) ? second : first;
};

/** A text of which a function makes another. */
const changedText =
  (change: (known: string) => string): KnownFunction =>
  ({ values: [first], budget }) =>
    first?.kind === "text" && budget.make(lengthOf(first.parts))
      ? { ...first, parts: mapText(first.parts, change) }
      : undefined;

/** Go's `strings.Join(items, separator)`. */
const joinTexts: KnownFunction = ({ values: [items, separator], texts: [written = ""], budget }) => {
  if (items?.kind !== "list" || separator === undefined) return undefined;
  if (items.items.some((item) => item.kind === "unknown" && item.several)) return undefined;
  const parts = joined(
    items.items.map((item) => asText(item, written)),
    asText(separator, written),
    budget,
  );
  return parts === undefined ? undefined : { kind: "text", parts, source: furthest(items.source, separator.source) };
};

/** Go's `strings.ReplaceAll(text, from, to)`. */
const replaceAll: KnownFunction = ({ values: [first, from, to], budget }) => {
  const wanted = knownText(from);
  if (first?.kind !== "text" || wanted === undefined || wanted === "" || to === undefined) return undefined;
  const parts = replaceText(first.parts, wanted, asText(to, "replacement"), false, budget);
  return parts === undefined ? undefined : { ...first, parts };
};

const repeated: KnownFunction = ({ values: [first, times], budget }) =>
  first?.kind === "text" && times?.kind === "plain" && typeof times.value === "number"
    ? repeatText(first, times.value, budget)
    : undefined;

const formatted: KnownFunction = ({ values: [first, ...values], texts: [, ...texts], budget }) =>
  first?.kind === "text" ? verbFormat(first, values, texts, budget) : undefined;

/** What functions of standard libraries do; which of a language's do it, its pack says. */
const operations = {
  text: asString,
  list: ({ values: [first] }) => (first?.kind === "list" ? first : undefined),
  same,
  dedent: dedented(false),
  dedentAndTrim: dedented(true),
  environment,
  openFile,
  readFile: fileText,
  path: samePath,
  joinPath: joinedPath,
  resolvePath: resolvedPath,
  parentPath,
  url,
  pythonJson,
  scriptJson,
  mergeRecords,
  firstGiven,
  joinTexts,
  replaceAll,
  repeated,
  formatted,
  trimmed: changedText((known) => strip(known, undefined, { start: true, end: true })),
  upperCase: changedText((known) => known.toUpperCase()),
  lowerCase: changedText((known) => known.toLowerCase()),
} satisfies Record<string, KnownFunction>;

export type KnownFunctionName = keyof typeof operations;

function mergeRecords({ values, budget }: FunctionCall): Value | undefined {
  const records = values.filter((value) => value.kind === "record");
  if (records.length !== values.length) return undefined;
  if (!budget.make(records.reduce((sum, { entries, rest }) => sum + entries.size + rest.length, 0))) return undefined;
  return {
    kind: "record",
    source: records.reduce<Value["source"]>((far, record) => furthest(far, record.source), "literal"),
    entries: new Map(records.flatMap((record) => [...record.entries])),
    rest: records.flatMap((record) => record.rest),
  };
}

function madeRecord(made: MadeRecord, { values, budget }: FunctionCall): Value | undefined {
  const fields = Object.entries(made);
  if (!budget.make(fields.length)) return undefined;
  const entries = fields.flatMap(([key, from]): [string, Value][] => {
    const value = typeof from === "string" ? text(from) : values[from];
    return value === undefined ? [] : [[key, value]];
  });
  return { kind: "record", source: "literal", entries: new Map(entries), rest: [] };
}

/**
 * The result of a function of the language's standard libraries; undefined where it isn't known.
 * @param name the full name after imports: `pathlib.Path`, `fs.readFileSync`.
 */
export function callKnownFunction(name: string, call: FunctionCall): Value | undefined {
  const { functions } = call.place.module.pack;
  const operation = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (typeof operation === "object") return madeRecord(operation, call);
  return operation === undefined ? undefined : operations[operation](call);
}
