import { type Json, type JsonObject, listAt, stringAt } from "../../json";
import { named } from "../confidence";
import { type FunctionTool, type ToolApi, readFunctionTool, renderNamespace } from "./functionTools";
import { isAscii } from "./jsonText";
import { isMeasuredSchema } from "./measuredSchema";
import type { Tally } from "./tally";

/** The function tools of a request; what other tools cost only the API knows. */
export function readFunctionTools(body: JsonObject, api: ToolApi, tally: Tally): FunctionTool[] {
  // `functions` is the older form of `tools` in chat completions.
  const given = [
    ...listAt(body, "tools"),
    ...listAt(body, "functions").map((one): Json => ({ type: "function", function: one })),
  ];
  const tools: FunctionTool[] = [];
  for (const tool of given) {
    const found = readFunctionTool(tool, api);
    if (found !== undefined) tools.push(found);
    else if (stringAt(tool, "type") === "custom") tally.estimated("how custom tools are framed is not measured");
    else {
      const type = stringAt(tool, "type");
      const what =
        type === undefined || type === "function" ? "a tool of unknown form" : `the built-in tool ${named(type)}`;
      tally.atLeast(`what ${what} adds is known only to the API`);
    }
  }
  if (tools.some(({ parameters }) => parameters !== undefined && !isMeasuredSchema(parameters)))
    tally.estimated("the tools' schemas use features that are not measured");
  if (tools.some(({ description }) => !isAscii(description)))
    tally.estimated("tool descriptions beyond ASCII are not measured");
  return tools;
}

/** Adds the tools' part of the prompt: their namespace, and the tokens around it. */
export function addFunctionTools(
  tools: readonly FunctionTool[],
  api: ToolApi,
  systemFirst: boolean,
  tally: Tally,
): void {
  if (tools.length === 0) return;
  if (!tally.framing.toolsMeasured) tally.estimated("how this model frames tools is not measured");
  const constant = api === "chat" ? aroundToolsInChat(tools, systemFirst, tally) : aroundToolsInResponses(tools, tally);
  tally.add(`tools (${tools.length})`, tally.text(renderNamespace(tools)) + constant);
}

/** On gpt-5 and later, one more where the first tool has a description. */
const firstIsDescribed = (tools: readonly FunctionTool[]): number => (tools[0]?.description === "" ? 0 : 1);

function aroundToolsInChat(tools: readonly FunctionTool[], systemFirst: boolean, { framing }: Tally): number {
  switch (framing.family) {
    case "classic":
      return systemFirst ? 5 : 9;
    case "oSeries":
    case "codexMini":
      return 10;
    case "gpt5":
      return 90 + firstIsDescribed(tools);
  }
}

function aroundToolsInResponses(tools: readonly FunctionTool[], { framing }: Tally): number {
  switch (framing.family) {
    case "classic":
      return 3;
    case "oSeries":
      return 6;
    case "codexMini":
      return 7;
    case "gpt5":
      return 8 + firstIsDescribed(tools) + framing.codexTools;
  }
}
