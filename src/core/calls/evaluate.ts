import type { Node } from "web-tree-sitter";
import { Budget } from "./budget";
import { canonicalName } from "./canonicalName";
import { elementOf, fallback, merged, repeat, spreadEntries, spreadItems, unsetList } from "./combine";
import { givenByName, withHole } from "./givenByName";
import { callKnownFunction } from "./knownFunctions";
import { callMethod, readMember } from "./knownMembers";
import { pathValue } from "./paths";
import { givenToField } from "./construction";
import { definitionOf } from "./definitions";
import type { Element, Expression } from "./expression";
import { FollowedStatements } from "./followed";
import { percentFormat } from "./formats";
import { harmed } from "./harm";
import type { Modules } from "./modules";
import { type Place, placeIn } from "./module";
import type { Lookup } from "./binding";
import { Variables } from "./variables";
import type { PlacedEffect } from "./effects";
import { Scopes } from "./scope";
import type { Operation } from "../languages/pack";
import type { Key } from "../languages/use";
import {
  type Hole,
  type Value,
  asText,
  furthest,
  hole,
  isEmpty,
  joinParts,
  lengthOf,
  knownText,
  madeOf,
  plain,
  sizeOf,
  unknown,
  withSource,
} from "./value";

/** `Model.MINI.value.value…`: longer ways through an enum's members lead nowhere. */
const MAX_VALUE_STEPS = 4;

/**
 * Works out what expressions stand for without running the program: literals, constants, formatted and joined
 * text, lists and records as they are built up. What can't be known stays a hole.
 */
export class Evaluator {
  readonly budget = new Budget();
  readonly variables: Variables;
  /** Names of other files that are being looked up: meeting one of them again, imports run in a circle. */
  private readonly importing = new Set<string>();

  /** @param followed what is remembered of the modules' functions; one for all evaluators that meet the same text */
  constructor(
    readonly modules: Modules,
    followed = new FollowedStatements(),
  ) {
    this.variables = new Variables(new Scopes(this.budget, followed), this.budget);
  }

  /** Begins with a call: each has its own budget. What exceeds it becomes a hole. */
  begin(): void {
    this.budget.begin();
  }

  evaluate(node: Node, place: Place): Value {
    return this.budget.within(() => this.value(this.lowered(node, place), place)) ?? unknown(node.text);
  }

  /** A node's expression without what wraps it: thousands of parentheses nest no deeper than one. */
  private lowered(node: Node, place: Place): Expression {
    const { rules } = place;
    let expression = rules.lower(node);
    while (expression.kind === "same" && this.budget.step()) expression = rules.lower(expression.inner);
    return expression;
  }

  /** A text whose parts are known to fit; a hole where they would exceed the budget. */
  private madeText(pieces: readonly (string | Hole)[], source: Value["source"], node: Node): Value {
    return this.budget.make(lengthOf(pieces)) ? { kind: "text", parts: joinParts(pieces), source } : unknown(node.text);
  }

  private listOf(elements: readonly Element[], node: Node, place: Place): Value {
    if (!this.budget.isWithinSteps(elements.length)) return unknown(node.text);
    const items: Value[] = [];
    for (const { spread, value } of elements) {
      const item = this.evaluate(value, place);
      const added = spread ? spreadItems(item, value) : [item];
      if (!this.budget.make(added.length)) return unknown(node.text);
      for (const one of added) items.push(one);
    }
    return { kind: "list", items, source: "literal" };
  }

  private value(expression: Expression, place: Place): Value {
    const { node } = expression;
    const at = (inner: Node): Value => this.evaluate(inner, place);
    switch (expression.kind) {
      case "text":
        return this.textOf(expression.parts, node, place);
      case "plain":
        return plain(expression.value);
      case "same": // Only where the steps are used up.
        return unknown(node.text);
      case "name":
        return this.name(expression.name, node, place);
      case "member":
        return this.member(expression.object, expression.name, node, place);
      case "index":
        return this.index(at(expression.object), at(expression.index), node);
      case "call":
        return this.call(expression, place);
      case "tagged": {
        const canonical = this.canonicalName(expression.tag, place);
        return (
          callKnownFunction(canonical ?? "", {
            values: [at(expression.text)],
            named: new Map(),
            texts: [expression.text.text],
            modules: this.modules,
            place,
            budget: this.budget,
          }) ?? unknown(node.text)
        );
      }
      case "list":
        return this.listOf(expression.items, node, place);
      case "record":
        return this.record(expression.entries, node, place, expression.isStruct);
      case "sum":
        return this.sum(expression.operands, node, place);
      case "percent": {
        const [left, right] = [at(expression.left), at(expression.right)];
        const formatted = left.kind === "text" ? percentFormat(left, right, node.text, this.budget) : undefined;
        return formatted === undefined ? unknown(node.text) : madeOf(formatted, [right]);
      }
      case "repeat":
        return repeat(at(expression.left), at(expression.right), node, this.budget);
      case "join-path": {
        const left = at(expression.left);
        const right = knownText(at(expression.right));
        return (
          (left.kind === "path" && right !== undefined ? pathValue(`${left.path}/${right}`, left.source) : undefined) ??
          unknown(node.text)
        );
      }
      case "fallback":
        return fallback(at(expression.left), at(expression.right), node, {
          isNullish: expression.isNullish,
          emptyIsFalse: place.module.pack.emptyIsFalse,
        });
      case "opaque":
        return unknown(node.text);
    }
  }

  private textOf(parts: Extract<Expression, { kind: "text" }>["parts"], node: Node, place: Place): Value {
    if (!this.budget.isWithinSteps(parts.length)) return unknown(node.text);
    let source: Value["source"] = "literal";
    const pieces = parts.flatMap((part): readonly (string | Hole)[] => {
      if (typeof part === "string") return [part];
      const value = this.evaluate(part.value, place);
      source = furthest(source, value.kind === "unknown" ? "literal" : value.source);
      // A format (`:.2f`, `!r`) changes how the value reads.
      return part.format === null ? asText(value, part.value.text) : [hole(part.value.text)];
    });
    return this.madeText(pieces, source, node);
  }

  private name(name: string, node: Node, place: Place): Value {
    const found = this.variables.lookUp(name, node, place);
    if (found.kind === "unbound" && name === "undefined") return plain(null);
    if (found.kind === "unbound" && (name === "__file__" || name === "__filename") && place.module.file !== null)
      return { kind: "path", path: place.module.file, source: "literal" };
    if (found.kind === "unbound" && name === "__dirname" && place.module.file !== null)
      return { kind: "path", path: `${place.module.file}/..`, source: "literal" };
    const value = this.bound(found, node, place);
    if (value !== undefined) return value;
    const isParameter = found.kind === "bound" && found.binding.base.kind === "parameter";
    const missing = unknown(node.text);
    return isParameter && missing.kind === "unknown" ? { ...missing, hole: { ...missing.hole, isParameter } } : missing;
  }

  /** What a binding's value is after all its changes; undefined where nothing is known. */
  private bound(found: Lookup, reader: Node, place: Place): Value | undefined {
    if (found.kind !== "bound" || found.binding.isOneOfSeveral) return undefined;
    const { base, changes, isDefault } = found.binding;
    let value: Value;
    if (base.kind === "parameter") {
      const { parameter } = base;
      if (parameter.fallback === null) return undefined;
      value = withSource(this.evaluate(parameter.fallback, base.place), "default");
      // None, or an empty list, stands for "the caller gives it".
      if (isEmpty(value)) return undefined;
    } else {
      const { operation, place: from } = base.effect;
      const required = operation.kind === "assign" ? from.rules.requiredModule(operation.value) : undefined;
      if (operation.kind === "assign" && required !== undefined) {
        const imported =
          operation.path[0] === undefined ? undefined : this.importedValue(required, String(operation.path[0]), from);
        if (imported === undefined) return undefined;
        value = withSource(imported, "constant");
      } else if (operation.kind === "assign") {
        const source = from.rules.isDefault(base.effect.node) ? "default" : "constant";
        value = withSource(this.assigned(operation.value, operation.path, operation.fallback, from), source);
      } else if (operation.kind === "import") {
        const imported =
          operation.name === null ? undefined : this.importedValue(operation.module, operation.name, from);
        if (imported === undefined) return undefined;
        value = withSource(imported, "constant");
      } else {
        return undefined;
      }
    }
    if (isDefault) {
      value = withSource(value, "default");
      if (isEmpty(value)) return undefined;
    }
    if (!this.budget.isWithinSteps(changes.length)) return undefined;
    for (const { effect, certain } of changes)
      value = this.changedWithin(value, effect, effect.within, certain, reader);
    return value.kind === "unknown" &&
      value.hole.expression !== reader.text &&
      !value.isEnvironment &&
      value.otherwise === null
      ? withHole(value, reader, place)
      : value;
  }

  private assigned(value: Node, path: readonly (string | number)[], fallbackNode: Node | null, place: Place): Value {
    // A destructured parameter: its pattern stands for an argument that nobody knows.
    let result: Value = place.rules.isPattern(value) ? unknown(value.text) : this.evaluate(value, place);
    for (const step of path) {
      const element = elementOf(result, step);
      result = element === undefined ? unknown(String(step)) : withSource(element, result.source);
    }
    const isMissing = result.kind === "unknown" || (result.kind === "plain" && result.value === null);
    return isMissing && fallbackNode !== null ? withSource(this.evaluate(fallbackNode, place), "default") : result;
  }

  /** What another file's name stands for; undefined where imports lead back to where they came from. */
  private importedValue(specifier: string, name: string, place: Place): Value | undefined {
    const key = `${place.module.file ?? ""}\n${specifier}\n${name}`;
    if (this.importing.has(key)) return undefined;
    this.importing.add(key);
    try {
      return this.budget.within(() => this.valueInFile(specifier, name, place));
    } finally {
      this.importing.delete(key);
    }
  }

  private valueInFile(specifier: string, name: string, place: Place): Value | undefined {
    const target = this.modules.resolve(specifier, place.module, this.budget);
    if (target === undefined) return undefined;
    if (target.kind === "data") return name === "default" ? target.value : elementOf(target.value, name);
    const section = target.module.sections[0];
    if (section === undefined) return undefined;
    const there = placeIn(target.module, section);
    const found = this.variables.inModule(name, there);
    if (found.kind === "bound") return this.bound(found, section.root, there);
    // `from package import module`, or names passed on by `export * from` and `from x import *`.
    const submodule = this.modules.resolve(`${specifier.replace(/\.$/, "")}.${name}`, place.module, this.budget);
    if (submodule !== undefined) return undefined;
    return this.passedOn(name, there) ?? this.exportedByAssignment(name, there);
  }

  private passedOn(name: string, place: Place): Value | undefined {
    for (const effect of this.variables.scopes.ofModule(place.module, place.section).effectsOn("*")) {
      const { operation } = effect;
      if (operation.kind !== "import") continue;
      const value = this.importedValue(operation.module, name, effect.place);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** CommonJS: `exports.NAME = …`, `module.exports = { NAME }`. */
  private exportedByAssignment(name: string, place: Place): Value | undefined {
    const single = this.bound(this.variables.inModule(`exports.${name}`, place), place.section.root, place);
    if (single !== undefined) return single;
    const all = this.bound(this.variables.inModule("module.exports", place), place.section.root, place);
    return all === undefined ? undefined : name === "default" ? all : elementOf(all, name);
  }

  private changedWithin(
    value: Value,
    effect: PlacedEffect,
    within: readonly Key[],
    certain: boolean,
    reader: Node,
  ): Value {
    if (effect.operation.kind === "escape") {
      const escaped = this.budget.scan(sizeOf(value))
        ? harmed(value, within, effect.operation.how, reader.text)
        : undefined;
      return escaped ?? unknown(reader.text);
    }
    const [key, ...deeper] = within;
    if (key === undefined) return this.changed(value, effect.operation, effect.place, certain, reader);
    const inner = key === null ? undefined : (elementOf(value, key) ?? unsetList(value, effect.operation));
    if (inner === undefined || !this.budget.scan(sizeOf(value))) return unknown(reader.text);
    const changed = this.changedWithin(inner, effect, deeper, certain, reader);
    if (value.kind === "record") return { ...value, entries: new Map(value.entries).set(String(key), changed) };
    return value.kind === "list" && typeof key === "number"
      ? { ...value, items: value.items.with(key, changed) }
      : unknown(reader.text);
  }

  private changed(value: Value, operation: Operation, place: Place, certain: boolean, reader: Node): Value {
    if (!("value" in operation)) return unknown(reader.text);
    const change = certain ? this.evaluate(operation.value, place) : unknown(operation.value.text, true);
    const source = furthest(value.source, change.source);
    if (!this.budget.scan(sizeOf(value))) return unknown(reader.text);
    if (value.kind === "list") {
      if (operation.kind === "append") return { ...value, source, items: [...value.items, change] };
      if (operation.kind === "prepend") return { ...value, source, items: [change, ...value.items] };
      if (operation.kind === "extend" || operation.kind === "add") {
        const added = spreadItems(change, operation.value);
        return this.budget.make(added.length)
          ? { ...value, source, items: [...value.items, ...added] }
          : unknown(reader.text);
      }
    }
    if (value.kind === "text" && operation.kind === "add") {
      const added = asText(change, operation.value.text);
      return this.budget.make(lengthOf(added)) && this.budget.scan(value.parts.length)
        ? { ...value, source, parts: joinParts([...value.parts, ...added]) }
        : unknown(reader.text);
    }
    if (value.kind === "record") {
      if (operation.kind === "merge") return merged(value, change, operation.value);
      const key =
        operation.kind === "set"
          ? typeof operation.key === "string"
            ? operation.key
            : knownText(this.evaluate(operation.key, place))
          : undefined;
      if (key !== undefined)
        return {
          ...value,
          source,
          entries: new Map(value.entries).set(key, certain ? change : unknown(operation.value.text)),
        };
      return { ...value, rest: [...value.rest, hole(operation.value.text)] };
    }
    return unknown(reader.text);
  }

  private member(object: Node, name: string, node: Node, place: Place): Value {
    const { rules } = place;
    const root = rules.lower(object);
    if (root.kind === "name" && rules.isSelf(root.name)) {
      const found = this.variables.memberOfSelf(node.text, node, place);
      return this.bound(found, node, place) ?? unknown(node.text);
    }
    if (root.kind === "name") {
      // `config.model = …` in the same function, then a class's or an imported module's member.
      const written = this.variables.lookUp(node.text, node, place);
      const assigned = this.bound(written, node, place);
      if (assigned !== undefined) return assigned;
      const imported = this.memberOfImport(root.name, name, object, place);
      // `prompts.SYSTEM = …` in a function, whenever that runs.
      if (imported !== undefined) return written.kind === "ambiguous" ? unknown(node.text) : imported;
    } else if (root.kind === "member") {
      // `import app.prompts`, then `app.prompts.SYSTEM`.
      const module = this.canonicalName(object, place);
      const imported = module === undefined ? undefined : this.importedValue(module, name, place);
      if (imported !== undefined) return withSource(imported, "constant");
    }
    const given = givenByName(this.canonicalName(node, place), node, place);
    if (given !== undefined) return given;
    const member = this.memberOfDefinition(object, name, place);
    if (member !== undefined) return member;
    const value = this.evaluate(object, place);
    const element = elementOf(value, name);
    return readMember(value, name) ?? (element === undefined ? unknown(node.text) : withSource(element, value.source));
  }

  private memberOfImport(root: string, name: string, node: Node, place: Place): Value | undefined {
    const found = this.variables.lookUp(root, node, place);
    if (
      found.kind !== "bound" ||
      found.binding.base.kind !== "effect" ||
      found.binding.base.effect.operation.kind !== "import"
    )
      return undefined;
    const { module, name: imported } = found.binding.base.effect.operation;
    const from = found.binding.base.effect.place;

    const specifiers =
      imported === null || imported === "default"
        ? [module]
        : [`${module.endsWith(".") ? module : `${module}.`}${imported}`];
    for (const specifier of specifiers) {
      const value = this.importedValue(specifier, name, from);
      if (value !== undefined) return withSource(value, "constant");
    }
    return undefined;
  }

  /** `Model.MINI`, `Settings().model`, `Model.MINI.value`: members of classes and enums of the workspace. */
  private memberOfDefinition(object: Node, name: string, place: Place, deeper = 0): Value | undefined {
    const { rules } = place;
    const expression = rules.lower(object);
    if (expression.kind === "member" && name === "value" && deeper < MAX_VALUE_STEPS) {
      const inner = this.memberOfDefinition(expression.object, expression.name, place, deeper + 1);
      if (inner !== undefined) return inner;
    }
    const definition = definitionOf(object, place, this.variables, this.modules);
    if (definition === undefined) return undefined;
    const { node } = definition;
    if (definition.place.rules.isEnum(node)) {
      const value = definition.place.rules.enumMember(node, name);
      return value === null ? undefined : withSource(this.evaluate(value, definition.place), "constant");
    }
    const found = this.variables.memberOfClass(name, node, definition.place, definition.made !== null);
    if (definition.made === null) return this.bound(found, object, definition.place);
    const given = givenToField(name, found, definition, definition.made);
    if (given === "unclear") return unknown(object.text);
    if (given !== null) return withSource(this.evaluate(given, definition.made.place), "constant");
    const fromEnvironment = definition.place.rules.generatedConstructor(node)?.readsEnvironment ?? false;
    const certain: Lookup =
      found.kind === "bound" ? { ...found, binding: { ...found.binding, isDefault: fromEnvironment } } : found;
    return this.bound(certain, object, definition.place);
  }

  private index(object: Value, index: Value, node: Node): Value {
    const key =
      knownText(index) ?? (index.kind === "plain" && typeof index.value === "number" ? index.value : undefined);
    if (key === undefined || !this.budget.scan(object.kind === "list" ? object.items.length : 0))
      return unknown(node.text);
    const found = elementOf(object, key);
    return found === undefined ? unknown(node.text) : withSource(found, furthest(object.source, index.source));
  }

  private record(
    entries: Extract<Expression, { kind: "record" }>["entries"],
    node: Node,
    place: Place,
    isStruct = false,
  ): Value {
    if (!this.budget.isWithinSteps(entries.length)) return unknown(node.text);
    const known = new Map<string, Value>();
    const rest: Hole[] = [];
    let source: Value["source"] = "literal";
    for (const entry of entries) {
      const value = this.evaluate(entry.value, place);
      if (entry.key === null) {
        const spread = spreadEntries(value, entry.value);
        if (!this.budget.make(spread.entries.length + spread.rest.length)) return unknown(node.text);
        source = furthest(source, spread.source);
        for (const [key, inner] of spread.entries) known.set(key, inner);
        for (const one of spread.rest) rest.push(one);
        continue;
      }
      const key = typeof entry.key === "string" ? entry.key : knownText(this.evaluate(entry.key, place));
      if (key === undefined) rest.push(hole(entry.value.text));
      else known.set(key, value);
    }
    return { kind: "record", source, entries: known, rest, ...(isStruct ? { isStruct } : {}) };
  }

  private sum(operands: readonly Node[], node: Node, place: Place): Value {
    if (!this.budget.isWithinSteps(operands.length)) return unknown(node.text);
    const values = operands.map((operand) => this.evaluate(operand, place));
    const source = values.reduce<Value["source"]>(
      (far, value) => (value.kind === "unknown" ? far : furthest(far, value.source)),
      "literal",
    );
    if (values.some((value) => value.kind === "list")) {
      const items = values.map((value, index) => spreadItems(value, operands[index] ?? node));
      return this.budget.make(items.reduce((sum, one) => sum + one.length, 0))
        ? { kind: "list", source, items: items.flat() }
        : unknown(node.text);
    }
    if (values.some((value) => value.kind === "text")) {
      return this.madeText(
        values.flatMap((value, index) => asText(value, operands[index]?.text ?? node.text)),
        source,
        node,
      );
    }
    const numbers = values.map((value) =>
      value.kind === "plain" && typeof value.value === "number" ? value.value : Number.NaN,
    );
    const total = numbers.reduce((sum, number) => sum + number, 0);
    return Number.isFinite(total) ? plain(total, source) : unknown(node.text);
  }

  private call(expression: Extract<Expression, { kind: "call" }>, place: Place): Value {
    const { node, callee } = expression;
    if (!this.budget.isWithinSteps(expression.arguments.length)) return unknown(node.text);
    const { rules } = place;
    const positional = expression.arguments.filter((argument) => argument.name === null && argument.spread === null);
    const named = new Map<string, Value>();
    for (const argument of expression.arguments)
      if (argument.name !== null) named.set(argument.name, this.evaluate(argument.value, place));
    const canonical = this.canonicalName(callee, place);
    if (canonical === "dict")
      return this.record(
        expression.arguments.map(({ name, value }) => ({ key: name, value })),
        node,
        place,
      );
    const values = positional.map((argument) => this.evaluate(argument.value, place));
    if (canonical !== undefined) {
      const known = callKnownFunction(canonical, {
        values,
        named,
        texts: positional.map((argument) => argument.value.text),
        modules: this.modules,
        place,
        budget: this.budget,
      });
      if (known !== undefined) {
        const made = madeOf(known, [...values, ...named.values()]);
        return made.kind === "unknown" && made.hole.expression === "" ? { ...made, hole: hole(node.text) } : made;
      }
    }
    const target = rules.lower(callee);
    if (target.kind !== "member") return unknown(node.text);
    const object = this.evaluate(target.object, place);
    const result = callMethod(object, target.name, {
      values,
      named,
      texts: positional.map((argument) => argument.value.text),
      modules: this.modules,
      place,
      budget: this.budget,
    });
    if (result === undefined) return unknown(node.text);
    // A record's other entries have no part in what `get` finds.
    const whole: Value = object.kind === "record" ? { ...object, entries: new Map() } : object;
    return madeOf(result, [whole, ...values, ...named.values()]);
  }

  /** The dotted name of a function or variable after imports: `from pathlib import Path as P` makes `P` `pathlib.Path`. */
  canonicalName(node: Node, place: Place): string | undefined {
    return canonicalName(node, place, this.variables);
  }

  /** How a name is bound, for those who look for clients and methods. */
  lookUp(name: string, node: Node, place: Place): Lookup {
    return this.variables.lookUp(name, node, place);
  }

  memberOfSelf(target: string, node: Node, place: Place): Lookup {
    return this.variables.memberOfSelf(target, node, place);
  }
}
