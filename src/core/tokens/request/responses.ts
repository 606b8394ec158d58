import { type Json, type JsonObject, listAt, objectAt, property, stringAt } from "../../json";
import { named } from "../confidence";
import { MESSAGE, answerStart } from "./framing";
import type { FunctionTool } from "./functionTools";
import { readResponseFormat } from "./responseFormat";
import { addItems } from "./responseItems";
import type { Tally } from "./tally";
import { addFunctionTools, readFunctionTools } from "./tools";
import { addToolChoice, forcedFunction } from "./toolChoice";

/** Counts a Responses request: instructions and input items are framed like chat messages. */
export function countResponses(body: JsonObject, model: string, tally: Tally): void {
  const instructions = stringAt(body, "instructions");
  if (instructions !== undefined && instructions !== "") tally.add("instructions", MESSAGE + tally.text(instructions));

  const input = property(body, "input");
  const items: Json[] = typeof input === "string" ? [{ role: "user", content: input }] : listAt(body, "input");
  const tools = readFunctionTools(body, "responses", tally);
  addItems(items, tools.length > 0, model, tally);
  addFunctionTools(tools, "responses", false, tally);
  addToolChoice(body, tools, "responses", tally);
  noteParallelCalls(body, tools, tally);

  const format = readResponseFormat(objectAt(objectAt(body, "text"), "format"));
  if (format !== undefined) {
    if (!format.measured) tally.estimated("schemas beyond ASCII are not measured");
    tally.add("response format", tally.text(format.text) + (tally.framing.reasoning ? 0 : 1));
  }
  noteHiddenHistory(body, tally);
  const { reasoning, constant, responsesConstant } = tally.framing;
  tally.add("overhead", answerStart(reasoning) + constant + responsesConstant);
}

/** To answers that call two functions at once, the API at times reported half of the input, on classic models. */
function noteParallelCalls(body: JsonObject, tools: readonly FunctionTool[], tally: Tally): void {
  if (tools.length === 0 || tally.framing.reasoning) return;
  const isOneCall =
    property(body, "parallel_tool_calls") === false ||
    forcedFunction(body) !== undefined ||
    property(body, "tool_choice") === "none";
  if (!isOneCall)
    tally.oneCallOnly(
      "exact if the answer makes at most one call: to parallel calls the API has reported half the input",
    );
}

function noteHiddenHistory(body: JsonObject, tally: Tally): void {
  const isSet = (value: Json | undefined): boolean => value !== undefined && value !== null;
  for (const key of ["previous_response_id", "conversation", "prompt"])
    if (isSet(property(body, key))) tally.atLeast(`${named(key)}: the API adds text that it keeps`);
  if (isSet(property(body, "context_management")))
    tally.estimated("`context_management`: the API may shorten the history");
  if (isSet(property(objectAt(body, "reasoning"), "mode")))
    tally.estimated("what `reasoning.mode` adds is not measured");
}
