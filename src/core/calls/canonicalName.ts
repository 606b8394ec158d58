import type { Node } from "web-tree-sitter";
import type { Place } from "./module";
import type { Variables } from "./variables";

/** Longer chains of members name no function of a standard library. */
const LONGEST = 12;

/** The dotted name of a function or variable after imports: `from pathlib import Path as P` makes `P` `pathlib.Path`. */
export function canonicalName(node: Node, place: Place, variables: Variables, depth = 0): string | undefined {
  if (depth > LONGEST) return undefined;
  const { rules } = place;
  const given = rules.nameOf(node);
  if (given !== undefined) return given;
  const expression = rules.lower(node);
  const of = (inner: Node): string | undefined => canonicalName(inner, place, variables, depth + 1);
  switch (expression.kind) {
    case "same":
      return of(expression.inner);
    case "member": {
      const object = of(expression.object);
      return object === undefined ? undefined : `${object}.${expression.name}`;
    }
    case "index": {
      const object = of(expression.object);
      return object === undefined ? undefined : `${object}.[]`;
    }
    case "name":
      return expression.name === "this" ? "this" : nameOf(expression.name, node, place, variables);
    default:
      return undefined;
  }
}

function nameOf(name: string, node: Node, place: Place, variables: Variables): string | undefined {
  const found = variables.lookUp(name, node, place);
  if (found.kind === "unbound") return name;
  if (found.kind !== "bound" || found.binding.base.kind !== "effect") return undefined;
  const { operation, place: from } = found.binding.base.effect;
  if (operation.kind === "import") return importedName(operation.module, operation.name);
  if (operation.kind !== "assign") return undefined;
  const required = from.rules.requiredModule(operation.value);
  return required === undefined
    ? undefined
    : importedName(required, operation.path.length === 0 ? null : operation.path.join("."));
}

function importedName(module: string, name: string | null): string {
  const bare = module.replace(/^node:/, "");
  return name === null || name === "default" ? bare : `${bare}.${name}`;
}
