import type { FoundCall } from "../calls/finder";
import { ancestors } from "../calls/syntax";

/** Names that say nothing of what a call is for. */
const empty =
  /^(main|run|init|new|constructor|call|handler|handle|execute|invoke|inner|wrapper|fn|func|test|index|app|route|page|server|GET|POST|PUT|PATCH|DELETE)$/i;

/** The name of the function around the call, else of the class, else of the file, else of its folder. */
export function suggestFeature({ node, place }: FoundCall): string {
  for (const at of ancestors(node)) {
    const name = plain(place.rules.definedName(at) ?? "");
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
