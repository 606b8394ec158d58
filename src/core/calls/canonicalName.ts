import type { Node } from "web-tree-sitter";
import type { Place } from "./module";
import { field } from "./syntax";
import type { Variables } from "./variables";

/** Longer chains of members name no function of a standard library. */
const LONGEST = 12;

/** The dotted name of a function or variable after imports: `from pathlib import Path as P` makes `P` `pathlib.Path`. */
export function canonicalName(node: Node, place: Place, variables: Variables, depth = 0): string | undefined {
  if (depth > LONGEST) return undefined;
  const { rules } = place.module.language.language;
  if (node.type === "meta_property") return "import.meta";
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
  const { operation } = found.binding.base.effect;
  if (operation.kind === "import") return importedName(operation.module, operation.name);
  if (operation.kind !== "assign") return undefined;
  const required = requiredModule(operation.value);
  return required === undefined
    ? undefined
    : importedName(required, operation.path.length === 0 ? null : operation.path.join("."));
}

function importedName(module: string, name: string | null): string {
  const bare = module.replace(/^node:/, "");
  return name === null || name === "default" ? bare : `${bare}.${name}`;
}

/** The module of `require("fs")`. */
export function requiredModule(value: Node): string | undefined {
  const callee = value.type === "call_expression" ? field(value, "function") : null;
  const argument = callee?.text === "require" ? field(value, "arguments")?.namedChild(0) : null;
  return argument?.type === "string" ? argument.text.slice(1, -1) : undefined;
}
