import { type Json, type JsonObject, listAt, objectAt, property, stringAt } from "../../json";
import { type Content, readContent } from "./content";
import type { FunctionTool } from "./functionTools";
import { isAscii } from "./jsonText";
import { readResponseFormat } from "./responseFormat";
import { ANSWER_CHANNEL, MESSAGE, answerStart } from "./framing";
import type { Tally } from "./tally";
import { addFunctionTools, readFunctionTools } from "./tools";
import { addToolChoice } from "./toolChoice";
import { type ToolCall, parallelCalls, parallelResults, qualified, singleCall } from "./toolCalls";

/** A message of a chat, read. */
interface Message {
  role: string;
  content: Content;
  calls: ToolCall[];
  json: Json;
}

interface Chat {
  messages: Message[];
  tools: FunctionTool[];
  /** The text of the system message that comes first; undefined where none does. */
  system: string | undefined;
}

/**
 * Counts a chat completion's prompt: `3 + Σ (4 + tokens(content) + name)`, and what tools, calls, images and
 * formats add. Checked against the usage that OpenAI answered to real requests.
 */
export function countChat(body: JsonObject, model: string, tally: Tally): void {
  const messages = listAt(body, "messages").map((json): Message => ({
    role: stringAt(json, "role") ?? "user",
    content: readContent(property(json, "content"), model, tally),
    calls: readCalls(json),
    json,
  }));
  const [first] = messages;
  const system = first !== undefined && ["system", "developer"].includes(first.role) ? first.content.text : undefined;
  const chat: Chat = { messages, tools: readFunctionTools(body, "chat", tally), system };
  addMessages(chat, tally);
  addFunctionTools(chat.tools, "chat", system !== undefined, tally);
  if (chat.tools.length > 0 && system !== undefined) addMergeWithTools(system, tally);
  addToolChoice(body, chat.tools, "chat", tally);
  addFormat(body, chat, tally);
  const prediction = property(body, "prediction");
  if (prediction !== undefined && prediction !== null) tally.estimated("what `prediction` adds is not measured");
  tally.add("overhead", answerStart(tally.framing.reasoning) + tally.framing.constant);
}

function addMessages({ messages, tools, system }: Chat, tally: Tally): void {
  const names = new Map<string, string>();
  const wrapped = new Set<string>();
  messages.forEach((message, index) => {
    const label = `${index + 1}. ${message.role} message`;
    const { role, content, calls, json } = message;
    noteUnmeasured(json, tally);
    const [only] = calls;
    let tokens = MESSAGE + content.otherTokens;
    // Tools follow the first system message, which then ends in a line break.
    const endsInLineBreak = index === 0 && system !== undefined && tools.length > 0 && !tally.framing.reasoning;
    tokens += tally.text(endsInLineBreak ? `${content.text}\n` : content.text);
    const name = stringAt(json, "name");
    if (name !== undefined && name !== "" && role !== "tool") tokens += tally.text(name) + (name === role ? 0 : 1);
    if (content.text === "") tokens += tally.text(stringAt(json, "refusal") ?? "");
    if (role === "assistant" && only === undefined && tally.framing.channels) tokens += ANSWER_CHANNEL;

    if (calls.length > 0 && (tally.framing.family === "oSeries" || !tally.framing.toolsMeasured))
      tally.estimated("tool calls in the history are not measured on this model in chat completions");
    if (calls.length === 1 && only !== undefined) {
      names.set(only.id, only.name);
      tokens += singleCall(only, tally);
    } else if (calls.length > 1) {
      tokens += parallelCalls(calls, tally);
      if (tally.framing.family === "classic" || tally.framing.family === "gpt5")
        tokens += addResultsOfParallel(calls, messages, wrapped, tally);
    }
    if (role === "tool") {
      const id = stringAt(json, "tool_call_id") ?? "";
      if (wrapped.has(id)) return;
      const called = names.get(id);
      if (called !== undefined) tokens += tally.text(qualified(called));
      else tally.estimated("how a tool's result without its call is framed is not measured");
    }
    tally.add(label, tokens);
  });
}

/** All results of parallel calls are one message, counted with the calls. */
function addResultsOfParallel(
  calls: readonly ToolCall[],
  messages: readonly Message[],
  wrapped: Set<string>,
  tally: Tally,
): number {
  const made = new Set(calls.map(({ id }) => id));
  const results = messages.filter(
    ({ role, json }) => role === "tool" && made.has(stringAt(json, "tool_call_id") ?? ""),
  );
  for (const id of made) wrapped.add(id);
  const texts = results.map(({ content }) => content.text);
  if (!texts.every(isAscii)) tally.estimated("results of parallel calls beyond ASCII are not measured");
  return parallelResults(texts, tally) + results.reduce((sum, { content }) => sum + content.otherTokens, 0);
}

function noteUnmeasured(message: Json, tally: Tally): void {
  if (stringAt(message, "role") === "function" || objectAt(message, "function_call") !== undefined)
    tally.estimated("the older `function_call` form is not measured");
  if (stringAt(message, "reasoning_content") !== undefined)
    tally.estimated("whether the API reads `reasoning_content` is not measured");
  if (objectAt(message, "audio") !== undefined)
    tally.atLeast("what audio in the history costs is known only to the API");
}

/** On models that reason, the first system message and the tools are one text, with an empty line between. */
function addMergeWithTools(system: string, tally: Tally): void {
  if (!tally.framing.reasoning) return;
  if (system !== system.trimEnd()) tally.estimated("white space before the tools is not measured on this model");
  const saved = tally.text(`${system}\n\n`) - tally.text(system) - tally.text("\n\n");
  if (saved !== 0)
    tally.addBecause(
      "system message and tools as one text",
      saved,
      "the tools follow in the same text as the system message",
    );
}

function addFormat(body: JsonObject, { messages, tools, system }: Chat, tally: Tally): void {
  const format = readResponseFormat(objectAt(body, "response_format"));
  if (format === undefined) return;
  if (!format.measured) tally.estimated("schemas beyond ASCII are not measured");
  const { reasoning } = tally.framing;
  if (messages.filter(({ role }) => role === "system" || role === "developer").length > 1)
    tally.estimated("a format beside several system messages is not measured");
  const answers = messages.filter(({ role, calls }) => role === "assistant" && calls.length === 0).length;
  const hasCalls = messages.some(({ calls }) => calls.length > 0);
  const label = "response format";
  if (tools.length > 0) {
    if (answers > 0) tally.estimated("a format beside tools and answers in the history is not measured");
    tally.add(label, tally.text(format.text) + 1);
    return;
  }
  if (hasCalls || (reasoning && answers > 0)) tally.estimated("a format beside such a history is not measured");
  if (reasoning) tally.add(label, tally.text(format.text) + (system === undefined ? 4 : 3));
  else if (system === undefined) tally.add(label, tally.text(format.text) + 6 + tally.text(format.name));
  // Without tools, the first system message and the format are one text.
  else {
    const together = tally.text(`${system}\n\n${format.text}`) - tally.text(system);
    tally.add(label, together + 2 + tally.text(format.name));
  }
  const perAnswer = reasoning ? 4 : 3;
  if (answers > 0)
    tally.addBecause(label, perAnswer * answers, `each answer in the history has ${perAnswer} more beside a format`);
}

function readCalls(message: Json): ToolCall[] {
  return listAt(message, "tool_calls").map((call) => {
    const made = objectAt(call, "function");
    return {
      id: stringAt(call, "id") ?? "",
      name: stringAt(made, "name") ?? "",
      arguments: stringAt(made, "arguments") ?? "",
    };
  });
}
