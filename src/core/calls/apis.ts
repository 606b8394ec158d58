import type { RequestShape } from "../tokens/request/count";

/**
 * A method of OpenAI's clients that spends tokens. A new API is a new row; a request of a new shape also
 * needs a counter in `src/core/tokens/request`.
 */
export interface Api {
  /** The name without the method, as people say it. */
  name: string;
  /** The properties between the client and the method. */
  path: readonly string[];
  methods: readonly string[];
  shape: RequestShape;
  /**
   * Arguments of which one tells that the call is OpenAI's: other clients have an `embeddings.create` too.
   * None where the path alone is enough.
   */
  tellingArguments: readonly string[];
  /** The parts of the request that end up in the prompt: what isn't known of them is a hole. */
  promptFields: readonly string[];
}

const CREATE = ["create", "parse", "stream"];

export const apis: readonly Api[] = [
  {
    name: "chat.completions",
    path: ["chat", "completions"],
    methods: CREATE,
    shape: "chat",
    tellingArguments: [],
    promptFields: ["messages", "tools", "functions", "response_format", "tool_choice"],
  },
  {
    name: "responses",
    path: ["responses"],
    methods: CREATE,
    shape: "responses",
    tellingArguments: ["input", "instructions", "prompt"],
    promptFields: [
      "input",
      "instructions",
      "tools",
      "text",
      "text_format",
      "tool_choice",
      "previous_response_id",
      "conversation",
      "prompt",
      "context_management",
    ],
  },
  {
    name: "embeddings",
    path: ["embeddings"],
    methods: ["create"],
    shape: "embeddings",
    tellingArguments: ["input"],
    promptFields: ["input"],
  },
  {
    name: "completions",
    path: ["completions"],
    methods: ["create"],
    shape: "completions",
    tellingArguments: ["prompt"],
    promptFields: ["prompt", "suffix"],
  },
  // The module-level classes of the Python package before version 1.
  {
    name: "ChatCompletion",
    path: ["ChatCompletion"],
    methods: ["create", "acreate"],
    shape: "chat",
    tellingArguments: ["messages"],
    promptFields: ["messages", "functions"],
  },
  {
    name: "Completion",
    path: ["Completion"],
    methods: ["create", "acreate"],
    shape: "completions",
    tellingArguments: ["prompt"],
    promptFields: ["prompt", "suffix"],
  },
  {
    name: "Embedding",
    path: ["Embedding"],
    methods: ["create", "acreate"],
    shape: "embeddings",
    tellingArguments: ["input"],
    promptFields: ["input"],
  },
];

/** Steps of a path that change how the answer comes, not what is asked. */
export const transparent = new Set(["with_raw_response", "with_streaming_response", "withResponse", "beta"]);

/** Every name of a method, for the finders' queries. */
export const methodNames: readonly string[] = [...new Set(apis.flatMap((api) => api.methods))];

/** Words of which one stands in every file that has a call. */
export const pathWords: readonly string[] = [...new Set(apis.flatMap((api) => api.path.slice(-1)))];

/**
 * The API that a chain of names calls, and where its client ends.
 * @param names all names from the root of the expression to the method, such as `client chat completions create`.
 */
export function matchApi(names: readonly string[]): { api: Api; method: string; client: string[] } | undefined {
  const method = names.at(-1);
  if (method === undefined) return undefined;
  const steps = names.slice(0, -1).filter((name) => !transparent.has(name));
  for (const api of apis) {
    const at = steps.length - api.path.length;
    if (at < 0 || !api.methods.includes(method) || !api.path.every((name, i) => steps[at + i] === name)) continue;
    return { api, method, client: steps.slice(0, at) };
  }
  return undefined;
}
