import type { Node } from "web-tree-sitter";
import type { Argument } from "./expression";
import { type Place, placeIn } from "./module";
import type { Modules } from "./modules";
import type { Lookup } from "./binding";
import type { Variables } from "./variables";

/** A class or enum of the workspace. */
export interface Definition {
  node: Node;
  place: Place;
  /** The call that made the instance which is meant: `Settings().model`; null where the class itself is. */
  made: Construction | null;
}

/** An instance's making, with what its constructor is given. */
export interface Construction {
  arguments: readonly Argument[];
  place: Place;
}

/** How many variables and imports are followed to a definition. */
const MOST_HOPS = 12;

/** The class or enum that an expression names, or is an instance of. */
export function definitionOf(
  node: Node,
  place: Place,
  variables: Variables,
  modules: Modules,
  hops = 0,
): Definition | undefined {
  if (hops > MOST_HOPS) return undefined;
  const { rules } = place;
  const expression = rules.lower(node);
  if (expression.kind === "same") return definitionOf(expression.inner, place, variables, modules, hops + 1);
  if (expression.kind === "call") {
    const made = definitionOf(expression.callee, place, variables, modules, hops + 1);
    return made?.made === null ? { ...made, made: { arguments: expression.arguments, place } } : undefined;
  }
  return expression.kind === "name"
    ? boundTo(variables.lookUp(expression.name, node, place), variables, modules, hops)
    : undefined;
}

function boundTo(found: Lookup, variables: Variables, modules: Modules, hops: number): Definition | undefined {
  if (found.kind !== "bound" || found.binding.base.kind !== "effect") return undefined;
  const { operation, place } = found.binding.base.effect;
  const { rules } = place;
  switch (operation.kind) {
    case "define": {
      const { definition } = operation;
      return rules.isClass(definition) || rules.isEnum(definition)
        ? { node: definition, place, made: null }
        : undefined;
    }
    case "assign":
      return operation.path.length === 0
        ? definitionOf(operation.value, place, variables, modules, hops + 1)
        : undefined;
    case "import": {
      const target =
        operation.name === null || hops > MOST_HOPS
          ? undefined
          : modules.resolve(operation.module, place.module, variables.budget);
      const section = target?.kind === "module" ? target.module.sections[0] : undefined;
      if (target?.kind !== "module" || section === undefined || operation.name === null) return undefined;
      return boundTo(variables.inModule(operation.name, placeIn(target.module, section)), variables, modules, hops + 1);
    }
    default:
      return undefined;
  }
}
