import type { RequestShape } from "../tokens/request/count";

/**
 * A method of OpenAI's clients that spends tokens. A new API is a new row; a request of a new shape also
 * needs a counter in `src/core/tokens/request`.
 */
export interface Api {
  /** What other languages' packages know it by. */
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
  /** The package that a file with a call imports, where its import says more than the client's name. */
  importedFrom?: string;
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

/** Every name of a method. */
export const methodsOf = (all: readonly Api[]): readonly string[] => [...new Set(all.flatMap((api) => api.methods))];

/** The methods of the packages for Python and JavaScript. */
export const methodNames = methodsOf(apis);

/**
 * The API that a chain of names calls, and where its client ends.
 * @param names all names from the root of the expression to the method, such as `client chat completions create`.
 * @param all the APIs as the language's packages have them
 */
export function matchApi(
  names: readonly string[],
  all: readonly Api[],
): { api: Api; name: string; client: string[] } | undefined {
  const method = names.at(-1);
  if (method === undefined) return undefined;
  const steps = names.slice(0, -1).filter((name) => !transparent.has(name));
  for (const api of all) {
    const at = steps.length - api.path.length;
    if (at < 0 || !api.methods.includes(method) || !api.path.every((name, i) => steps[at + i] === name)) continue;
    return { api, name: [...api.path, method].join("."), client: steps.slice(0, at) };
  }
  return undefined;
}
