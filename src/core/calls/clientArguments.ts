import type { Address, Client } from "../vendors/client";
import { HOLE } from "../vendors/address";
import type { Evaluator } from "./evaluate";
import type { Argument } from "./expression";
import type { Place } from "./module";
import { type Value, knownText } from "./value";

const ADDRESSES = ["base_url", "baseURL", "azure_endpoint", "endpoint", "api_base", "basePath", "host", "BaseURL"];
const KEYS = ["api_key", "apiKey"];

/** An argument of a client's making. */
interface Given {
  node: Argument["value"];
  place: Place;
}

/** What a client is given: by keyword, in an object, or in spread ones; `rest` where not all of it is known. */
interface Settings {
  entries: Map<string, Value>;
  given: Map<string, Given>;
  rest: string | null;
}

/** What the arguments of a client's making say of it; null of what they don't. */
export function readSettings(
  given: readonly Argument[],
  place: Place,
  evaluator: Evaluator,
): { address: Address | null; key: string | null } {
  const settings = settingsOf(given, place, evaluator);
  const name = ADDRESSES.find((one) => settings.entries.has(one));
  const value = name === undefined ? undefined : settings.entries.get(name);
  const address =
    name === undefined || value === undefined
      ? settings.rest === null
        ? null
        : ({ kind: "unknown", expression: settings.rest } as const)
      : addressOfValue(value, settings.given.get(name), evaluator);
  const keys = KEYS.flatMap((one) => {
    const found = settings.entries.get(one);
    return found === undefined ? [] : [settings.given.get(one)?.node.text ?? "", expressionOf(found)];
  });
  return { address, key: keys.length === 0 ? null : keys.join(" ") };
}

function settingsOf(given: readonly Argument[], place: Place, evaluator: Evaluator): Settings {
  const { rules } = place;
  const settings: Settings = { entries: new Map(), given: new Map(), rest: null };
  const take = (value: Value, expression: string): void => {
    if (value.kind === "plain" && value.value === null) return;
    if (value.kind !== "record") settings.rest = expression;
    else {
      for (const [key, inner] of value.entries) settings.entries.set(key, inner);
      for (const { expression: hole } of value.rest) settings.rest = hole;
    }
  };
  for (const { name, spread, value: node } of given) {
    const value = evaluator.evaluate(node, place);
    if (name !== null) {
      settings.entries.set(name, value);
      settings.given.set(name, { node, place });
    } else if (spread === "list" && place.module.pack.request !== "keywords") {
      for (const item of value.kind === "list" ? value.items : [value]) take(item, node.text);
    } else if (spread === "record" || (spread === null && place.module.pack.request !== "keywords")) {
      take(value, node.text);
      const written = rules.lower(node);
      if (written.kind !== "record") continue;
      for (const entry of written.entries)
        if (typeof entry.key === "string") settings.given.set(entry.key, { node: entry.value, place });
    }
  }
  return settings;
}

/** An address as an expression gives it. */
export function addressOf(node: Argument["value"], place: Place, evaluator: Evaluator): Address {
  return addressOfValue(evaluator.evaluate(node, place), { node, place }, evaluator);
}

function addressOfValue(value: Value, given: Given | undefined, evaluator: Evaluator): Address {
  const isDefault = value.source === "default";
  const expression = [...new Set([given?.node.text ?? "", expressionOf(value)])].filter(Boolean).join(" ");
  const shown = expressionOf(value) || expression;
  if (value.kind === "plain" && value.value === null) return { kind: "none", isDefault };
  if (value.kind === "text") {
    const url = value.parts.map((part) => (typeof part === "string" ? part : HOLE)).join("");
    return url === "" ? { kind: "none", isDefault } : { kind: "known", url, expression, isDefault };
  }
  if (value.kind !== "unknown") return { kind: "unknown", expression: shown };
  if (value.otherwise !== null) {
    const otherwise = addressOfValue(value.otherwise, given, evaluator);
    if (otherwise.kind !== "unknown") return { ...otherwise, isDefault: true };
  }
  const isAbsent = readsOwnEnvironment(expression) || (given !== undefined && isNoneByDefault(given, evaluator));
  return isAbsent ? { kind: "none", isDefault: true } : { kind: "unknown", expression: shown };
}

/** OpenAI's packages read that variable themselves, and none is needed: it is as if nothing was given. */
const readsOwnEnvironment = (expression: string): boolean =>
  /(?:getenv|environ\.get)\(\s*["']OPENAI_(?:BASE_URL|API_BASE)["']|\benv\.OPENAI_(?:BASE_URL|API_BASE)\b/.test(
    expression,
  );

/** Longer ways of a value lead nowhere. */
const MOST_HOPS = 4;

/** Whether a value is a parameter whose default is None, or was set to one: who gives nothing means OpenAI. */
function isNoneByDefault({ node, place }: Given, evaluator: Evaluator, hops = 0): boolean {
  if (hops > MOST_HOPS) return false;
  const expression = place.rules.lower(node);
  const found =
    expression.kind === "name"
      ? evaluator.lookUp(expression.name, node, place)
      : expression.kind === "member"
        ? evaluator.memberOfSelf(node.text, node, place)
        : undefined;
  if (found?.kind !== "bound") return false;
  const { base } = found.binding;
  if (base.kind === "effect")
    return (
      base.effect.operation.kind === "assign" &&
      base.effect.operation.path.length === 0 &&
      isNoneByDefault({ node: base.effect.operation.value, place: base.effect.place }, evaluator, hops + 1)
    );
  const { fallback, node: parameter } = base.parameter;
  if (fallback === null) return /^[\w$]+\?\s*:/.test(parameter.text.replace(/^(?:\w+\s+)*(?=[\w$]+\?)/, ""));
  const value = evaluator.evaluate(fallback, base.place);
  return value.kind === "plain" && value.value === null;
}

/** What a value is waited for from; the text of a known one, as the name of a variable may be. */
function expressionOf(value: Value): string {
  if (value.kind === "unknown") return value.hole.expression;
  if (value.kind === "text")
    return value.parts
      .map((part) => (typeof part === "string" ? "" : part.expression))
      .join(" ")
      .trim();
  return knownText(value) ?? "";
}

/** A client of which only what makes it is known. */
export const madeBy = (made: string | null): Client => ({
  made,
  address: { kind: "none", isDefault: false },
  key: null,
  around: null,
});
