import { type Api, apis as all } from "../../calls/apis";
import constants from "./constants.json";

/** The two common clients, by their import paths without a major version. */
export const OPENAI_GO = "github.com/openai/openai-go";
export const GO_OPENAI = "github.com/sashabaranov/go-openai";

const as = (name: string, path: readonly string[], methods: readonly string[], importedFrom: string): Api[] =>
  all.filter((api) => api.name === name).map((api) => ({ ...api, path, methods: [...methods], importedFrom }));

const NEW = ["New", "NewStreaming"];

/** The APIs as the clients have them: `client.Chat.Completions.New(ctx, …)`, `client.CreateChatCompletion(ctx, …)`. */
export const apis: readonly Api[] = [
  ...as("chat.completions", ["Chat", "Completions"], NEW, OPENAI_GO),
  ...as("responses", ["Responses"], NEW, OPENAI_GO),
  ...as("embeddings", ["Embeddings"], ["New"], OPENAI_GO),
  ...as("completions", ["Completions"], NEW, OPENAI_GO),
  ...as("chat.completions", [], ["CreateChatCompletion", "CreateChatCompletionStream"], GO_OPENAI),
  ...as("completions", [], ["CreateCompletion", "CreateCompletionStream"], GO_OPENAI),
  ...as("embeddings", [], ["CreateEmbeddings"], GO_OPENAI),
];

/** The import path without the major version that a client's modules have in theirs. */
export const withoutVersion = (path: string): string =>
  path.startsWith(OPENAI_GO) ? path.replace(/\/v\d+(?=\/|$)/, "") : path;

const tables = new Map<string, Record<string, string>>(
  Object.entries(constants).map(([client, { values }]) => [client, values]),
);

/** What a client's constant is: `github.com/openai/openai-go.ChatModelGPT4o`. */
export function constantOf(name: string): string | undefined {
  const [, client = "", constant = ""] = /^(github\.com\/[\w-]+\/[\w-]+)(?:\/\w+)*\.(\w+)$/.exec(name) ?? [];
  const values = tables.get(client);
  return values !== undefined && Object.hasOwn(values, constant) ? values[constant] : undefined;
}
