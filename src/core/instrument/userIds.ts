import type { Node } from "web-tree-sitter";
import type { Evaluator } from "../calls/evaluate";
import type { FoundCall } from "../calls/finder";
import type { LanguageRules } from "../languages/pack";
import { ancestors } from "../calls/syntax";

/** Names that hold a user's id, and names that hold a user. */
const idName = /^(?:(?:current_?)?(?:user|customer|account|member|tenant)_?id|uid|user_?key)$/i;
const userName = /^(?:current_?)?(?:user|customer)$/i;
const candidate =
  /\b(?:\w+[.]\s*)*(?:(?:current_?)?(?:user|customer|account|member|tenant)(?:_?id|_?key)?|uid)(?:\s*[.]\s*(?:id|user_?id|uid))?\b/gi;

/** Most expressions that are offered. */
const MOST = 6;

/** Expressions that look like the user's id and have a value at the call, as they are written; the plainest first. */
export function userIdsNear(call: FoundCall, evaluator: Evaluator): string[] {
  const { node, place } = call;
  const { rules } = place;
  const scope = outermostFunction(node, rules) ?? place.section.root;
  const found = new Set<string>();
  for (const { index, 0: word } of scope.text.matchAll(candidate)) {
    const expression = expressionAt(scope, index, word.length);
    if (expression === null || !looksLikeUser(expression.text) || !hasValue(expression, call, evaluator)) continue;
    found.add(expression.text);
  }
  for (const owner of ["self", "this"].filter((name) => rules.isSelf(name))) {
    for (const name of ["user_id", "userId", "user"])
      if (evaluator.memberOfSelf(`${owner}.${name}`, node, place).kind === "bound") found.add(`${owner}.${name}`);
  }
  const hasMember = (name: string): boolean => [...found].some((one) => one.startsWith(`${name}.`));
  return [...found]
    .filter((text) => !hasMember(text))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST);
}

function looksLikeUser(text: string): boolean {
  if (!/^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*$/.test(text)) return false;
  const steps = text.split(".");
  const [last = "", before = ""] = [...steps].reverse();
  return idName.test(last) || (steps.length > 1 && last === "id" && userName.test(before)) || userName.test(last);
}

const rank = (text: string): number =>
  idName.test(text) ? 0 : idName.test(text.split(".").at(-1) ?? "") || text.endsWith(".id") ? 1 : 2;

function outermostFunction(node: Node, rules: LanguageRules): Node | null {
  return [...ancestors(node)].filter((around) => rules.isFunction(around)).at(-1) ?? null;
}

/** The whole expression of names and members that begins there; null in strings, comments, keys and annotations. */
function expressionAt(scope: Node, index: number, length: number): Node | null {
  const node = scope.descendantForIndex(scope.startIndex + index, scope.startIndex + index + length);
  if (node === null) return null;
  if (/^(?:identifier|shorthand_property_identifier_pattern|shorthand_property_identifier)$/.test(node.type))
    return isKey(node) ? null : node;
  return /^(?:attribute|member_expression)$/.test(node.type) ? node : null;
}

function isKey(node: Node): boolean {
  const parent = node.parent;
  return parent?.type === "keyword_argument" && parent.childForFieldName("name")?.id === node.id;
}

/** Whether an expression's root certainly has a value where the call stands. */
function hasValue(expression: Node, { node, place }: FoundCall, evaluator: Evaluator): boolean {
  const { rules } = place;
  const root = expression.text.split(".")[0] ?? "";
  const isMember = expression.text.includes(".");
  // A member is only known to be there where code before the call, that runs with it, reads it.
  const owner = [...ancestors(expression)].find((around) => rules.isFunction(around));
  const around = new Set([...ancestors(node)].map(({ id }) => id));
  if (isMember && (expression.startIndex > node.endIndex || (owner !== undefined && !around.has(owner.id))))
    return false;
  if (rules.isSelf(root)) return true;
  return evaluator.lookUp(root, node, place).kind === "bound";
}
