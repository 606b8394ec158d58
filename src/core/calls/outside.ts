import type { Node } from "web-tree-sitter";
import type { Budget } from "./budget";
import type { Fate } from "./fate";
import type { LanguageRules } from "../languages/pack";
import { classAround } from "./names";

const UNITS_PER_PLACE = 20;

/** A field of a class, as something that a module's code may change: no name of a variable has a space. */
export const fieldKey = (className: string, field: string): string => `${className} ${field}`;

/** The class and the field of a key; undefined for a variable's name. */
export function fieldOf(key: string): { className: string; field: string } | undefined {
  const [className = "", field] = key.split(" ");
  return field === undefined ? undefined : { className, field };
}

/** Follows a class's field from where a module's code reaches it through the class or an instance: `bot.history.append(…)`. */
export function followField(
  className: string,
  field: string,
  root: Node,
  fate: Fate,
  rules: LanguageRules,
  budget: Budget,
): void {
  const source = root.text;
  if (!source.includes(`.${field}`)) return;
  const pattern = new RegExp(`(?<![\\w$.])([A-Za-z_$][\\w$]*)(?:\\?\\.|!?\\.)${literally(field)}(?![\\w$])`, "g");
  const instances = new Map([[className, true]]);
  for (const { index, 0: text, 1: owner = "" } of source.matchAll(pattern)) {
    if (rules.isSelf(owner) || !rules.mayMatter(source, index, index + text.length)) continue;
    if (!instances.has(owner)) instances.set(owner, isInstance(owner, className, source));
    if (instances.get(owner) !== true || !budget.scan(UNITS_PER_PLACE)) continue;
    const node = root.descendantForIndex(root.startIndex + index, root.startIndex + index + text.length);
    if (node?.text === text) fate.follow(node);
  }
}

/** Whether a class sets fields by names that only the running program knows, such as those that its constructor is given. */
export const setsAnyField = (classNode: Node): boolean =>
  /\bsetattr\s*\(\s*self\b|\bself\.__dict__\b|\bvars\s*\(\s*self\s*\)|\bObject\.assign\s*\(\s*this\b/.test(
    classNode.text,
  );

/** The classes that are made from a class and set its field to something else. */
export function overridingClasses(className: string, field: string, root: Node, rules: LanguageRules): Node[] {
  const source = root.text;
  const name = literally(className);
  const pattern = new RegExp(
    `\\bclass\\s+\\w+\\s*(?:\\([^()\\n]{0,200}\\b${name}\\b|(?:<[^>]{0,80}>)?\\s*extends\\s+${name}\\b)`,
    "g",
  );
  const isSet = new RegExp(`(?<![\\w$])${literally(field)}\\s*(?::[^=\\n]{0,100})?=(?!=)`);
  return [...source.matchAll(pattern)].flatMap(({ index, 0: head }) => {
    const from = root.startIndex + index;
    const node = root.descendantForIndex(from, from + head.length);
    if (node === null) return [];
    const made = rules.isClass(node) ? node : classAround(node, rules);
    return made !== null && isSet.test(made.text) ? [made] : [];
  });
}

/** Whether a name is made by calling the class, or said to be of it. */
const isInstance = (name: string, className: string, source: string): boolean =>
  new RegExp(
    `(?<![\\w$.])${literally(name)}(?:\\s*(?::\\s*[^=\\n]{1,80})?=\\s*(?:new\\s+)?|\\??\\s*:\\s*["']?)${literally(className)}(?![\\w$])`,
  ).test(source);

const literally = (text: string): string => text.replace(/[^\w]/g, "\\$&");
