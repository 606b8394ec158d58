import type { Node } from "web-tree-sitter";
import type { FoundCall } from "../calls/finder";
import type { LanguageRules } from "../calls/languages/language";
import type { ParsedModule } from "../calls/module";
import { ancestors, children } from "../calls/syntax";
import type { PriceBook } from "../pricing/price";
import type { CostEstimate } from "./estimate";

interface Cached {
  estimate: CostEstimate;
  dependencies: ReadonlySet<string>;
}

/**
 * Remembers the estimates of calls whose function an edit did not touch, so that a keystroke costs one call and
 * not all of the file's. An estimate depends on its function's text, on the module's code outside of functions,
 * and on other files; where functions may change the module's variables, on all of the text.
 */
export class EstimateCache {
  private kept = new Map<string, Cached>();
  private used = new Map<string, Cached>();
  private context = "";
  private book: PriceBook | undefined;

  /** Begins a round: forgets everything where what lies outside of the functions has changed. */
  begin(module: ParsedModule, book: PriceBook): void {
    const context = contextOf(module);
    this.kept = context === this.context && book === this.book ? this.used : new Map<string, Cached>();
    this.used = new Map();
    this.context = context;
    this.book = book;
  }

  /** The estimate of a call, from the last round or anew. */
  get(call: FoundCall, estimate: () => Cached): Cached {
    const key = keyOf(call);
    if (key === undefined) return estimate();
    const found = this.kept.get(key) ?? estimate();
    this.used.set(key, found);
    return found;
  }

  /** Another file has changed. */
  clear(): void {
    this.kept.clear();
    this.used.clear();
  }
}

/** The call within the outermost function around it; undefined at the module's level, where order matters. */
function keyOf({ node, name, place }: FoundCall): string | undefined {
  const { rules } = place.module.language.language;
  let outermost;
  for (const around of ancestors(node)) if (rules.isFunction(around)) outermost = around;
  return outermost === undefined
    ? undefined
    : `${name} ${node.startIndex - outermost.startIndex} ${node.endIndex - outermost.startIndex}\n${outermost.text}`;
}

function contextOf(module: ParsedModule): string {
  const { rules } = module.language.language;
  const whole = module.sections.map(({ root }) => root.text).join("\n");
  // Functions that can write to the module's variables are part of what every call depends on.
  if (module.sections.length > 1 || /\bglobal\s|^(?:export\s+)?(?:let|var)\s/m.test(whole)) return whole;
  return module.sections
    .flatMap(({ root }) => children(root))
    .map((node) => {
      const definition = node.childForFieldName("definition") ?? node.childForFieldName("declaration") ?? node;
      if (rules.isFunction(definition)) return definition.childForFieldName("name")?.text ?? "";
      return rules.isClass(definition) ? withoutInertMethods(definition, rules) : node.text;
    })
    .join("\n");
}

/** Changes a field of its object: `self.model = …`, `this.messages.push(…)`. */
const changesField =
  /\b(?:self|cls|this)\.\w+\s*(?:\[[^\]]*\]\s*)*(?:[-+*/|%&^?]*=(?!=)|\.(?:append|extend|insert|pop|push|unshift|shift|splice|update|clear|remove|sort|reverse|fill|setdefault|popitem)\b)/;

/** A class's text; of methods that change none of its fields only the name counts for the others. */
function withoutInertMethods(node: Node, rules: LanguageRules): string {
  const text = node.text;
  const kept: string[] = [];
  let from = 0;
  for (const method of rules.methods(node)) {
    if (rules.isConstructor(method) || changesField.test(method.text)) continue;
    kept.push(text.slice(from, method.startIndex - node.startIndex));
    from = method.endIndex - node.startIndex;
  }
  return [...kept, text.slice(from)].join("…");
}
