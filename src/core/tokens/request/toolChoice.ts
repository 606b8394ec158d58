import { type JsonObject, objectAt, property, stringAt } from "../../json";
import { named } from "../confidence";
import type { FunctionTool, ToolApi } from "./functionTools";
import type { Tally } from "./tally";

/** The function that `tool_choice` (or the older `function_call`) names; undefined where it names none. */
export function forcedFunction(body: JsonObject): string | undefined {
  const choice = objectAt(body, "tool_choice");
  if (choice !== undefined) {
    if ((stringAt(choice, "type") ?? "function") !== "function") return undefined;
    return stringAt(objectAt(choice, "function") ?? choice, "name");
  }
  return stringAt(objectAt(body, "function_call"), "name");
}

/** Adds what a choice of tools costs: on models that don't reason, a forced function stands in the prompt. */
export function addToolChoice(body: JsonObject, tools: readonly FunctionTool[], api: ToolApi, tally: Tally): void {
  if (tools.length === 0) return;
  const choice = property(body, "tool_choice");
  const forced = forcedFunction(body);
  if (objectAt(body, "tool_choice") !== undefined && forced === undefined)
    tally.estimated("what this `tool_choice` adds is not measured");
  if (tally.framing.reasoning) return;
  const [only] = tools;
  if (forced !== undefined) addForced(forced, `\`tool_choice\` names ${named(forced)}`, tally);
  else if (choice === "required" && api === "responses" && tools.length === 1 && only !== undefined)
    addForced(only.name, `\`tool_choice\` requires the only tool, ${named(only.name)}`, tally);
  else if (choice === "none") tally.addBecause("tool choice", 1, "`tool_choice` is `none`; the tools are sent on");
}

const addForced = (name: string, reason: string, tally: Tally): void =>
  tally.addBecause("tool choice", 6 + tally.text(`functions.${name}`), reason);
