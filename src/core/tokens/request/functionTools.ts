import { type Json, type JsonObject, objectAt, stringAt } from "../../json";
import { comment, renderSignature } from "./schemaType";

/** A function tool, whichever API it was written for. */
export interface FunctionTool {
  name: string;
  description: string;
  parameters: JsonObject | undefined;
}

/** The APIs that take function tools. */
export type ToolApi = "chat" | "responses";

/**
 * Chat completions wrap a function (`{type, function: {…}}`), the Responses API does not: there, a wrapped function's
 * description and parameters are ignored, and a tool without a name of its own is no function tool.
 */
export function readFunctionTool(tool: Json, api: ToolApi): FunctionTool | undefined {
  const isFunction = stringAt(tool, "type") === "function";
  const definition = (api === "chat" ? objectAt(tool, "function") : undefined) ?? (isFunction ? tool : undefined);
  const name = stringAt(definition, "name");
  if (name === undefined || name === "") return undefined;
  return {
    name,
    description: stringAt(definition, "description") ?? "",
    parameters: objectAt(definition, "parameters"),
  };
}

/**
 * Function tools as the models read them: a TypeScript namespace. OpenAI's published Harmony format describes
 * it; the details are fitted on real exchanges.
 */
export function renderNamespace(tools: readonly FunctionTool[]): string {
  const lines = ["namespace functions {", ""];
  for (const tool of tools) {
    if (tool.description !== "") lines.push(comment(tool.description));
    lines.push(`type ${tool.name} = ${renderSignature(tool.parameters)} => any;`, "");
  }
  lines.push("} // namespace functions");
  return lines.join("\n");
}
