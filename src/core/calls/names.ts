import type { Node } from "web-tree-sitter";
import type { LanguageRules } from "../languages/pack";
import { ancestors } from "./syntax";

/** The nodes that read exactly so, at most so many: looked for by text, then told by the tree. */
export function leavesOf(
  root: Node,
  name: string,
  isWanted: (source: string, from: number, to: number) => boolean = () => true,
  most = Infinity,
): Node[] {
  const source = root.text;
  const found: Node[] = [];
  for (let at = source.indexOf(name); at >= 0; at = source.indexOf(name, at + name.length)) {
    if (isWordCharacter(source, at - 1) || isWordCharacter(source, at + name.length)) continue;
    if (!isWanted(source, at, at + name.length)) continue;
    const leaf = root.descendantForIndex(root.startIndex + at, root.startIndex + at + name.length);
    if (leaf !== null && leaf.text === name) found.push(leaf);
    if (found.length >= most) break;
  }
  return found;
}

const isWordCharacter = (text: string, at: number): boolean => /[\w$]/.test(text.charAt(at));

/** The function around a node, or null at the module's level. */
export function functionAround(node: Node, rules: LanguageRules): Node | null {
  for (const around of ancestors(node)) if (rules.isFunction(around)) return around;
  return null;
}

export function classAround(node: Node, rules: LanguageRules): Node | null {
  for (const around of ancestors(node)) if (rules.isClass(around)) return around;
  return null;
}

/** Names that comprehensions and the like bind between a node and its function. */
export function isBoundInside(name: string, node: Node, rules: LanguageRules): boolean {
  for (const around of ancestors(node)) {
    if (rules.boundInside(around).includes(name)) return true;
    if (rules.isFunction(around)) return false;
  }
  return false;
}

/** Whether a name stands for a variable of something between its place and a scope: a function, a comprehension. */
export function isShadowed(name: string, node: Node, scope: Node | null, rules: LanguageRules): boolean {
  for (const around of ancestors(node)) {
    if (around.id === scope?.id) return false;
    if (rules.boundInside(around).includes(name)) return true;
    if (rules.isFunction(around) && (takes(around, name, rules) || rules.declares(around, name))) return true;
  }
  return false;
}

/** Whether a name is a function's parameter; most functions don't have it in front of their body. */
function takes(fn: Node, name: string, rules: LanguageRules): boolean {
  const body = fn.childForFieldName("body");
  const head = fn.text.slice(0, body === null ? undefined : body.startIndex - fn.startIndex);
  return head.includes(name) && rules.parameters(fn).some((parameter) => parameter.name.replace(/^\*+/, "") === name);
}
