import type { FoundCall } from "../calls/finder";
import type { LanguageRules } from "../languages/pack";
import { type ParsedModule, type Place, endOf, startOf } from "../calls/module";
import { classAround } from "../calls/names";
import type { PlacedEffect } from "../calls/effects";
import { ancestors } from "../calls/syntax";
import type { Variables } from "../calls/variables";

/** What of its own file a call's request was read from, besides the function around it. */
export interface Reads {
  /** Variables of the module. */
  names: Set<string>;
  /** Fields of the class around the call. */
  fields: Set<string>;
  /** Whether a class was read that can't be found again by a name of the module. */
  isBeyondNames: boolean;
}

/** Notes what is read of a module while `run` runs, for one of its calls. */
export function noteReads<T>(call: FoundCall, variables: Variables, run: () => T): { result: T; reads: Reads } {
  const { module } = call.place;
  const reads: Reads = { names: new Set(), fields: new Set(), isBeyondNames: false };
  const own = classAround(call.node, module.pack.rules);
  variables.scopes.onRead = (from, name) => {
    if (from === module) reads.names.add(name);
  };
  variables.onReadField = (name, classNode, place) => {
    if (place.module !== module) return;
    if (classNode.id === own?.id) reads.fields.add(name);
    // A class of the module's level is read through its name, whose signature holds all of its text.
    else if (!isAtModuleLevel(classNode, call.place.rules)) reads.isBeyondNames = true;
  };
  try {
    return { result: run(), reads };
  } finally {
    variables.scopes.onRead = null;
    variables.onReadField = null;
  }
}

/** `export` and decorators may stand between. */
const isAtModuleLevel = ({ parent }: FoundCall["node"], rules: LanguageRules): boolean =>
  parent?.parent === null || (parent !== null && rules.wrapsDefinition(parent) && parent.parent?.parent === null);

/** Gives equal texts an equal number, so that signatures of long code stay short. */
export class Interned {
  private readonly numbers = new Map<string, number>();
  private below = 0;

  of(text: string): number {
    let number = this.numbers.get(text);
    if (number === undefined) this.numbers.set(text, (number = this.numbers.size));
    return number;
  }

  /** A number that no text has, nor will have. */
  unlike(): number {
    return --this.below;
  }

  get size(): number {
    return this.numbers.size;
  }
}

interface Entry {
  at: number;
  text: string;
}

/** Sums up what names and fields stand for in one state of a module: the same signature, the same values. */
export class Signatures {
  private readonly entries = new Map<string, Entry[]>();

  constructor(
    private readonly module: ParsedModule,
    private readonly variables: Variables,
    private readonly interned: Interned,
  ) {}

  /** The signature of what was read for a call, in this state of the module. */
  of(call: FoundCall, { names, fields }: Reads): string {
    const at = startOf(topLevelAround(call.node), call.place);
    const all: Entry[] = [{ at, text: "call" }, ...[...fields].flatMap((name) => this.ofField(name, call))];
    for (const name of names) for (const entry of this.ofName(name, call.place)) all.push(entry);
    // In order over all names: whether one is changed before or after another is read depends on it.
    return all
      .sort((a, b) => a.at - b.at || (a.text < b.text ? -1 : 1))
      .map(({ text }) => text)
      .join(" ");
  }

  private ofName(name: string, { section }: Place): Entry[] {
    let entries = this.entries.get(name);
    if (entries === undefined) {
      const effects = this.variables.scopes.ofModule(this.module, section).effectsOn(name);
      this.entries.set(name, (entries = effects.map((effect) => this.entryOf(name, effect))));
    }
    return entries;
  }

  /** A field: of the class's body, of its constructor, or changed in other methods. */
  private ofField(name: string, call: FoundCall): Entry[] {
    const around = classAround(call.node, call.place.rules);
    if (around === null) return [];
    const found = this.variables.memberOfClass(name, around, call.place, true);
    if (found.kind !== "bound") return [{ at: -1, text: `${name}:${found.kind}` }];
    const { base, changes, isDefault } = found.binding;
    const first =
      base.kind === "effect"
        ? this.entryOf(name, base.effect)
        : { at: -1, text: `${name}:${this.interned.of(topLevelAround(base.parameter.node).text)}` };
    if (isDefault) first.text += ":default";
    return [first, ...changes.map(({ effect, certain }) => this.entryOf(`${name}:${certain}`, effect))];
  }

  private entryOf(name: string, effect: PlacedEffect): Entry {
    const { node, place, operation } = effect;
    const { rules } = place;
    const isInside = [...ancestors(node)].some((around) => rules.isFunction(around));
    // Within a branch, a loop or a function, its meaning depends on what stands around.
    const whole = isInside || effect.branches.length + effect.loops.length > 0 ? topLevelAround(node) : node;
    const part = operation.kind === "assign" ? operation.path.join(".") : "";
    const imported = operation.kind === "import" ? `${operation.module}.${operation.name ?? ""}` : "";
    const section = this.module.sections.indexOf(place.section);
    const head = [name, operation.kind, ...effect.within, part, imported, section].join(":");
    // The same text with an error in it reads differently with other text behind it: it is like nothing before.
    const content = whole.hasError ? this.interned.unlike() : this.interned.of(whole.text);
    return { at: endOf(node, place), text: `${this.interned.of(head)}:${content}` };
  }
}

/** The statement of the module's level that a node stands in. */
function topLevelAround(node: FoundCall["node"]): FoundCall["node"] {
  return [...ancestors(node)].at(-2) ?? node;
}
