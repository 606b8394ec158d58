import { basicPlaneJson, compactJson, spacedJson } from "./jsonText";
import type { Tally } from "./tally";

/** A function call as it stands in the history. */
export interface ToolCall {
  id: string;
  name: string;
  /** JSON, as the request has it. */
  arguments: string;
}

/** A function's name as results and older calls carry it. */
export const qualified = (name: string): string => `functions.${name}`;

/** A name in a call of chat completions, and of classic models in the Responses API. */
export const calledName = (name: string, tally: Tally): number => 1 + tally.text(name);

/** Tokens that one call adds to the assistant's message which makes it, in chat completions. */
export const singleCall = (call: ToolCall, tally: Tally): number =>
  calledName(call.name, tally) +
  tally.text(compactJson(call.arguments) ?? call.arguments) +
  (tally.framing.reasoning ? 9 : 3);

/** Tokens that several calls in one message add: they go through a wrapper, `multi_tool_use.parallel`. */
export function parallelCalls(calls: readonly ToolCall[], tally: Tally): number {
  const uses = calls.map(
    (call) => `{"recipient_name":"${qualified(call.name)}","parameters":${parametersOf(call.arguments)}}`,
  );
  return tally.text(`{"tool_uses":[${uses.join(",")}]}`) + 12;
}

const parametersOf = (json: string): string => compactJson(json) ?? JSON.stringify(json);

/** Tokens of the one message that holds all results of parallel calls. */
export function parallelResults(results: readonly string[], tally: Tally): number {
  const list = results.map((result) => spacedJson(result) ?? basicPlaneJson(JSON.stringify(result)));
  return tally.text(`[${list.join(", ")}]`) + (tally.framing.reasoning ? 10 : 4);
}
