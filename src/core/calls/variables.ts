import type { Node } from "web-tree-sitter";
import type { Budget } from "./budget";
import { classAround, functionAround, isBoundInside, leavesOf } from "./names";
import { fieldKey, setsAnyField } from "./outside";
import { type PlacedEffect, isBinding } from "./effects";
import type { Scope, Scopes } from "./scope";
import type { Parameter } from "./languages/language";
import { type Place, endOf, startOf } from "./module";
import { ancestors } from "./syntax";

/** What a name stands for at a place: its last certain value and what happened to it since. */
export interface Binding {
  base: { kind: "effect"; effect: PlacedEffect } | { kind: "parameter"; parameter: Parameter; place: Place };
  /** Later changes, in order; `certain` where it happens exactly once before the place. */
  changes: { effect: PlacedEffect; certain: boolean }[];
  /** Whether it had another value before, which a reader that may run at any time may still have seen. */
  isOneOfSeveral: boolean;
  /** Whether it holds where the constructor of a class like a dataclass is given nothing else. */
  isDefault: boolean;
}

/** When a name is read: at a place in the order of statements, at any time by a function, or once all of them ran. */
export type Reader = Node | "anytime" | "afterwards";

export type Lookup = { kind: "bound"; binding: Binding } | { kind: "ambiguous" } | { kind: "unbound" };

const unbound: Lookup = { kind: "unbound" };
const ambiguous: Lookup = { kind: "ambiguous" };

/** What looking up a name costs, in the budget's units. */
const UNITS_PER_ANCESTOR = 100;
const UNITS_PER_EFFECT = 20;

/** Finds what names stand for: in the function, the functions around it, the module. */
export class Variables {
  /** Called for every field that is looked for in a class. */
  onReadField: ((name: string, classNode: Node, place: Place) => void) | null = null;

  constructor(
    readonly scopes: Scopes,
    readonly budget: Budget,
  ) {}

  /** A name as it is read at `node`. */
  lookUp(name: string, node: Node, place: Place): Lookup {
    const { rules } = place.module.language.language;
    if (!this.budget.scan([...ancestors(node)].length * UNITS_PER_ANCESTOR)) return ambiguous;
    if (isBoundInside(name, node, rules)) return ambiguous;
    let reader: Reader = node;
    for (let fn = functionAround(node, rules); fn !== null; fn = functionAround(fn, rules)) {
      const scope = this.scopes.ofFunction(fn, place);
      const found = this.onlyChanges(name, scope) ? unbound : this.inScope(name, scope, reader, place);
      if (found.kind !== "unbound") return found;
      reader = "anytime"; // As a closure may.
    }
    return this.inScope(name, this.scopes.ofModule(place.module, place.section), reader, place);
  }

  /** Whether a function changes a variable from outside in place, and has none of that name itself. */
  private onlyChanges(name: string, scope: Scope): boolean {
    const effects = scope.effectsOn(name);
    return (
      effects.length > 0 &&
      effects.every(({ operation }) => !isBinding(operation)) &&
      !scope.parameters.some((one) => one.name.replace(/^\*+/, "") === name)
    );
  }

  /** A module's name as another file imports it. */
  inModule(name: string, place: Place): Lookup {
    return this.inScope(name, this.scopes.ofModule(place.module, place.section), "afterwards", place);
  }

  /** A member of the object that a method belongs to: `self.model`, `this.model`. */
  memberOfSelf(target: string, node: Node, place: Place): Lookup {
    const { rules } = place.module.language.language;
    const fn = functionAround(node, rules);
    if (fn !== null) {
      const inMethod = this.inScope(target, this.scopes.ofFunction(fn, place), node, place);
      if (inMethod.kind === "ambiguous") return ambiguous;
      if (inMethod.kind === "bound") return this.afterOwnMethods(inMethod, target, node, fn, place);
    }
    const around = classAround(node, rules);
    return around === null ? unbound : this.memberOfClass(target.slice(target.indexOf(".") + 1), around, place, true);
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
    const { rules } = place.module.language.language;
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
  memberOfClass(name: string, classNode: Node, place: Place, followConstructor: boolean): Lookup {
    this.onReadField?.(name, classNode, place);
    const { rules } = place.module.language.language;
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

  private inScope(name: string, scope: Scope, reader: Reader, place: Place): Lookup {
    const effects = scope.effectsOn(name);
    if (!this.budget.scan(effects.length * UNITS_PER_EFFECT)) return ambiguous;
    const all = this.visible(effects, reader, place);
    const parameter = scope.parameters.find((one) => one.name === name || one.name.replace(/^\*+/, "") === name);
    const readAt = typeof reader === "string" ? Infinity : startOf(reader, place);
    const around = idsAround(reader);
    const isCertain = (effect: PlacedEffect): boolean =>
      effect.branches.every((branch) => sameSection(effect, place) && around.has(branch));
    const isBase = (effect: PlacedEffect): boolean =>
      effect.within.length === 0 && ["assign", "import", "define"].includes(effect.operation.kind);
    const isObscure = (effect: PlacedEffect): boolean =>
      effect.within.length === 0 && effect.operation.kind === "obscure";

    const last = all.filter((effect) => isBase(effect) && effect.at <= readAt).at(-1);
    const before = all.filter((effect) =>
      effect.isAnytime === true ? !isYetToCome(effect, last, readAt) : effect.at <= readAt,
    );
    let start = -1;
    before.forEach((effect, index) => {
      if (isBase(effect) && isCertain(effect)) start = index;
    });
    const base = before[start];
    const since = before.slice(start + 1);
    if (base === undefined && parameter === undefined) {
      // Bound later in the module, or only in a branch: something, but who knows what.
      // A name that is only handed around, such as `__file__`, is bound by nothing here.
      return all.some(isBase) || since.some(({ operation }) => operation.kind !== "escape") ? ambiguous : unbound;
    }
    if (since.some((effect) => isBase(effect) || isObscure(effect))) return ambiguous;
    const baseLoops = new Set(base?.loops ?? []);
    const changes = since.map((effect) => ({
      effect,
      certain: isCertain(effect) && effect.loops.every((loop) => baseLoops.has(loop)),
    }));
    // A later statement of a loop around the reader has run before, from the second round on.
    const again = all.filter(
      (effect) =>
        effect.at > readAt &&
        effect.isAnytime !== true &&
        effect.loops.some((loop) => around.has(loop) && sameSection(effect, place) && !baseLoops.has(loop)),
    );
    if (again.some((effect) => isBase(effect) || isObscure(effect))) return ambiguous;
    changes.push(...again.map((effect) => ({ effect, certain: false })));
    // Within a loop that the base is outside of, each round changes it once more.
    const repeated = since.filter((effect) => effect.loops.some((loop) => !baseLoops.has(loop)) && isCertain(effect));
    const expanded = changes.flatMap((change) =>
      repeated.includes(change.effect)
        ? [
            { effect: change.effect, certain: true },
            { effect: change.effect, certain: false },
          ]
        : [change],
    );
    const binding: Binding["base"] =
      base === undefined && parameter !== undefined
        ? { kind: "parameter", parameter, place: scope.place }
        : { kind: "effect", effect: base as PlacedEffect };
    const isOneOfSeveral =
      reader === "anytime" && before.slice(0, Math.max(0, start)).some((one) => isOther(one, base, name));
    return { kind: "bound", binding: { base: binding, changes: expanded, isOneOfSeveral, isDefault: false } };
  }

  /** A block's `const` or `let` is another variable outside of the block. */
  private visible(effects: readonly PlacedEffect[], reader: Reader, place: Place): readonly PlacedEffect[] {
    if (!effects.some((effect) => effect.node.type === "variable_declarator" && effect.branches.length > 0))
      return effects;
    const around = idsAround(reader);
    const isHere = (effect: PlacedEffect, branch: number): boolean => sameSection(effect, place) && around.has(branch);
    const elsewhere = new Set(
      effects
        .filter(({ node }) => node.type === "variable_declarator" && node.parent?.type === "lexical_declaration")
        .flatMap((effect) => effect.branches.filter((branch) => !isHere(effect, branch))),
    );
    return effects.filter(({ branches }) => !branches.some((branch) => elsewhere.has(branch)));
  }
}

/** Grows in a function, while nothing was called since it got its value: what is copied now has none of it. */
function isYetToCome(effect: PlacedEffect, last: PlacedEffect | undefined, readAt: number): boolean {
  const { operation, within, place } = effect;
  if (operation.kind !== "escape" || operation.how !== "grown" || within.length > 0) return false;
  if (last === undefined || !sameSection(last, place) || !Number.isFinite(readAt)) return false;
  const { start, root } = place.section;
  const from = start + root.startIndex;
  return !/[(`@]/.test(root.text.slice(last.at - from, readAt - from));
}

const boundTo = (base: Binding["base"]): Lookup => ({
  kind: "bound",
  binding: { base, changes: [], isOneOfSeveral: false, isDefault: false },
});

const idsAround = (reader: Reader): Set<number> =>
  new Set(typeof reader === "string" ? [] : [...ancestors(reader)].map((node) => node.id));

/** Whether an earlier assignment gives another value than the last: not the same text, no mere announcement, and not built on. */
function isOther({ operation, within }: PlacedEffect, last: PlacedEffect | undefined, name: string): boolean {
  if (operation.kind !== "assign" || within.length > 0 || last?.operation.kind !== "assign") return false;
  const [before, after] = [operation.value.text, last.operation.value.text];
  const isBuiltOn = leavesOf(last.operation.value, name).length > 0;
  return before !== after && !isBuiltOn && !/^(?:None|null|undefined|""|'')$/.test(before);
}

const sameSection = (effect: PlacedEffect, place: Place): boolean => effect.place.section === place.section;
