import type { FoundCall } from "../calls/finder";
import { ancestors } from "../calls/syntax";

const named =
  /^(function_definition|function_declaration|generator_function_declaration|method_definition|class_definition|class_declaration|variable_declarator)$/;
/** Names that say nothing of what a call is for. */
const empty =
  /^(main|run|init|new|constructor|call|handler|handle|execute|invoke|inner|wrapper|fn|func|test|index|app|route|page|server|GET|POST|PUT|PATCH|DELETE)$/i;

/** The name of the function around the call, else of the class, else of the file, else of its folder. */
export function suggestFeature({ node, place }: FoundCall): string {
  for (const at of ancestors(node)) {
    if (!named.test(at.type)) continue;
    if (
      at.type === "variable_declarator" &&
      !/^(arrow_function|function_expression)$/.test(at.childForFieldName("value")?.type ?? "")
    )
      continue;
    const name = plain(at.childForFieldName("name")?.text ?? "");
    if (isTelling(name)) return name;
  }
  const names = (place.module.file ?? "")
    .split(/[\\/]/)
    .filter((step) => step !== "")
    .reverse()
    .slice(0, 3)
    .map((step) => plain(step.replace(/\.\w+$/, "")));
  return names.find(isTelling) ?? "feature";
}

const plain = (name: string): string => name.replace(/^[_#]+|_+$/g, "");
const isTelling = (name: string): boolean => /^[\w-]+$/.test(name) && !empty.test(name) && !/^\d/.test(name);
