import type { Node, Query } from "web-tree-sitter";
import { type Api, matchApi } from "./apis";
import { methodWords } from "./words";
import { MOST_HOPS, chainOf, unwrapped } from "./chains";
import type { Evaluator } from "./evaluate";
import type { Argument } from "./expression";
import type { LanguagePack, LanguageRules } from "../languages/pack";
import { type ParsedModule, type Place, type Section, placeIn, startOf } from "./module";
import { leavesOf } from "./names";
import { TooSlow } from "./syntax";
import { isOtherVendor, isOpenAiName } from "./vendors";

/** A call that spends tokens, before its request is read. */
export interface FoundCall {
  api: Api;
  /** Such as `chat.completions.create`. */
  name: string;
  /** The call expression. */
  node: Node;
  /** Where the method is named, if not in the call: `ask = partial(client.chat.completions.create, …)`. */
  held: Node | null;
  place: Place;
  /** What the method is taken from: the client, or a part of it such as `client.chat.completions`. */
  client: { node: Node; place: Place };
  /** The call's arguments, and those that a `functools.partial` brought before. */
  arguments: readonly { argument: Argument; place: Place }[];
}

/** How long finding a module's calls may take, in milliseconds; a person's code takes a hundredth of it. */
const MAX_FIND_TIME = 4_000;

/**
 * Finds the calls of a module, in the order in which they stand.
 * @throws TooSlow for code that was written to hold up whoever reads it.
 */
export function findCalls(module: ParsedModule, evaluator: Evaluator, maxTime = MAX_FIND_TIME): FoundCall[] {
  const deadline = performance.now() + maxTime;
  const calls = new Map<number, FoundCall>();
  for (const section of [...module.sections, ...module.salvaged]) {
    const place = placeIn(module, section);
    for (const call of findInSection(section, place, evaluator, deadline)) {
      const start = startOf(call.node, place);
      // The same call may be found twice where broken code was parsed in parts: the first one knows more.
      if (!calls.has(start)) calls.set(start, call);
    }
  }
  return [...calls.values()].sort((a, b) => startOf(a.node, a.place) - startOf(b.node, b.place));
}

function findInSection(section: Section, place: Place, evaluator: Evaluator, deadline: number): FoundCall[] {
  const { query } = place.module;
  const found: FoundCall[] = [];
  const aliases = new Set<string>();
  for (const node of methodsIn(section.root, place.module.pack, query)) {
    stopAfter(deadline);
    evaluator.begin(); // Finding each call has its own budget too.
    const call = callOf(node, place, evaluator);
    if (call !== undefined) found.push(call);
    else for (const name of place.rules.namesTaken(node)) aliases.add(name);
  }
  return aliases.size === 0 ? found : [...found, ...callsByAlias(section, place, aliases, evaluator, deadline)];
}

function stopAfter(deadline: number): void {
  if (performance.now() > deadline) throw new TooSlow("finding its calls", MAX_FIND_TIME);
}

/**
 * The query's methods. It is asked only of the nodes around a method's name: walking the whole tree at every
 * keystroke would take longer than all the rest.
 */
function* methodsIn(root: Node, pack: LanguagePack, query: Query): Generator<Node> {
  const seen = new Set<number>();
  for (const { index, 0: word } of root.text.matchAll(methodWords(pack))) {
    let around =
      root.descendantForIndex(root.startIndex + index, root.startIndex + index + word.length)?.parent ?? null;
    // A key in brackets is a string inside of its node.
    for (let step = 0; step < 2 && around !== null; step++, around = around.parent) {
      for (const { captures } of query.matches(around, { maxStartDepth: 0 })) {
        const method = captures.find((capture) => capture.name === "method" || capture.name === "destructured");
        if (method === undefined || seen.has(method.node.id)) continue;
        seen.add(method.node.id);
        yield method.node;
      }
    }
  }
}

/** The call of a method expression, where it is called and belongs to an API. */
function callOf(method: Node, place: Place, evaluator: Evaluator): FoundCall | undefined {
  const { rules } = place;
  const callee = outermost(method, rules);
  // Broken code may glue a call to what stands before it.
  if (callee.hasError) return undefined;
  const node = callee.parent;
  const expression = node === null ? undefined : rules.lower(node);
  if (expression?.kind !== "call" || expression.isNew || expression.callee.id !== callee.id) return undefined;
  const matched = matchMethod(method, place, evaluator);
  if (matched === undefined) return undefined;
  const given = expression.arguments.map((argument) => ({ argument, place }));
  return isOpenAi(matched, given, place, evaluator)
    ? {
        api: matched.api,
        name: matched.name,
        node: expression.node,
        held: null,
        place,
        client: { node: ownerOf(method, place), place },
        arguments: given,
      }
    : undefined;
}

/** What a method is taken from. */
function ownerOf(method: Node, place: Place): Node {
  const expression = place.rules.lower(method);
  return expression.kind === "member" || expression.kind === "index" ? expression.object : method;
}

interface MatchedMethod {
  api: Api;
  name: string;
  /** The names between the root and the API's path. */
  client: string[];
  root: Node;
}

function matchMethod(method: Node, place: Place, evaluator: Evaluator): MatchedMethod | undefined {
  const { apis } = place.module.pack;
  // A path that is written out needs no variables to be followed.
  const written = chainOf(method, place, evaluator, MOST_HOPS);
  const direct = written === undefined ? undefined : matchApi(written.names, apis);
  const isPlain = direct !== undefined && direct.api.tellingArguments.length === 0;
  const chain = isPlain ? written : chainOf(method, place, evaluator);
  const matched = isPlain ? direct : chain === undefined ? undefined : matchApi(chain.names, apis);
  if (chain === undefined || matched === undefined) return undefined;
  return { ...matched, root: chain.root };
}

/** A callee with what is around it and changes nothing: parentheses, non-null marks, casts. */
function outermost(node: Node, rules: LanguageRules): Node {
  let at = node;
  while (at.parent !== null && rules.isWrapper(at.parent)) at = at.parent;
  return at;
}

/**
 * Whether a call of a common path (`embeddings.create`) is OpenAI's: by its client where that is known, by its
 * name, or by the arguments that it gets.
 */
function isOpenAi(matched: MatchedMethod, given: FoundCall["arguments"], place: Place, evaluator: Evaluator): boolean {
  const { importedFrom } = matched.api;
  if (importedFrom !== undefined)
    return (
      place.module.sections.some(({ root }) => root.text.includes(`"${importedFrom}`)) &&
      !isOtherVendor(matched.client.join("."))
    );
  if (matched.api.tellingArguments.length === 0) return true;
  const constructor = constructorOf(matched.root, place, evaluator);
  if (constructor !== undefined) return isOpenAiName(constructor);
  const names = matched.client.join(".") || matched.root.text.slice(0, 200);
  if (isOtherVendor(names)) return false;
  if (isOpenAiName(names)) return true;
  const keys = argumentNames(given, evaluator);
  return keys.includes("model") && matched.api.tellingArguments.some((name) => keys.includes(name));
}

/** The full name of what made a client: `openai.OpenAI`, or the type that a parameter is said to have. */
function constructorOf(root: Node, place: Place, evaluator: Evaluator, hops = 0): string | undefined {
  if (hops > MOST_HOPS) return undefined;
  const { rules } = place;
  const expression = rules.lower(root);
  if (expression.kind === "call") return evaluator.canonicalName(expression.callee, place);
  const found =
    expression.kind === "name"
      ? evaluator.lookUp(expression.name, root, place)
      : expression.kind === "member"
        ? evaluator.memberOfSelf(root.text, root, place)
        : undefined;
  if (found?.kind !== "bound") return undefined;
  const { base } = found.binding;
  if (base.kind === "parameter") return base.parameter.type ?? undefined;
  const { operation, place: from } = base.effect;
  if (operation.kind === "import") return `${operation.module}.${operation.name ?? ""}`;
  if (operation.kind !== "assign") return undefined;
  const value = unwrapped(operation.value, from);
  const made = from.rules.lower(value);
  if (made.kind === "call") return evaluator.canonicalName(made.callee, from) ?? made.callee.text;
  return made.kind === "name" && value.id !== root.id ? constructorOf(value, from, evaluator, hops + 1) : undefined;
}

function argumentNames(given: FoundCall["arguments"], evaluator: Evaluator): string[] {
  return given.flatMap(({ argument, place }): string[] => {
    if (argument.name !== null) return [argument.name];
    const written = evaluator.evaluate(argument.value, place);
    const value = place.module.pack.bodyOf?.(written) ?? written;
    return value.kind === "record" ? [...value.entries.keys()] : [];
  });
}

/** Calls of names that hold a method: `create = client.chat.completions.create`, or a `functools.partial` of it. */
function callsByAlias(
  section: Section,
  place: Place,
  aliases: ReadonlySet<string>,
  evaluator: Evaluator,
  deadline: number,
): FoundCall[] {
  const { rules } = place;
  const found: FoundCall[] = [];
  for (const name of aliases) {
    stopAfter(deadline);
    evaluator.begin();
    for (const node of namedCalls(section.root, name, rules)) {
      const expression = rules.lower(node);
      if (expression.kind !== "call") continue;
      const target = rules.lower(expression.callee);
      const binding =
        target.kind === "name"
          ? evaluator.lookUp(target.name, expression.callee, place)
          : evaluator.memberOfSelf(expression.callee.text, node, place);
      const method = heldMethod(binding, evaluator);
      if (method === undefined) continue;
      const given = [...method.bound, ...expression.arguments.map((argument) => ({ argument, place }))];
      if (isOpenAi(method.matched, given, method.place, evaluator))
        found.push({
          api: method.matched.api,
          name: method.matched.name,
          node,
          held: method.node,
          place,
          client: { node: method.owner, place: method.place },
          arguments: given,
        });
    }
  }
  return found;
}

/** Call expressions whose callee reads as `name`. */
function namedCalls(root: Node, name: string, rules: LanguageRules): Node[] {
  return leavesOf(root, name).flatMap((leaf) => {
    const expression = leaf.parent === null ? undefined : rules.lower(leaf.parent);
    return expression?.kind === "call" && !expression.isNew && expression.callee.id === leaf.id
      ? [expression.node]
      : [];
  });
}

interface HeldMethod {
  matched: MatchedMethod;
  /** The expression that names the method; null where a pattern takes it. */
  node: Node | null;
  /** What the method is taken from. */
  owner: Node;
  place: Place;
  bound: FoundCall["arguments"];
}

function heldMethod(binding: ReturnType<Evaluator["lookUp"]>, evaluator: Evaluator): HeldMethod | undefined {
  if (binding.kind !== "bound" || binding.binding.base.kind !== "effect") return undefined;
  const { operation, place } = binding.binding.base.effect;
  if (operation.kind !== "assign") return undefined;
  const { rules } = place;
  const value = unwrapped(operation.value, place);
  const expression = rules.lower(value);
  if (operation.path.length > 0) {
    const chain = chainOf(value, place, evaluator);
    const matched =
      chain === undefined
        ? undefined
        : matchApi([...chain.names, ...operation.path.map(String)], place.module.pack.apis);
    return chain === undefined || matched === undefined
      ? undefined
      : {
          matched: { ...matched, root: chain.root },
          node: null,
          owner: value,
          place,
          bound: [],
        };
  }
  if (expression.kind === "member" || expression.kind === "index") {
    const matched = matchMethod(value, place, evaluator);
    return matched === undefined ? undefined : { matched, node: value, owner: ownerOf(value, place), place, bound: [] };
  }
  if (expression.kind !== "call") return undefined;
  // functools.partial(method, …), or method.bind(…)
  const callee = rules.lower(expression.callee);
  const isPartial = evaluator.canonicalName(expression.callee, place) === "functools.partial";
  const [first, ...rest] = expression.arguments;
  const method = isPartial
    ? first?.value
    : callee.kind === "member" && callee.name === "bind"
      ? callee.object
      : undefined;
  const matched = method === undefined ? undefined : matchMethod(method, place, evaluator);
  return matched === undefined || method === undefined
    ? undefined
    : {
        matched,
        node: method,
        owner: ownerOf(method, place),
        place,
        bound: rest.map((argument) => ({ argument, place })),
      };
}
