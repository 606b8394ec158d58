import type { Node } from "web-tree-sitter";
import type { Construction, Definition } from "./definitions";
import type { Argument } from "./expression";
import type { LanguageRules } from "../languages/pack";
import { functionAround, leavesOf } from "./names";
import { setsAnyField } from "./outside";
import type { Lookup } from "./binding";

/** A field's value: the argument that gives it; null where the arguments have no part in it; "unclear" where only running tells. */
type Given = Node | "unclear" | null;

/**
 * What an instance's field holds because of what its constructor was given. Null: what the class itself says holds.
 * @param found how the class itself binds the field
 */
export function givenToField(
  name: string,
  found: Lookup,
  { node, place }: Definition,
  { arguments: given }: Construction,
): Given {
  if (given.length === 0) return null;
  const { rules } = place;
  const constructor = rules
    .methods(node)
    .find((method) => rules.isConstructor(method) && method.childForFieldName("name")?.text !== "__post_init__");
  if (constructor !== undefined) return givenToConstructor(name, found, given, constructor, setsAnyField(node), rules);
  // A script's fields are set after an inherited constructor has run.
  return place.module.pack.takesFieldsByName ? givenByName(name, node, given, rules) : null;
}

/** The constructor is made from the class's fields, or inherited: an argument of the field's name is its value. */
function givenByName(name: string, node: Node, given: readonly Argument[], rules: LanguageRules): Given {
  const named = given.find((argument) => argument.name === name);
  if (named !== undefined) return named.value;
  const unnamed = given.filter((argument) => argument.name === null);
  if (unnamed.length === 0) return null;
  const order = rules.generatedConstructor(node)?.order ?? null;
  if (order === null) return "unclear";
  if (!order.includes(name)) return null;
  return unnamed.some(({ spread }) => spread !== null) ? "unclear" : (unnamed[order.indexOf(name)]?.value ?? null);
}

/** A constructor that is written out: a field that is set to a parameter has the argument's value. */
function givenToConstructor(
  name: string,
  found: Lookup,
  given: readonly Argument[],
  constructor: Node,
  isAnyField: boolean,
  rules: LanguageRules,
): Given {
  if (found.kind !== "bound") return "unclear";
  const { base, changes } = found.binding;
  const parameters = rules.parameters(constructor).filter((parameter) => !rules.isSelf(parameter.name));
  let source = name;
  if (base.kind === "effect") {
    const { operation, node } = base.effect;
    if (functionAround(node, rules)?.id !== constructor.id)
      return isAnyField ? givenByName(name, constructor, given, rules) : null;
    if (operation.kind !== "assign") return "unclear";
    if (!parameters.some((parameter) => leavesOf(operation.value, parameter.name).length > 0)) return null;
    const value = rules.lower(operation.value);
    if (value.kind !== "name" || operation.path.length > 0 || changes.length > 0) return "unclear";
    source = value.name;
  }
  const named = given.find((argument) => argument.name === source);
  if (named !== undefined) return named.value;
  const index = parameters.findIndex((parameter) => parameter.name === source);
  const upTo = given.filter((argument) => argument.name === null).slice(0, index + 1);
  const isPlain = parameters.slice(0, index + 1).every(({ isWhole }) => isWhole);
  if (index < 0 || given.some(({ spread }) => spread !== null) || !isPlain) return "unclear";
  return upTo[index]?.value ?? null;
}
