import { type Json, type JsonObject, listAt, objectAt, property, stringAt } from "../../json";
import { answerChannel, answerStart } from "./chat";
import { readContent } from "./content";
import { addResponseFormat } from "./responseFormat";
import type { Tally } from "./tally";
import { addFunctionTools, callTokens, noteForcedTool, readFunctionTools, resultTokens } from "./tools";

const MESSAGE = 4;

/** Counts a Responses request: instructions and input items are framed like chat messages. */
export function countResponses(body: JsonObject, model: string, tally: Tally): void {
  const instructions = stringAt(body, "instructions");
  if (instructions !== undefined && instructions !== "") tally.add("instructions", MESSAGE + tally.text(instructions));

  const input = property(body, "input");
  const items: Json[] = typeof input === "string" ? [{ role: "user", content: input }] : listAt(body, "input");
  countItems(items, model, tally);

  const tools = readFunctionTools(body, tally);
  addFunctionTools(tools, "responses", false, tally);
  if (tools.length > 0) noteForcedTool(body, tally);
  addResponseFormat(objectAt(objectAt(body, "text"), "format"), tools.length > 0, tally);

  for (const key of ["previous_response_id", "conversation", "prompt", "context_management"]) {
    if (property(body, key) !== undefined && property(body, key) !== null)
      tally.atLeast(`${key}: the API completes or shortens the history itself`);
  }
  tally.add("overhead", answerStart(tally.framing.reasoning) + tally.framing.constant);
}

function countItems(items: readonly Json[], model: string, tally: Tally): void {
  const names = new Map<string, string>();
  items.forEach((item, index) => {
    const label = (what: string): string => `${index + 1}. ${what}`;
    const type = stringAt(item, "type") ?? "message";
    if (type === "message") {
      const content = readContent(property(item, "content"), model, tally);
      const role = stringAt(item, "role") ?? "user";
      const channel = role === "assistant" ? answerChannel(tally.framing.channels) : 0;
      tally.add(label(`${role} message`), MESSAGE + channel + tally.text(content.text) + content.otherTokens);
    } else if (type === "function_call") {
      const name = stringAt(item, "name") ?? "";
      names.set(stringAt(item, "call_id") ?? "", name);
      if (stringAt(items[index - 1], "type") === "function_call")
        tally.atLeast("several tool calls in one turn are not measured in this API");
      if (tally.framing.reasoning) tally.atLeast("the framing of function calls is not measured on this model");
      // Two tokens less than in chat completions, on models that do not reason.
      const less = tally.framing.reasoning ? 0 : 2;
      tally.add(
        label("function call"),
        MESSAGE - less + callTokens([{ name, arguments: stringAt(item, "arguments") ?? "" }], tally),
      );
    } else if (type === "function_call_output") {
      const output = readContent(property(item, "output"), model, tally);
      const name = names.get(stringAt(item, "call_id") ?? "");
      tally.add(
        label("function result"),
        MESSAGE + resultTokens(name, false, tally) + tally.text(output.text) + output.otherTokens,
      );
    } else {
      tally.atLeast(`what an item of type ${type} costs is known only to the API`);
    }
  });
}
