import type { Node } from "web-tree-sitter";
import { serviceNamed } from "../vendors/services";
import type { Client } from "../vendors/client";
import { transparent } from "./apis";
import { pathWords } from "./words";
import type { Binding, Lookup } from "./binding";
import { addressOf, madeBy, readSettings } from "./clientArguments";
import { definitionOf } from "./definitions";
import type { PlacedEffect } from "./effects";
import type { Evaluator } from "./evaluate";
import type { Expression } from "./expression";
import type { FoundCall } from "./finder";
import { type Place, placeIn } from "./module";
import { classAround, functionAround } from "./names";
import { field } from "./syntax";
import { trackedReceiver } from "./tracker";

/** How many variables, functions and files are followed to where a client is made. */
const MOST_HOPS = 8;

/** More ways than these to make one client are not told apart. */
const MOST_CLIENTS = 8;

/** What may have made the client of a call; none where it isn't seen. Takes a budget of its own. */
export function clientsOf({ client }: FoundCall, evaluator: Evaluator): Client[] {
  evaluator.begin();
  const clients = new ClientReader(evaluator).of(client.node, client.place, 0);
  if (evaluator.budget.reasons.length === 0 && clients.length <= MOST_CLIENTS) return clients;
  return [{ made: null, address: { kind: "unknown", expression: "code too long to follow" }, key: null, around: null }];
}

class ClientReader {
  /** Functions that are being read: meeting one of them again, they call each other. */
  private readonly reading = new Set<number>();

  constructor(private readonly evaluator: Evaluator) {}

  of(node: Node, place: Place, hops: number): Client[] {
    if (hops > MOST_HOPS || !this.evaluator.budget.step()) return [];
    const { rules } = place;
    const tracked = trackedReceiver(node, rules);
    if (tracked !== null) return this.of(tracked, place, hops);
    const sides = rules.sides(node);
    if (sides.length > 0) return this.oneOf(sides.map((one) => this.of(one, place, hops + 1)));
    const expression = rules.lower(node);
    switch (expression.kind) {
      case "same":
        return this.of(expression.inner, place, hops);
      case "call":
        return this.made(expression, place, hops);
      case "name":
        return this.named(expression.name, node, place, hops);
      case "member":
        return this.member(expression, place, hops);
      case "index":
        return hinted(node.text.slice(0, 200));
      case "fallback": {
        // What callers give counts first; what is made where they give nothing tells what they may give.
        const [left, right] = [expression.left, expression.right].map((one) => this.of(one, place, hops + 1));
        return this.oneOf([left ?? [], right ?? []].filter((some) => some.length > 0));
      }
      default:
        return [];
    }
  }

  /** Several ways of which one is taken; a way that isn't seen counts as one of its own. */
  private oneOf(ways: readonly Client[][]): Client[] {
    if (ways.every((way) => way.length === 0)) return [];
    return ways.flatMap((way) => (way.length === 0 ? [madeBy(null)] : way));
  }

  private made(call: Extract<Expression, { kind: "call" }>, place: Place, hops: number): Client[] {
    const { evaluator } = this;
    const { rules } = place;
    const callee = rules.lower(call.callee);
    if (callee.kind === "member" && /^(with_options|withOptions|copy)$/.test(callee.name)) {
      const { address, key } = readSettings(call.arguments, place, evaluator);
      return this.of(callee.object, place, hops + 1).map((one) => ({
        ...one,
        address: address ?? one.address,
        key: key ?? one.key,
      }));
    }
    const name = evaluator.canonicalName(call.callee, place) ?? call.callee.text.slice(0, 200);
    const definition = definitionOf(call.callee, place, evaluator.variables, evaluator.modules);
    if (definition === undefined && (call.isNew || /(^|\.)[A-Z]\w*$/.test(name))) {
      // Where the function is known, what it makes of its arguments says more than where they stand.
      const isKnown = typeof place.module.pack.functions[name] === "object";
      const given = isKnown ? [{ name: null, spread: null, value: call.node }] : call.arguments;
      const { address, key } = readSettings(given, place, evaluator);
      const around = classAround(call.node, rules);
      return [
        {
          // Where a package is hosted says nothing of whose client it is.
          made: name.replace(/^(?:github|gitlab)\.com\//, ""),
          address: address ?? { kind: "none", isDefault: false },
          key,
          around: around === null ? null : (field(around, "name")?.text ?? null),
        },
      ];
    }
    const returned = definition === undefined ? this.returnedBy(call.callee, place, hops) : [];
    if (returned.length > 0) return returned;
    // `instructor.from_openai(client)`, `wrapOpenAI(new OpenAI())`
    for (const { value } of call.arguments) {
      const wrapped = this.of(value, place, hops + 1);
      if (wrapped.length > 0) return wrapped;
    }
    return hinted(name);
  }

  private named(name: string, node: Node, place: Place, hops: number): Client[] {
    const found = this.evaluator.lookUp(name, node, place);
    const clients =
      found.kind === "ambiguous" || (found.kind === "bound" && found.binding.isOneOfSeveral)
        ? this.assigned(this.assignments(name, node, place), hops)
        : this.bound(found, hops);
    const set = ["base_url", "baseURL", "api_base"].flatMap((property) => {
      const lookup = this.evaluator.lookUp(`${name}.${property}`, node, place);
      return lookup.kind === "bound" && lookup.binding.base.kind === "effect" ? [lookup.binding.base.effect] : [];
    });
    const [last] = set;
    if (last?.operation.kind !== "assign") return clients.length > 0 ? clients : hinted(name);
    const address = addressOf(last.operation.value, last.place, this.evaluator);
    return (clients.length > 0 ? clients : [madeBy(null)]).map((client) => ({ ...client, address }));
  }

  private bound(found: Lookup, hops: number): Client[] {
    if (found.kind !== "bound") return [];
    const { base } = found.binding;
    if (base.kind === "parameter") return this.parameter(base, hops);
    const { operation } = base.effect;
    if (operation.kind === "import") return this.imported(operation.module, operation.name, base.effect.place, hops);
    return this.assigned([base.effect], hops);
  }

  private parameter({ parameter, place }: Extract<Binding["base"], { kind: "parameter" }>, hops: number): Client[] {
    if (parameter.type !== null && serviceNamed(parameter.type) !== undefined) return [madeBy(parameter.type)];
    return parameter.fallback === null ? [] : this.of(parameter.fallback, place, hops + 1);
  }

  private assigned(effects: readonly PlacedEffect[], hops: number): Client[] {
    const ways = effects.flatMap(({ operation, place }) => {
      if (operation.kind === "import") return [this.imported(operation.module, operation.name, place, hops)];
      if (operation.kind !== "assign" || isNothing(operation.value, place)) return [];
      return [operation.path.length > 0 ? [] : this.of(operation.value, place, hops + 1)];
    });
    return this.oneOf(ways);
  }

  /** All that a name is set to, where it isn't clear which of them counts. */
  private assignments(name: string, node: Node, place: Place): readonly PlacedEffect[] {
    const { scopes } = this.evaluator.variables;
    const { rules } = place;
    for (let fn = functionAround(node, rules); fn !== null; fn = functionAround(fn, rules)) {
      const own = scopes.ofFunction(fn, place).effectsOn(name);
      if (own.some(({ operation }) => operation.kind === "assign")) return own;
    }
    return scopes.ofModule(place.module, place.section).effectsOn(name);
  }

  private imported(specifier: string, name: string | null, place: Place, hops: number): Client[] {
    const target = this.evaluator.modules.resolve(specifier, place.module, this.evaluator.budget);
    const section = target?.kind === "module" ? target.module.sections[0] : undefined;
    if (target?.kind !== "module" || section === undefined || name === null)
      return hinted(name === null ? specifier : `${specifier}.${name}`);
    const there = placeIn(target.module, section);
    const found = this.evaluator.variables.inModule(name, there);
    if (found.kind === "ambiguous")
      return this.assigned(this.evaluator.variables.scopes.ofModule(target.module, section).effectsOn(name), hops + 1);
    return hops > MOST_HOPS ? [] : this.bound(found, hops + 1);
  }

  private member(member: Extract<Expression, { kind: "member" }>, place: Place, hops: number): Client[] {
    const { evaluator } = this;
    const { node, object, name } = member;
    const { rules } = place;
    const root = rules.lower(object);
    if (pathWords(place.module.pack).includes(name) || /^chat$/i.test(name) || transparent.has(name))
      return this.of(object, place, hops);
    if (root.kind === "name" && rules.isSelf(root.name)) {
      const around = classAround(node, rules);
      const clients = around === null ? [] : this.field(name, node, around, place, hops);
      return clients.length > 0 ? clients : hinted(name);
    }
    if (root.kind === "name") {
      const found = evaluator.lookUp(root.name, object, place);
      const operation =
        found.kind === "bound" && found.binding.base.kind === "effect"
          ? found.binding.base.effect.operation
          : undefined;
      if (operation?.kind === "import") {
        const dotted = operation.name === null ? operation.module : `${operation.module}.${operation.name}`;
        const clients = this.imported(dotted, name, place, hops + 1);
        if (clients.length > 0) return clients;
      }
    }
    const definition = definitionOf(object, place, evaluator.variables, evaluator.modules);
    const clients = definition === undefined ? [] : this.field(name, null, definition.node, definition.place, hops + 1);
    return clients.length > 0 ? clients : hinted(node.text);
  }

  /** A field of a class, or what its getter returns. @param reader where the class's own method reads it */
  private field(name: string, reader: Node | null, around: Node, place: Place, hops: number): Client[] {
    const { variables } = this.evaluator;
    const { rules } = place;
    const found =
      reader === null
        ? variables.memberOfClass(name, around, place, true)
        : variables.memberOfSelf(reader.text, reader, place);
    const clients = found.kind === "bound" ? this.bound(found, hops) : [];
    if (clients.length > 0) return clients;
    this.noteClass(around, place);
    const methods = rules.methods(around);
    const set = methods.flatMap((method) =>
      ["self", "this", "cls"].flatMap((self) =>
        rules.isSelf(self) ? variables.scopes.ofFunction(method, place).effectsOn(`${self}.${name}`) : [],
      ),
    );
    const assigned = this.assigned(set, hops);
    if (assigned.length > 0) return assigned;
    const getter = methods.find((method) => field(method, "name")?.text === name);
    return getter === undefined ? this.inherited(name, around, place, hops) : this.returned(getter, place, hops);
  }

  private inherited(name: string, around: Node, place: Place, hops: number): Client[] {
    const { variables, modules } = this.evaluator;
    if (hops > MOST_HOPS) return [];
    for (const base of place.rules.bases(around)) {
      const definition = definitionOf(base, place, variables, modules);
      const clients =
        definition === undefined ? [] : this.field(name, null, definition.node, definition.place, hops + 1);
      if (clients.length > 0) return clients;
    }
    return [];
  }

  /** A class is read as a whole: a change of it may change the client. */
  private noteClass(node: Node, place: Place): void {
    const name = field(node, "name")?.text;
    if (name !== undefined) this.evaluator.variables.scopes.onRead?.(place.module, name);
  }

  /** The clients that a function of the workspace returns. */
  private returnedBy(callee: Node, place: Place, hops: number): Client[] {
    const { rules } = place;
    const expression = rules.lower(callee);
    if (expression.kind === "name") return this.definedAs(this.evaluator.lookUp(expression.name, callee, place), hops);
    const object = expression.kind === "member" ? rules.lower(expression.object) : undefined;
    if (expression.kind !== "member" || object?.kind !== "name" || !rules.isSelf(object.name)) return [];
    const around = classAround(callee, rules);
    const method =
      around === null ? undefined : rules.methods(around).find((one) => field(one, "name")?.text === expression.name);
    if (around === null || method === undefined) return [];
    this.noteClass(around, place);
    return this.returned(method, place, hops);
  }

  private definedAs(found: Lookup, hops: number): Client[] {
    if (found.kind !== "bound" || found.binding.base.kind !== "effect" || hops > MOST_HOPS) return [];
    const { operation, place } = found.binding.base.effect;
    if (operation.kind === "define") return this.returned(operation.definition, place, hops);
    if (operation.kind === "assign" && operation.path.length === 0) return this.returned(operation.value, place, hops);
    if (operation.kind !== "import" || operation.name === null) return [];
    const target = this.evaluator.modules.resolve(operation.module, place.module, this.evaluator.budget);
    const section = target?.kind === "module" ? target.module.sections[0] : undefined;
    if (target?.kind !== "module" || section === undefined) return [];
    return this.definedAs(this.evaluator.variables.inModule(operation.name, placeIn(target.module, section)), hops + 1);
  }

  private returned(fn: Node, place: Place, hops: number): Client[] {
    const { rules } = place;
    if (!rules.isFunction(fn) || this.reading.has(fn.id)) return [];
    this.reading.add(fn.id);
    const values = rules.returned(fn).filter((value) => !isNothing(value, place));
    const clients = this.oneOf(values.map((value) => this.of(value, place, hops + 1)));
    this.reading.delete(fn.id);
    return clients;
  }
}

function isNothing(node: Node, { rules }: Place): boolean {
  const expression = rules.lower(node);
  return expression.kind === "plain" && expression.value === null;
}

/** A client that isn't seen, whose name says whose it is: `groq_client`. */
const hinted = (name: string): Client[] => (serviceNamed(name) === undefined ? [] : [madeBy(name)]);
