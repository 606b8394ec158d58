import path from "node:path";
import type { Budget } from "./budget";
import { pathOf, pathValue } from "./paths";
import { toJson } from "./toJson";
import type { Modules } from "./modules";
import type { Place } from "./module";
import { dedent } from "./textOperations";
import { type Value, asText, furthest, knownText, lengthOf, mapText, text, unknown, withSource } from "./value";

/** What a function's call is given. */
export interface FunctionCall {
  values: readonly Value[];
  named: ReadonlyMap<string, Value>;
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

/** Python separates with `, ` and `: `, JavaScript with nothing; both take an indent. */
const jsonText: KnownFunction = ({ values, named, place, budget }) => {
  const [first, second, third] = values;
  if (first === undefined) return undefined;
  const json = toJson(first);
  if (json.holes.length > 0) return undefined;
  const isPython = place.module.language.language.id === "python";
  if (isPython && [...named.keys()].some((name) => name !== "indent" && name !== "ensure_ascii")) return undefined;
  const indentValue = isPython ? named.get("indent") : third;
  const indent = indentValue?.kind === "plain" && typeof indentValue.value === "number" ? indentValue.value : undefined;
  if ((isPython && second !== undefined) || (indentValue !== undefined && indent === undefined)) return undefined;
  // JavaScript takes no more than 10 spaces; Python takes any number.
  if (indent !== undefined && (!Number.isInteger(indent) || indent < 0 || indent > 10)) return undefined;
  if (!budget.make(indentedLength(first, indent ?? 0))) return undefined;
  const compact = JSON.stringify(json.value, null, indent);
  if (!isPython) return text(compact, first.source);
  const ascii = named.has("ensure_ascii")
    ? compact
    : compact.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return text(indent === undefined ? spaced(ascii) : ascii, first.source);
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

/** Functions whose result can be told, by their full name after imports. */
const functions: Record<string, KnownFunction> = {
  str: asString,
  String: asString,
  list: ({ values: [first] }) => (first?.kind === "list" ? first : undefined),
  tuple: ({ values: [first] }) => (first?.kind === "list" ? first : undefined),
  "textwrap.dedent": dedented(false),
  "inspect.cleandoc": dedented(true),
  dedent: dedented(true),
  "ts-dedent.dedent": dedented(true),
  outdent: dedented(true),
  "common-tags.stripIndent": dedented(true),
  "String.raw": ({ values: [first] }) => first,
  "os.getenv": environment,
  "os.environ.get": environment,
  "decouple.config": environment,
  open: openFile,
  "io.open": openFile,
  "codecs.open": openFile,
  Path: samePath,
  "pathlib.Path": samePath,
  "pathlib.PurePath": samePath,
  "os.path.join": joinedPath,
  "os.path.dirname": parentPath,
  "os.path.abspath": samePath,
  "os.path.realpath": samePath,
  "path.join": joinedPath,
  "path.resolve": resolvedPath,
  "path.dirname": parentPath,
  "url.fileURLToPath": samePath,
  URL: url,
  "url.URL": url,
  "fs.readFileSync": fileText,
  "fs.readFile": fileText,
  "fs.promises.readFile": fileText,
  "fs/promises.readFile": fileText,
  "json.dumps": jsonText,
  "JSON.stringify": jsonText,
  "Object.freeze": ({ values: [first] }) => first,
  "Object.assign": mergeRecords,
};

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

/**
 * The result of a function of the standard libraries; undefined where it isn't known.
 * @param name the full name after imports: `pathlib.Path`, `fs.readFileSync`.
 */
export function callKnownFunction(name: string, call: FunctionCall): Value | undefined {
  return Object.hasOwn(functions, name) ? functions[name]?.(call) : undefined;
}
