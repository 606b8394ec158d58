import type { Node } from "web-tree-sitter";
import { type Binding, type Lookup, type Reader, ambiguous, boundTo, unbound } from "./binding";
import { isBinding } from "./effects";
import { type Place, endOf } from "./module";
import { classAround, functionAround } from "./names";
import { fieldKey, setsAnyField } from "./outside";
import type { Scope, Scopes } from "./scope";

/** Finds what the fields of classes stand for. */
export class Fields {
  constructor(
    private readonly scopes: Scopes,
    private readonly inScope: (name: string, scope: Scope, reader: Reader, place: Place) => Lookup,
    private readonly onReadField: (name: string, classNode: Node, place: Place) => void,
  ) {}

  /** A member of the object that a method belongs to: `self.model`, `this.model`. */
  ofSelf(target: string, node: Node, place: Place): Lookup {
    const { rules } = place;
    const fn = functionAround(node, rules);
    if (fn !== null) {
      const inMethod = this.inScope(target, this.scopes.ofFunction(fn, place), node, place);
      if (inMethod.kind === "ambiguous") return ambiguous;
      if (inMethod.kind === "bound") return this.afterOwnMethods(inMethod, target, node, fn, place);
    }
    const around = classAround(node, rules);
    return around === null ? unbound : this.ofClass(target.slice(target.indexOf(".") + 1), around, place, true);
  }

  /** What a method set its field to, and then called others of its class: they may have changed it. */
  private afterOwnMethods(
    found: Lookup & { kind: "bound" },
    target: string,
    node: Node,
    fn: Node,
    place: Place,
  ): Lookup {
    const { base } = found.binding;
    const from = base.kind === "effect" ? base.effect.node.endIndex : fn.startIndex;
    const since = fn.text.slice(Math.max(0, from - fn.startIndex), Math.max(0, node.startIndex - fn.startIndex));
    const { rules } = place;
    const around = classAround(node, rules);
    const className = around?.childForFieldName("name")?.text;
    if (className !== undefined) this.scopes.onRead?.(place.module, className);
    if (around === null || !/\b(?:self|this)\.\w+\s*\(/.test(since)) return found;
    const effects = rules
      .methods(around)
      .filter((method) => method.id !== fn.id && !rules.isConstructor(method))
      .flatMap((method) => this.scopes.ofFunction(method, place).effectsOn(target));
    if (effects.some(({ operation }) => isBinding(operation) || operation.kind === "obscure")) return ambiguous;
    const changes = effects.map((effect) => ({ effect, certain: false }));
    return { ...found, binding: { ...found.binding, changes: [...found.binding.changes, ...changes] } };
  }

  /** A class's field: from its body, or from its constructor. Changed in another method, it is ambiguous. */
  ofClass(name: string, classNode: Node, place: Place, followConstructor: boolean): Lookup {
    this.onReadField(name, classNode, place);
    const { rules } = place;
    let found: Lookup = unbound;
    for (const effect of rules.fields(classNode)) {
      if (effect.target !== name) continue;
      found = {
        kind: "bound",
        binding: {
          base: {
            kind: "effect",
            effect: { ...effect, place, at: endOf(effect.node, place), branches: [], loops: [] },
          },
          changes: [],
          isOneOfSeveral: false,
          isDefault: followConstructor && rules.generatedConstructor(classNode) !== null,
        },
      };
    }
    // What other methods change in place may have happened, or not, however often.
    const grown: Binding["changes"] = [];
    for (const method of rules.methods(classNode)) {
      const isConstructor = rules.isConstructor(method);
      if (isConstructor && !followConstructor) continue;
      const scope = this.scopes.ofFunction(method, place);
      const field = isConstructor
        ? scope.parameters.find((parameter) => parameter.isField && parameter.name === name)
        : undefined;
      if (field !== undefined) found = boundTo({ kind: "parameter", parameter: field, place });
      for (const self of ["self", "this", "cls"]) {
        const effects = rules.isSelf(self) ? scope.effectsOn(`${self}.${name}`) : [];
        if (effects.length === 0) continue;
        if (isConstructor) found = this.inScope(`${self}.${name}`, scope, "afterwards", place);
        // What a method sets on the instance leaves the class's own as it is.
        else if (effects.some(({ operation }) => isBinding(operation) || operation.kind === "obscure")) {
          if (followConstructor || self === "cls") return ambiguous;
        } else grown.push(...effects.map((effect) => ({ effect, certain: false })));
      }
    }
    const className = classNode.childForFieldName("name")?.text;
    const outside =
      className === undefined
        ? []
        : this.scopes.ofModule(place.module, place.section).effectsOn(fieldKey(className, name));
    if (outside.some(({ operation }) => operation.kind === "obscure")) return ambiguous;
    const overriding = outside.filter(({ operation }) => operation.kind === "define");
    for (const effect of outside) if (!overriding.includes(effect)) grown.push({ effect, certain: false });
    if (found.kind !== "bound") return found;
    const { binding } = found;
    const isDefault = binding.isDefault || (followConstructor && (overriding.length > 0 || setsAnyField(classNode)));
    return { kind: "bound", binding: { ...binding, changes: [...binding.changes, ...grown], isDefault } };
  }
}
