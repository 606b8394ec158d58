import type { FoundCall } from "./finder";
import { ancestors } from "./syntax";

/**
 * Identifies a call while its file is edited: the definitions around it, the API, and which of the calls there it is,
 * such as `Support.answer/chat.completions.create/0`. While the file is open, edits around the call don't change it.
 */
export type CallId = string;

/** The identities of a file's calls, in the order of the calls. */
export function callIds(calls: readonly FoundCall[]): CallId[] {
  const ordinals = new Map<string, number>();
  return calls.map((call) => {
    const place = `${definitionPath(call)}/${call.name}`;
    const ordinal = ordinals.get(place) ?? 0;
    ordinals.set(place, ordinal + 1);
    return `${place}/${ordinal}`;
  });
}

/** What calls in the same definition to the same API share. */
export const placeOfCall = (id: CallId): string => id.slice(0, id.lastIndexOf("/"));

/** The identity of the call behind, in the same definition and to the same API. */
export const nextCallId = (id: CallId): CallId => `${placeOfCall(id)}/${Number(id.slice(id.lastIndexOf("/") + 1)) + 1}`;

/** The names of the functions and classes around a call, the outermost first; one without a name is empty. */
function definitionPath({ node, place }: FoundCall): string {
  const { rules } = place;
  const names: string[] = [];
  for (const around of ancestors(node)) {
    if (!rules.isFunction(around) && !rules.isClass(around)) continue;
    // `const ask = async () => …` and `{ ask: () => … }` name the function from outside.
    const named = around.childForFieldName("name") ?? nameOf(around.parent);
    names.unshift(named?.text ?? "");
  }
  return names.join(".");
}

const nameOf = (parent: FoundCall["node"] | null): FoundCall["node"] | null =>
  parent?.childForFieldName("name") ?? parent?.childForFieldName("key") ?? null;
