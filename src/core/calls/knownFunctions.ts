import path from "node:path";
import { toJson } from "./toJson";
import type { Modules } from "./modules";
import type { Place } from "./module";
import { dedent } from "./textOperations";
import { type Value, asText, furthest, knownText, mapText, text, unknown, withSource } from "./value";

interface Call {
  values: readonly Value[];
  named: ReadonlyMap<string, Value>;
  modules: Modules;
  place: Place;
}

type KnownFunction = (call: Call) => Value | undefined;

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
  ({ values: [first] }) =>
    first?.kind === "text" ? { ...first, parts: mapText(first.parts, (known) => dedent(known, trimmed)) } : undefined;

const environment: KnownFunction = ({ values: [, fallback], named }) => {
  const otherwise = fallback ?? named.get("default");
  if (otherwise !== undefined) return withSource(otherwise, "default");
  return { ...unknown(""), isEnvironment: true } as Value;
};

const pathOf = (value: Value | undefined): string | undefined =>
  value?.kind === "path" ? value.path : knownText(value);

const joinedPath: KnownFunction = ({ values }) => {
  const steps = values.map(pathOf);
  return steps.every((step) => step !== undefined)
    ? { kind: "path", path: path.join(...steps), source: "literal" }
    : undefined;
};

/** Like joining, but an absolute step begins anew. */
const resolvedPath: KnownFunction = ({ values }) => {
  const steps = values.map(pathOf).filter((step) => step !== undefined);
  if (steps.length !== values.length) return undefined;
  const from = steps.findLastIndex((step) => path.isAbsolute(step));
  return { kind: "path", path: path.join(...steps.slice(Math.max(0, from))), source: "literal" };
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

const fileText: KnownFunction = ({ values: [first], modules, place }) => {
  const known = pathOf(first);
  return known === undefined ? undefined : modules.readText(known, place.module);
};

const openFile: KnownFunction = ({ values: [first, mode] }) => {
  const known = pathOf(first);
  return known === undefined || /[wabx]/.test(knownText(mode) ?? "")
    ? undefined
    : { kind: "file", path: known, source: "literal" };
};

const url: KnownFunction = ({ values: [first, base], place }) => {
  const relative = knownText(first);
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
const jsonText: KnownFunction = ({ values, named, place }) => {
  const [first, second, third] = values;
  if (first === undefined) return undefined;
  const json = toJson(first);
  if (json.holes.length > 0) return undefined;
  const isPython = place.module.language.language.id === "python";
  if (isPython && [...named.keys()].some((name) => name !== "indent" && name !== "ensure_ascii")) return undefined;
  const indentValue = isPython ? named.get("indent") : third;
  const indent = indentValue?.kind === "plain" && typeof indentValue.value === "number" ? indentValue.value : undefined;
  if ((isPython && second !== undefined) || (indentValue !== undefined && indent === undefined)) return undefined;
  const compact = JSON.stringify(json.value, null, indent);
  if (!isPython) return text(compact, first.source);
  const ascii = named.has("ensure_ascii")
    ? compact
    : compact.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return text(indent === undefined ? spaced(ascii) : ascii, first.source);
};

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
  "Object.assign": ({ values }) => mergeRecords(values),
};

function mergeRecords(values: readonly Value[]): Value | undefined {
  const records = values.filter((value) => value.kind === "record");
  if (records.length !== values.length) return undefined;
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
export function callKnownFunction(
  name: string,
  values: readonly Value[],
  named: ReadonlyMap<string, Value>,
  modules: Modules,
  place: Place,
): Value | undefined {
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  return known?.({ values, named, modules, place });
}
