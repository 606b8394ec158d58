import { type Json, type JsonObject, listAt, property, stringAt } from "../../json";
import { type FunctionTool, isMeasuredSchema, readFunctionTool, renderNamespace } from "./functions";
import type { Tally } from "./tally";

/** The function tools of a request; what other tools cost only the API knows. */
export function readFunctionTools(body: JsonObject, tally: Tally): FunctionTool[] {
  // `functions` is the older form of `tools` in chat completions.
  const wrapped = [
    ...listAt(body, "tools"),
    ...listAt(body, "functions").map((one): Json => ({ type: "function", function: one })),
  ];
  const tools: FunctionTool[] = [];
  for (const tool of wrapped) {
    const found = readFunctionTool(tool);
    if (found !== undefined) tools.push(found);
    else
      tally.atLeast(
        `what the built-in tool ${stringAt(tool, "type") ?? ""} adds is known only to the API`.replace("  ", " "),
      );
  }
  if (tools.some((tool) => !isMeasuredSchema(tool.parameters))) {
    tally.atLeast("the tools' schemas use features whose exact form in the prompt is not published");
  }
  return tools;
}

export type ToolFrame = "chat" | "responses";

/**
 * Adds the tools' part of the prompt. Constants fitted on real exchanges: on models that do not reason, the
 * namespace and a few tokens; on those that do, about 80 more in chat completions, one less for every further
 * tool and one more for every described one.
 */
export function addFunctionTools(
  tools: readonly FunctionTool[],
  frame: ToolFrame,
  systemFirst: boolean,
  tally: Tally,
): void {
  if (tools.length === 0) return;
  const { reasoning, channels } = tally.framing;
  if (reasoning && !channels) tally.atLeast("tools are not measured on this model");
  const described = tools.filter((tool) => tool.description !== "").length;
  const constant = reasoning
    ? (frame === "chat" ? 91 : 9) - tools.length + described
    : frame === "chat"
      ? systemFirst
        ? 5
        : 9
      : 3;
  tally.add(`tools (${tools.length})`, tally.text(renderNamespace(tools)) + constant);
  if (frame === "chat" && reasoning && systemFirst)
    tally.atLeast("tools beside a system message are not measured on this model");
}

/** Forcing a function changes the prompt of older models in ways that are not published. */
export function noteForcedTool(body: JsonObject, tally: Tally): void {
  const choice = property(body, "tool_choice");
  if (choice === "required" || (typeof choice === "object" && choice !== null)) {
    if (!tally.framing.reasoning) tally.atLeast("tool_choice forces a call, which adds to the prompt of this model");
  }
}

/** A function call as it stands in the history, and the framing around it. */
export interface ToolCall {
  name: string;
  arguments: string;
}

const qualified = (name: string): string => `functions.${name}`;

/** Tokens that a call adds to the assistant's message which makes it. */
export function callTokens(calls: readonly ToolCall[], tally: Tally): number {
  const [only] = calls;
  if (only === undefined) return 0;
  if (calls.length === 1)
    return tally.text(qualified(only.name)) + tally.text(only.arguments) + (tally.framing.reasoning ? 9 : 3);
  if (calls.length > 2 || tally.framing.reasoning)
    tally.atLeast("several tool calls in one message are measured only for two, on models that do not reason");
  const uses = calls.map(
    (call) => `{"recipient_name":"${qualified(call.name)}","parameters":${compact(call.arguments)}}`,
  );
  // Two calls at once go through a wrapper, `multi_tool_use.parallel`; 12 covers its name and that of the results.
  return tally.text(`{"tool_uses":[${uses.join(",")}]}`) + 12;
}

/** Tokens that a result adds to its message; results of parallel calls carry no name of their own. */
export function resultTokens(name: string | undefined, parallel: boolean, tally: Tally): number {
  if (parallel) return 0;
  if (name === undefined) {
    tally.atLeast("a tool's result without its call");
    return 0;
  }
  return tally.text(qualified(name));
}

function compact(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}
