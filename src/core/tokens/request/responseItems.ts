import { type Json, listAt, property, stringAt } from "../../json";
import { named } from "../confidence";
import { readContent } from "./content";
import { ANSWER_CHANNEL, MESSAGE } from "./framing";
import { renderNamespace } from "./functionTools";
import type { Tally } from "./tally";
import { type ToolCall, calledName, qualified } from "./toolCalls";
import { readFunctionTools } from "./tools";

/** Adds the input items of a Responses request: messages, function calls and their results. */
export function addItems(items: readonly Json[], hasTools: boolean, model: string, tally: Tally): void {
  const names = new Map<string, string>();
  const additional = new Set<string>();
  items.forEach((item, index) => {
    const label = (what: string): string => `${index + 1}. ${what}`;
    const type = typeOf(item) ?? "message";
    if (type === "message") {
      const role = stringAt(item, "role") ?? "user";
      tally.add(label(`${role} message`), messageTokens(item, role, model, tally));
    } else if (type === "function_call") {
      // A run of calls is counted at its first.
      if (typeOf(items[index - 1]) === type) return;
      const run = runOfCalls(items, index);
      for (const { id, name } of run) names.set(id, name);
      tally.add(label(run.length > 1 ? `function calls (${run.length})` : "function call"), callTokens(run, tally));
      noteStoredCalls(items.slice(index, index + run.length), run, additional, tally);
    } else if (type === "function_call_output") {
      const output = readContent(property(item, "output"), model, tally);
      const name = names.get(stringAt(item, "call_id") ?? "");
      if (name === undefined) tally.estimated("how a tool's result without its call is framed is not measured");
      const called = name === undefined ? 0 : tally.text(qualified(name));
      tally.add(label("function result"), MESSAGE + called + tally.text(output.text) + output.otherTokens);
    } else if (type === "additional_tools") {
      for (const name of addAdditionalTools(item, hasTools, tally)) additional.add(name);
    } else tally.atLeast(`what an item of type ${named(type)} costs is known only to the API`);
  });
}

const typeOf = (item: Json | undefined): string | undefined => stringAt(item, "type");

function messageTokens(item: Json, role: string, model: string, tally: Tally): number {
  const content = property(item, "content");
  // An answer without content is left out.
  if (role === "assistant" && Array.isArray(content) && content.length === 0) return 0;
  const read = readContent(content, model, tally);
  const channel = role === "assistant" && tally.framing.channels ? ANSWER_CHANNEL : 0;
  return MESSAGE + channel + tally.text(read.text) + read.otherTokens;
}

function runOfCalls(items: readonly Json[], from: number): ToolCall[] {
  const end = items.findIndex((item, index) => index > from && typeOf(item) !== "function_call");
  return items.slice(from, end === -1 ? undefined : end).map((item) => ({
    id: stringAt(item, "call_id") ?? "",
    name: stringAt(item, "name") ?? "",
    arguments: stringAt(item, "arguments") ?? "",
  }));
}

/** Unlike in chat completions, arguments count as they are written. */
function callTokens(run: readonly ToolCall[], tally: Tally): number {
  const { reasoning, isLate, callsMeasured } = tally.framing;
  if (!callsMeasured) tally.estimated("function calls in the history are not measured on this model");
  const sum = (one: (call: ToolCall) => number): number =>
    run.reduce((tokens, call) => tokens + one(call) + tally.text(call.arguments), 0);
  if (isLate && run.length > 1) return 22 + sum(({ name }) => 8 + tally.text(qualified(name)));
  if (!reasoning) return sum(({ name }) => MESSAGE + 1 + calledName(name, tally));
  return sum(({ name }) => MESSAGE + (isLate ? 10 : 7) + tally.text(qualified(name)));
}

/** Calls of which the API counts something that it keeps, or that aren't measured often enough. */
function noteStoredCalls(
  items: readonly Json[],
  run: readonly ToolCall[],
  additional: ReadonlySet<string>,
  tally: Tally,
): void {
  if (items.some((item) => (stringAt(item, "id") ?? "") !== "")) {
    tally.estimated(
      "to a function call with an `id`, the API counts tokens of its own, which differ from call to call",
    );
    if (run.length === 1 && !tally.framing.reasoning)
      tally.addBecause("stored call", 3, "the best guess for a function call with an `id`", "estimated");
  }
  const late = run.filter(({ name }) => additional.has(name)).length;
  if (late > 0)
    tally.addBecause(
      "calls of additional tools",
      6 * late,
      "calls of `additional_tools` have about 6 more",
      "estimated",
    );
}

/** Tools that a request adds in the middle of the history; returns their names. */
function addAdditionalTools(item: Json, hasTools: boolean, tally: Tally): string[] {
  const tools = readFunctionTools({ tools: listAt(item, "tools") }, "responses", tally);
  const tokens = 91 + tally.text(renderNamespace(tools)) + (hasTools ? 3 : 0);
  tally.addBecause("additional tools", tokens, "`additional_tools` are measured on few requests", "estimated");
  return tools.map(({ name }) => name);
}
