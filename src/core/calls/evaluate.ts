import type { Node } from "web-tree-sitter";
import { canonicalName, requiredModule } from "./canonicalName";
import { elementOf, fallback, merged, percent, repeat, spreadItems } from "./combine";
import { callKnownFunction } from "./knownFunctions";
import { callMethod, readMember } from "./knownMembers";
import { definitionOf } from "./definitions";
import type { Expression } from "./expression";
import type { Modules } from "./modules";
import type { Place } from "./module";
import { type Lookup, Variables } from "./variables";
import { type PlacedEffect, Scopes } from "./scope";
import type { Operation } from "./languages/language";
import { children, field } from "./syntax";
import {
  type Hole,
  type Value,
  asText,
  furthest,
  hole,
  joinParts,
  knownText,
  plain,
  unknown,
  withSource,
} from "./value";

/** Steps that one call's request may take; generated code beyond that is not followed to its end. */
const MAX_STEPS = 20_000;
const MAX_DEPTH = 60;

/**
 * Works out what expressions stand for without running the program: literals, constants, formatted and joined
 * text, lists and records as they are built up. What can't be known stays a hole.
 */
export class Evaluator {
  private steps = 0;
  private depth = 0;
  readonly variables = new Variables(new Scopes());

  constructor(readonly modules: Modules) {}

  /** Allows a new call's request its own number of steps. */
  begin(): void {
    this.steps = 0;
  }

  evaluate(node: Node, place: Place): Value {
    if (this.depth >= MAX_DEPTH || ++this.steps > MAX_STEPS) return unknown(node.text);
    this.depth++;
    try {
      return this.value(place.module.language.language.rules.lower(node), place);
    } finally {
      this.depth--;
    }
  }

  private value(expression: Expression, place: Place): Value {
    const { node } = expression;
    const at = (inner: Node): Value => this.evaluate(inner, place);
    switch (expression.kind) {
      case "text":
        return this.textOf(expression.parts, place);
      case "plain":
        return plain(expression.value);
      case "same":
        return at(expression.inner);
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
          callKnownFunction(canonical ?? "", [at(expression.text)], new Map(), this.modules, place) ??
          unknown(node.text)
        );
      }
      case "list":
        return {
          kind: "list",
          source: "literal",
          items: expression.items.flatMap((item) =>
            item.spread ? spreadItems(at(item.value), item.value) : [at(item.value)],
          ),
        };
      case "record":
        return this.record(expression.entries, place);
      case "sum":
        return this.sum(expression.operands, node, place);
      case "percent":
        return percent(at(expression.left), at(expression.right), node);
      case "repeat":
        return repeat(at(expression.left), at(expression.right), node);
      case "join-path": {
        const left = at(expression.left);
        const right = knownText(at(expression.right));
        return left.kind === "path" && right !== undefined
          ? { ...left, path: `${left.path}/${right}` }
          : unknown(node.text);
      }
      case "fallback":
        return fallback(at(expression.left), at(expression.right), node);
      case "opaque":
        return unknown(node.text);
    }
  }

  private textOf(parts: Extract<Expression, { kind: "text" }>["parts"], place: Place): Value {
    let source: Value["source"] = "literal";
    const pieces = parts.flatMap((part): readonly (string | Hole)[] => {
      if (typeof part === "string") return [part];
      const value = this.evaluate(part.value, place);
      source = furthest(source, value.kind === "unknown" ? "literal" : value.source);
      // A format (`:.2f`, `!r`) changes how the value reads.
      return part.format === null ? asText(value, part.value.text) : [hole(part.value.text)];
    });
    return { kind: "text", parts: joinParts(pieces), source };
  }

  private name(name: string, node: Node, place: Place): Value {
    const found = this.variables.lookUp(name, node, place);
    if (found.kind === "unbound" && name === "undefined") return plain(null);
    if (found.kind === "unbound" && (name === "__file__" || name === "__filename") && place.module.file !== null)
      return { kind: "path", path: place.module.file, source: "literal" };
    if (found.kind === "unbound" && name === "__dirname" && place.module.file !== null)
      return { kind: "path", path: `${place.module.file}/..`, source: "literal" };
    return this.bound(found, node, place) ?? unknown(node.text);
  }

  /** What a binding's value is after all its changes; undefined where nothing is known. */
  private bound(found: Lookup, reader: Node, place: Place): Value | undefined {
    if (found.kind !== "bound") return undefined;
    const { base, changes } = found.binding;
    let value: Value;
    if (base.kind === "parameter") {
      const { parameter } = base;
      if (parameter.fallback === null) return undefined;
      value = withSource(this.evaluate(parameter.fallback, base.place), "default");
    } else {
      const { operation, place: from } = base.effect;
      const required = operation.kind === "assign" ? requiredModule(operation.value) : undefined;
      if (operation.kind === "assign" && required !== undefined) {
        const imported =
          operation.path[0] === undefined ? undefined : this.importedValue(required, String(operation.path[0]), from);
        if (imported === undefined) return undefined;
        value = withSource(imported, "constant");
      } else if (operation.kind === "assign") {
        value = withSource(this.assigned(operation.value, operation.path, operation.fallback, from), "constant");
      } else if (operation.kind === "import") {
        const imported =
          operation.name === null ? undefined : this.importedValue(operation.module, operation.name, from);
        if (imported === undefined) return undefined;
        value = withSource(imported, "constant");
      } else {
        return undefined;
      }
    }
    for (const { effect, certain } of changes)
      value = this.changedWithin(value, effect, effect.within, certain, reader);
    return value.kind === "unknown" &&
      value.hole.expression !== reader.text &&
      !value.isEnvironment &&
      value.otherwise === null
      ? namedHole(value, reader, place)
      : value;
  }

  private assigned(value: Node, path: readonly (string | number)[], fallbackNode: Node | null, place: Place): Value {
    // A destructured parameter: its pattern stands for an argument that nobody knows.
    let result: Value = /_pattern$/.test(value.type) ? unknown(value.text) : this.evaluate(value, place);
    for (const step of path) result = elementOf(result, step) ?? unknown(String(step));
    const isMissing = result.kind === "unknown" || (result.kind === "plain" && result.value === null);
    return isMissing && fallbackNode !== null ? withSource(this.evaluate(fallbackNode, place), "default") : result;
  }

  private importedValue(specifier: string, name: string, place: Place): Value | undefined {
    const target = this.modules.resolve(specifier, place.module);
    if (target === undefined) return undefined;
    if (target.kind === "data") return name === "default" ? target.value : elementOf(target.value, name);
    const section = target.module.sections[0];
    if (section === undefined) return undefined;
    const there: Place = { module: target.module, section };
    const found = this.variables.inModule(name, there);
    if (found.kind === "bound") return this.bound(found, section.root, there);
    // `from package import module`, or names passed on by `export * from` and `from x import *`.
    const submodule = this.modules.resolve(`${specifier.replace(/\.$/, "")}.${name}`, place.module);
    if (submodule !== undefined) return undefined;
    return this.passedOn(name, there) ?? this.exportedByAssignment(name, there);
  }

  private passedOn(name: string, place: Place): Value | undefined {
    for (const effect of this.variables.scopes.ofModule(place.module, place.section).effectsOn("*")) {
      const { operation } = effect;
      if (operation.kind !== "import" || ++this.steps > MAX_STEPS || this.depth >= MAX_DEPTH) continue;
      this.depth++;
      const value = this.importedValue(operation.module, name, effect.place);
      this.depth--;
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
    within: readonly string[],
    certain: boolean,
    reader: Node,
  ): Value {
    const [key, ...deeper] = within;
    if (key === undefined) return this.changed(value, effect.operation, effect.place, certain, reader);
    const inner = value.kind === "record" ? value.entries.get(key) : undefined;
    if (value.kind !== "record" || inner === undefined) return unknown(reader.text);
    return {
      ...value,
      entries: new Map(value.entries).set(key, this.changedWithin(inner, effect, deeper, certain, reader)),
    };
  }

  private changed(value: Value, operation: Operation, place: Place, certain: boolean, reader: Node): Value {
    if (!("value" in operation)) return unknown(reader.text);
    const change = certain ? this.evaluate(operation.value, place) : unknown(operation.value.text, true);
    const source = furthest(value.source, change.source);
    if (value.kind === "list") {
      if (operation.kind === "append") return { ...value, source, items: [...value.items, change] };
      if (operation.kind === "prepend") return { ...value, source, items: [change, ...value.items] };
      if (operation.kind === "extend" || operation.kind === "add")
        return { ...value, source, items: [...value.items, ...spreadItems(change, operation.value)] };
    }
    if (value.kind === "text" && operation.kind === "add") {
      return { ...value, source, parts: joinParts([...value.parts, ...asText(change, operation.value.text)]) };
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
    const { rules } = place.module.language.language;
    const root = rules.lower(object);
    if (root.kind === "name" && rules.isSelf(root.name)) {
      const found = this.variables.memberOfSelf(node.text, node, place);
      return this.bound(found, node, place) ?? unknown(node.text);
    }
    if (root.kind === "name") {
      // `config.model = …` in the same function, then a class's or an imported module's member.
      const assigned = this.bound(this.variables.lookUp(node.text, node, place), node, place);
      if (assigned !== undefined) return assigned;
      const imported = this.memberOfImport(root.name, name, object, place);
      if (imported !== undefined) return imported;
    } else if (root.kind === "member") {
      // `import app.prompts`, then `app.prompts.SYSTEM`.
      const module = this.canonicalName(object, place);
      const imported = module === undefined ? undefined : this.importedValue(module, name, place);
      if (imported !== undefined) return withSource(imported, "constant");
    }
    const environment = this.environment(node, place);
    if (environment !== undefined) return environment;
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
  private memberOfDefinition(object: Node, name: string, place: Place): Value | undefined {
    const { rules } = place.module.language.language;
    const expression = rules.lower(object);
    if (expression.kind === "member" && name === "value") {
      const inner = this.memberOfDefinition(expression.object, expression.name, place);
      if (inner !== undefined) return inner;
    }
    const definition = definitionOf(object, place, this.variables, this.modules);
    if (definition === undefined) return undefined;
    const { node } = definition;
    if (node.type === "enum_declaration") {
      const body = field(node, "body");
      const member = body === null ? undefined : children(body).find((one) => field(one, "name")?.text === name);
      const value = member === undefined ? null : field(member, "value");
      return value === null ? undefined : withSource(this.evaluate(value, definition.place), "constant");
    }
    const found = this.variables.memberOfClass(name, node, definition.place, definition.isInstance);
    return this.bound(found, object, definition.place);
  }

  /** `process.env.NAME`, `os.environ["NAME"]`, `import.meta.env.NAME`. */
  private environment(node: Node, place: Place): Value | undefined {
    const canonical = this.canonicalName(node, place);
    if (canonical === undefined || !/^(process\.env|import\.meta\.env|Deno\.env|os\.environ)\b./.test(canonical))
      return undefined;
    return {
      kind: "unknown",
      hole: hole(node.text),
      several: false,
      otherwise: null,
      isEnvironment: true,
      source: "literal",
    };
  }

  private index(object: Value, index: Value, node: Node): Value {
    const key =
      knownText(index) ?? (index.kind === "plain" && typeof index.value === "number" ? index.value : undefined);
    if (key === undefined) return unknown(node.text);
    const found = elementOf(object, key);
    return found === undefined ? unknown(node.text) : withSource(found, furthest(object.source, index.source));
  }

  private record(entries: Extract<Expression, { kind: "record" }>["entries"], place: Place): Value {
    let record: Value & { kind: "record" } = { kind: "record", source: "literal", entries: new Map(), rest: [] };
    for (const entry of entries) {
      const value = this.evaluate(entry.value, place);
      if (entry.key === null) {
        record = merged(record, value, entry.value);
        continue;
      }
      const key = typeof entry.key === "string" ? entry.key : knownText(this.evaluate(entry.key, place));
      record =
        key === undefined
          ? { ...record, rest: [...record.rest, hole(entry.value.text)] }
          : { ...record, entries: new Map(record.entries).set(key, value) };
    }
    return record;
  }

  private sum(operands: readonly Node[], node: Node, place: Place): Value {
    const values = operands.map((operand) => this.evaluate(operand, place));
    const source = values.reduce<Value["source"]>(
      (far, value) => (value.kind === "unknown" ? far : furthest(far, value.source)),
      "literal",
    );
    if (values.some((value) => value.kind === "list")) {
      return {
        kind: "list",
        source,
        items: values.flatMap((value, index) => spreadItems(value, operands[index] ?? node)),
      };
    }
    if (values.some((value) => value.kind === "text")) {
      return {
        kind: "text",
        source,
        parts: joinParts(values.flatMap((value, index) => asText(value, operands[index]?.text ?? node.text))),
      };
    }
    const numbers = values.map((value) =>
      value.kind === "plain" && typeof value.value === "number" ? value.value : Number.NaN,
    );
    const total = numbers.reduce((sum, number) => sum + number, 0);
    return Number.isFinite(total) ? plain(total, source) : unknown(node.text);
  }

  private call(expression: Extract<Expression, { kind: "call" }>, place: Place): Value {
    const { node, callee } = expression;
    const { rules } = place.module.language.language;
    const positional = expression.arguments.filter((argument) => argument.name === null && argument.spread === null);
    const named = new Map<string, Value>();
    for (const argument of expression.arguments)
      if (argument.name !== null) named.set(argument.name, this.evaluate(argument.value, place));
    const canonical = this.canonicalName(callee, place);
    if (canonical === "dict")
      return this.record(
        expression.arguments.map(({ name, value }) => ({ key: name, value })),
        place,
      );
    const values = positional.map((argument) => this.evaluate(argument.value, place));
    if (canonical !== undefined) {
      const known = callKnownFunction(canonical, values, named, this.modules, place);
      if (known !== undefined)
        return known.kind === "unknown" && known.hole.expression === "" ? { ...known, hole: hole(node.text) } : known;
    }
    const target = rules.lower(callee);
    if (target.kind !== "member") return unknown(node.text);
    const object = this.evaluate(target.object, place);
    return (
      callMethod(
        object,
        target.name,
        values,
        named,
        positional.map((argument) => argument.value.text),
        this.modules,
        place,
      ) ?? unknown(node.text)
    );
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

/** What a name stands for is unknown: the hole is the name where it is read, which says more there. */
function namedHole(value: Value & { kind: "unknown" }, reader: Node, place: Place): Value {
  return reader.id === place.section.root.id ? value : { ...value, hole: hole(reader.text) };
}
