import path from "node:path";
import type { Modules } from "./modules";
import type { Place } from "./module";
import { repeatText } from "./textOperations";
import { type Hole, type Value, asText, furthest, hole, joinParts, knownText, mapText, text } from "./value";

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
const strip =
  (start: boolean, end: boolean): Method =>
  (parts, first) => {
    const characters = first === undefined ? undefined : knownText(first);
    if (first !== undefined && characters === undefined) return undefined;
    const set = characters === undefined ? "\\s" : characters.replace(/[\\\]^-]/g, "\\$&");
    return mapText(parts, (known) => {
      const stripped = start ? known.replace(new RegExp(`^[${set}]+`, "u"), "") : known;
      return end ? stripped.replace(new RegExp(`[${set}]+$`, "u"), "") : stripped;
    });
  };

/** Methods of text that give text, of both languages. */
const textMethods: Record<string, Method> = {
  strip: strip(true, true),
  lstrip: strip(true, false),
  rstrip: strip(false, true),
  trim: strip(true, true),
  trimStart: strip(true, false),
  trimEnd: strip(false, true),
  trimLeft: strip(true, false),
  trimRight: strip(false, true),
  upper: whole((known) => known.toUpperCase()),
  lower: whole((known) => known.toLowerCase()),
  toUpperCase: whole((known) => known.toUpperCase()),
  toLowerCase: whole((known) => known.toLowerCase()),
};

/** Calls a method whose result can be told. */
export function callMethod(
  object: Value,
  name: string,
  values: readonly Value[],
  named: ReadonlyMap<string, Value>,
  texts: readonly string[],
  modules: Modules,
  place: Place,
): Value | undefined {
  const [first, second] = values;
  if (name === "toString" && object.kind === "text") return object;
  if (object.kind === "path") return pathMethod(object, name, first, modules, place);
  if (object.kind === "file")
    return name === "read" && first === undefined ? modules.readText(object.path, place.module) : undefined;
  if (object.kind === "list" && name === "join") return joinList(object.items, first ?? text(","), texts);
  if (object.kind === "list" && name === "concat") {
    const items = values.flatMap((value) => (value.kind === "list" ? value.items : [value]));
    return { ...object, items: [...object.items, ...items] };
  }
  if (object.kind === "record" && name === "get") {
    const key = knownText(first);
    return key === undefined ? undefined : (object.entries.get(key) ?? (object.rest.length === 0 ? second : undefined));
  }
  if (object.kind === "record" && name === "copy" && first === undefined) return object;
  if (object.kind !== "text") return undefined;
  if (name === "join") return first?.kind === "list" ? joinList(first.items, object, texts) : undefined;
  if (name === "format") return format(object, values, named, texts);
  if (name === "concat")
    return {
      ...object,
      parts: joinParts([...object.parts, ...values.flatMap((value, index) => asText(value, texts[index] ?? ""))]),
    };
  if (name === "repeat")
    return first?.kind === "plain" && typeof first.value === "number" ? repeatText(object, first.value) : undefined;
  if (name === "replace" || name === "replaceAll") return replace(object, name, first, second, place);
  const method = Object.hasOwn(textMethods, name) ? textMethods[name] : undefined;
  const parts = method?.(object.parts, first);
  return parts === undefined ? undefined : { ...object, parts };
}

function pathMethod(
  object: Value & { kind: "path" },
  name: string,
  first: Value | undefined,
  modules: Modules,
  place: Place,
): Value | undefined {
  const step = knownText(first);
  switch (name) {
    case "read_text":
      return modules.readText(object.path, place.module);
    case "open":
      return { kind: "file", path: object.path, source: object.source };
    case "joinpath":
      return step === undefined ? undefined : { ...object, path: `${object.path}/${step}` };
    case "with_name":
      return step === undefined ? undefined : { ...object, path: path.join(object.path, "..", step) };
    case "resolve":
    case "absolute":
    case "expanduser":
    case "toString":
      return object;
    default:
      return undefined;
  }
}

function joinList(items: readonly Value[], separator: Value, texts: readonly string[]): Value | undefined {
  const between = asText(separator, texts[0] ?? "");
  const parts = items.flatMap((item, index) => [...(index > 0 ? between : []), ...asText(item, texts[0] ?? "")]);
  const source = items.reduce<Value["source"]>(
    (far, item) => (item.kind === "unknown" ? far : furthest(far, item.source)),
    separator.source,
  );
  return { kind: "text", parts: joinParts(parts), source };
}

/** Python's `str.format` with plain fields: `{}`, `{0}`, `{name}`. */
function format(
  object: Value & { kind: "text" },
  values: readonly Value[],
  named: ReadonlyMap<string, Value>,
  texts: readonly string[],
): Value {
  let next = 0;
  const fill = (fieldText: string): readonly (string | Hole)[] => {
    const name = /^\{([^}:!]*)\}$/.exec(fieldText)?.[1];
    if (name === undefined) return [hole(fieldText.slice(1, -1).replace(/[:!].*$/s, ""))];
    const index = name === "" ? next++ : Number(name);
    const value = /^\d*$/.test(name) ? values[index] : named.get(name);
    return value === undefined ? [hole(name)] : asText(value, (/^\d*$/.test(name) ? texts[index] : name) ?? name);
  };
  const parts = object.parts.flatMap((part): readonly (string | Hole)[] => {
    if (typeof part !== "string") return [part];
    return part
      .split(/(\{\{|\}\}|\{[^{}]*\})/)
      .flatMap((piece) =>
        piece === "{{" ? ["{"] : piece === "}}" ? ["}"] : /^\{[^{}]*\}$/.test(piece) ? fill(piece) : [piece],
      );
  });
  const used = [...values, ...named.values()].filter((value) => value.kind !== "unknown");
  return {
    kind: "text",
    parts: joinParts(parts),
    source: used.reduce((far, value) => furthest(far, value.source), object.source),
  };
}

/** Replaces a known text by another; JavaScript's `replace` does it once. A template's field may become a hole. */
function replace(
  object: Value & { kind: "text" },
  name: string,
  from: Value | undefined,
  to: Value | undefined,
  place: Place,
): Value | undefined {
  const wanted = knownText(from);
  if (wanted === undefined || wanted === "" || to === undefined) return undefined;
  const once = name === "replace" && place.module.language.language.id !== "python";
  const replacement = asText(to, "replacement");
  let done = false;
  const parts = object.parts.flatMap((part): readonly (string | Hole)[] => {
    if (typeof part !== "string") return [part];
    return part.split(wanted).flatMap((piece, index): readonly (string | Hole)[] => {
      if (index === 0) return [piece];
      if (once && done) return [wanted, piece];
      done = true;
      return [...replacement, piece];
    });
  });
  return { ...object, parts: joinParts(parts) };
}
