import type { KnownFunctionName } from "../../calls/knownFunctions";
import type { MadeRecord } from "../pack";
import { GO_OPENAI, OPENAI_GO } from "./clients";

/** Functions of openai-go that stand for what they are given: marks of what is set, and conversions. */
const MARKS = "String Int Bool Float F Opt Ptr StringPtr IntPtr BoolPtr FloatPtr ChatModel EmbeddingModel";

/** Functions of openai-go that make a part of a request (chatcompletion.go, responses/response.go of v3.52). */
const PARTS: Record<string, MadeRecord> = {
  ".SystemMessage": { role: "system", content: 0 },
  ".DeveloperMessage": { role: "developer", content: 0 },
  ".UserMessage": { role: "user", content: 0 },
  ".AssistantMessage": { role: "assistant", content: 0 },
  ".ChatCompletionMessageParamOfAssistant": { role: "assistant", content: 0 },
  ".ToolMessage": { role: "tool", content: 0, tool_call_id: 1 },
  ".TextContentPart": { type: "text", text: 0 },
  ".ImageContentPart": { type: "image_url", image_url: 0 },
  ".InputAudioContentPart": { type: "input_audio", input_audio: 0 },
  ".FileContentPart": { type: "file", file: 0 },
  ".ChatCompletionFunctionTool": { type: "function", function: 0 },
  ".ToolChoiceOptionFunctionToolChoice": { type: "function", function: 0 },
  "/responses.ResponseInputItemParamOfMessage": { content: 0, role: 1 },
  "/responses.ResponseInputItemParamOfInputMessage": { content: 0, role: 1 },
  "/responses.ResponseInputItemParamOfFunctionCall": { type: "function_call", arguments: 0, call_id: 1, name: 2 },
  "/responses.ResponseInputItemParamOfFunctionCallOutput": { type: "function_call_output", call_id: 0, output: 1 },
  "/responses.ResponseInputContentParamOfInputText": { type: "input_text", text: 0 },
  "/responses.ToolParamOfFunction": { type: "function", name: 0, parameters: 1, strict: 2 },
};

/** What makes clients, and says how: their addresses and keys. */
const CLIENTS: Record<string, MadeRecord> = {
  [`${OPENAI_GO}/option.WithBaseURL`]: { base_url: 0 },
  [`${OPENAI_GO}/option.WithAPIKey`]: { api_key: 0 },
  [`${OPENAI_GO}/azure.WithEndpoint`]: { azure_endpoint: 0 },
  ...Object.fromEntries(
    "option.WithOrganization option.WithProject option.WithMaxRetries option.WithMiddleware option.WithHTTPClient option.WithRequestTimeout option.WithHeader option.WithHeaderAdd azure.WithAPIKey azure.WithTokenCredential"
      .split(" ")
      .map((name) => [`${OPENAI_GO}/${name}`, {}]),
  ),
  [`${GO_OPENAI}.NewClient`]: { api_key: 0 },
  [`${GO_OPENAI}.DefaultConfig`]: { api_key: 0 },
  [`${GO_OPENAI}.DefaultAzureConfig`]: { api_key: 0, azure_endpoint: 1 },
};

/** What functions of Go's standard library, and of the clients, do. */
export const functions: Readonly<Record<string, KnownFunctionName | MadeRecord>> = {
  string: "same",
  "fmt.Sprintf": "formatted",
  "strings.Join": "joinTexts",
  "strings.TrimSpace": "trimmed",
  "strings.ToUpper": "upperCase",
  "strings.ToLower": "lowerCase",
  "strings.Repeat": "repeated",
  "strings.ReplaceAll": "replaceAll",
  "os.Getenv": "environment",
  "os.ReadFile": "readFile",
  "path.Join": "joinPath",
  "path/filepath.Join": "joinPath",
  "cmp.Or": "firstGiven",
  ...Object.fromEntries(MARKS.split(" ").map((name) => [`${OPENAI_GO}.${name}`, "same" as const])),
  [`${OPENAI_GO}/packages/param.NewOpt`]: "same",
  [`${OPENAI_GO}/shared.ChatModel`]: "same",
  [`${OPENAI_GO}/shared.ResponsesModel`]: "same",
  [`${OPENAI_GO}.FunctionParameters`]: "same",
  [`${OPENAI_GO}/shared.FunctionParameters`]: "same",
  ...CLIENTS,
  ...Object.fromEntries(Object.entries(PARTS).map(([name, made]) => [`${OPENAI_GO}${name}`, made])),
};
