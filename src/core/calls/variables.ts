import type { Node } from "web-tree-sitter";
import type { Budget } from "./budget";
import { type Binding, type Lookup, type Reader, ambiguous, unbound } from "./binding";
import { CALLS, type PlacedEffect, isBinding } from "./effects";
import { Fields } from "./fields";
import { type Place, startOf } from "./module";
import { functionAround, isBoundInside, leavesOf } from "./names";
import type { Scope, Scopes } from "./scope";
import { ancestors } from "./syntax";

/** What looking up a name costs, in the budget's units. */
const UNITS_PER_ANCESTOR = 100;
const UNITS_PER_EFFECT = 20;

/** Finds what names stand for: in the function, the functions around it, the module. */
export class Variables {
  /** Called for every field that is looked for in a class. */
  onReadField: ((name: string, classNode: Node, place: Place) => void) | null = null;

  private readonly fields: Fields;

  constructor(
    readonly scopes: Scopes,
    readonly budget: Budget,
  ) {
    this.fields = new Fields(
      scopes,
      (name, scope, reader, place) => this.inScope(name, scope, reader, place),
      (name, classNode, place) => this.onReadField?.(name, classNode, place),
    );
  }

  /** A name as it is read at `node`. */
  lookUp(name: string, node: Node, place: Place): Lookup {
    const { rules } = place;
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
    return this.fields.ofSelf(target, node, place);
  }

  /** A class's field: from its body, or from its constructor. Changed in another method, it is ambiguous. */
  memberOfClass(name: string, classNode: Node, place: Place, followConstructor: boolean): Lookup {
    return this.fields.ofClass(name, classNode, place, followConstructor);
  }

  /** A name as a reader finds it in one scope. */
  inScope(name: string, scope: Scope, reader: Reader, place: Place): Lookup {
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
      effect.isAnytime === true ? !isYetToCome(effect, last, readAt, scope) : effect.at <= readAt,
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

  /** What is declared in a block is another variable outside of the block. */
  private visible(effects: readonly PlacedEffect[], reader: Reader, place: Place): readonly PlacedEffect[] {
    const inBlocks = effects.filter(({ node, branches }) => branches.length > 0 && place.rules.isBlockScoped(node));
    if (inBlocks.length === 0) return effects;
    const around = idsAround(reader);
    const isHere = (effect: PlacedEffect, branch: number): boolean => sameSection(effect, place) && around.has(branch);
    const elsewhere = new Set(
      inBlocks.flatMap((effect) => effect.branches.filter((branch) => !isHere(effect, branch))),
    );
    return effects.filter(({ branches }) => !branches.some((branch) => elsewhere.has(branch)));
  }
}

/** Grows in a function, while nothing was called since it got its value: what is copied now has none of it. */
function isYetToCome(effect: PlacedEffect, last: PlacedEffect | undefined, readAt: number, scope: Scope): boolean {
  const { operation, within } = effect;
  if (operation.kind !== "escape" || operation.how !== "grown" || within.length > 0) return false;
  if (last === undefined || scope.node !== null || !Number.isFinite(readAt)) return false;
  return !scope.effectsOn(CALLS).some((call) => call.at > last.at && startOf(call.node, call.place) < readAt);
}

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
