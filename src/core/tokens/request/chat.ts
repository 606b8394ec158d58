import { type Json, type JsonObject, listAt, objectAt, stringAt } from "../../json";
import { readContent } from "./content";
import { addResponseFormat } from "./responseFormat";
import type { Tally } from "./tally";
import { type ToolCall, addFunctionTools, callTokens, noteForcedTool, readFunctionTools, resultTokens } from "./tools";

/** Tokens around every message: its start, its role, its end. */
const MESSAGE = 4;
/** Tokens that begin the answer, on models that do not reason; one less on those that do. */
export const answerStart = (reasoning: boolean): number => (reasoning ? 2 : 3);

/** Tokens that name an answer's channel. */
export const answerChannel = (channels: boolean): number => (channels ? 2 : 0);

/**
 * Counts a chat completion's prompt: `3 + Σ (4 + tokens(content) + name)`, and what tools, calls, images and
 * formats add. Checked against the usage that OpenAI answered to real requests.
 */
export function countChat(body: JsonObject, model: string, tally: Tally): void {
  const messages = listAt(body, "messages");
  const tools = readFunctionTools(body, tally);
  const systemFirst = isSystem(messages[0]);
  const calls = new Map<string, { name: string; parallel: boolean }>();

  messages.forEach((message, index) => {
    const role = stringAt(message, "role") ?? "user";
    const content = readContent(isObjectMessage(message)?.content, model, tally);
    // Tools follow the first system message, which then ends in a line break.
    const mergedWithTools = index === 0 && systemFirst && tools.length > 0 && !tally.framing.reasoning;
    let tokens = MESSAGE + tally.text(mergedWithTools ? `${content.text}\n` : content.text) + content.otherTokens;

    const name = stringAt(message, "name");
    if (name !== undefined && role !== "tool") tokens += 1 + tally.text(name);

    const made = readCalls(message);
    for (const call of made) calls.set(call.id, { name: call.name, parallel: made.length > 1 });
    tokens += callTokens(made, tally);
    if (role === "assistant" && made.length === 0 && tally.framing.channels) {
      tokens += answerChannel(true);
      tally.atLeast("answers in the history are not measured on this model in chat completions");
    }
    if (role === "tool") {
      const call = calls.get(stringAt(message, "tool_call_id") ?? "");
      tokens += resultTokens(call?.name, call?.parallel ?? false, tally);
    }
    if (role === "function" || objectAt(message, "function_call") !== undefined)
      tally.atLeast("the older function_call form is not measured");
    if (objectAt(message, "audio") !== undefined)
      tally.atLeast("what audio in the history costs is known only to the API");
    tally.add(`${index + 1}. ${role} message`, tokens);
  });

  addFunctionTools(tools, "chat", systemFirst, tally);
  addResponseFormat(objectAt(body, "response_format"), tools.length > 0, tally);
  if (typeof body["tool_choice"] === "object") noteForcedTool(body, tally);
  if (tools.length > 0 && stringAt(body, "tool_choice") === "none")
    tally.atLeast("tool_choice is none, and the tools may not be sent on");
  tally.add("overhead", answerStart(tally.framing.reasoning) + tally.framing.constant);
}

const isSystem = (message: Json | undefined): boolean =>
  ["system", "developer"].includes(stringAt(message, "role") ?? "");

const isObjectMessage = (message: Json): { content: Json | undefined } | undefined =>
  typeof message === "object" && message !== null && !Array.isArray(message)
    ? { content: message["content"] }
    : undefined;

function readCalls(message: Json): (ToolCall & { id: string })[] {
  return listAt(message, "tool_calls").flatMap((call) => {
    const made = objectAt(call, "function");
    return [
      {
        id: stringAt(call, "id") ?? "",
        name: stringAt(made, "name") ?? "",
        arguments: stringAt(made, "arguments") ?? "",
      },
    ];
  });
}
