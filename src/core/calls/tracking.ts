import type { Node } from "web-tree-sitter";
import { unwrapped } from "./chains";
import type { Evaluator } from "./evaluate";
import type { FoundCall } from "./finder";
import type { LanguageRules } from "../languages/pack";
import type { ParsedModule, Place } from "./module";
import { receiverOf, trackedReceiver } from "./tracker";

/** As what a call is tracked. */
export interface Tracking {
  /** Null where the name is no plain text. */
  feature: string | null;
  /** Whether the wrapper stands in the call itself, and not where a variable is set that the call uses. */
  isInCall: boolean;
}

/** Null where the call isn't tracked. */
export function trackingOf({ node, held, place }: FoundCall, evaluator: Evaluator): Tracking | null {
  const receiver = receiverOf(node, held, place.rules);
  if (receiver === null || !importsTracker(place.module)) return null;
  const isInCall = trackedReceiver(receiver, place.rules) !== null;
  const wrapper = isInCall ? receiver : heldBy(receiver, place, evaluator);
  return wrapper === undefined ? null : { feature: featureOf(wrapper, place.rules), isInCall };
}

/** `api = tracked(client.chat.completions, …)`, then `api.create(…)`. */
function heldBy(receiver: Node, place: Place, evaluator: Evaluator): Node | undefined {
  const { rules } = place;
  const expression = rules.lower(receiver);
  const found =
    expression.kind === "name"
      ? evaluator.lookUp(expression.name, receiver, place)
      : expression.kind === "member"
        ? evaluator.memberOfSelf(receiver.text, receiver, place)
        : undefined;
  if (found?.kind !== "bound" || found.binding.base.kind !== "effect") return undefined;
  const { operation, place: from } = found.binding.base.effect;
  if (operation.kind !== "assign" || operation.path.length > 0) return undefined;
  const value = unwrapped(operation.value, from);
  return trackedReceiver(value, from.rules) === null ? undefined : value;
}

/** The name that a wrapper gives its calls, escapes read as the language reads them; null where it is no plain text. */
function featureOf(wrapper: Node, rules: LanguageRules): string | null {
  const given = (wrapper.childForFieldName("arguments")?.namedChildren ?? []).flatMap((argument) =>
    argument?.type === "object" ? argument.namedChildren : argument,
  );
  const value = given
    .find((one) =>
      /^["']?feature["']?$/.test((one?.childForFieldName("name") ?? one?.childForFieldName("key"))?.text ?? ""),
    )
    ?.childForFieldName("value");
  if (value == null) return null;
  const text = rules.lower(value);
  return text.kind === "text" && text.parts.every((part) => typeof part === "string") ? text.parts.join("") : null;
}

const ownImports = [
  /^[ \t]*from\s+[\w.]*\bprompt_cost\s+import\s*(?:\([^()]{0,2000}?\btracked\b|[^\n]*\btracked\b)/m,
  /\bimport\s*\{[^{}]{0,2000}?\btracked\b[^{}]{0,2000}\}\s*from\s*["'][^"']{0,1000}?\bpromptCost(?:\.\w+)?["']/,
  /\{[^{}]{0,2000}?\btracked\b[^{}]{0,2000}\}\s*=\s*require\(\s*["'][^"']{0,1000}?\bpromptCost(?:\.\w+)?["']/,
];
const known = new WeakMap<ParsedModule, boolean>();

/** Whether `tracked` is the wrapper's in this module: somebody else's may have that name too. */
export function importsTracker(module: ParsedModule): boolean {
  let imports = known.get(module);
  if (imports === undefined)
    known.set(
      module,
      (imports = module.sections.some(({ root }) => ownImports.some((pattern) => pattern.test(root.text)))),
    );
  return imports;
}
