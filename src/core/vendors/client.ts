/** How a client is made, as far as the code shows it. */
export interface Client {
  /** The dotted name of its class or of what makes it, after imports, such as `openai.AzureOpenAI`; null where it isn't seen. */
  made: string | null;
  address: Address;
  /** The expressions that its key is from, such as `os.environ["OPENROUTER_API_KEY"]`; null where none is given. */
  key: string | null;
  /** The class in which it is made, such as `OpenRouterProvider`; null where none is around. */
  around: string | null;
}

/** Where a client sends its requests. `isDefault`: unless callers, or the environment, say otherwise. */
export type Address =
  | { kind: "none"; isDefault: boolean }
  /** `url` has `HOLE` in place of what isn't known of it. */
  | { kind: "known"; url: string; expression: string; isDefault: boolean }
  /** Only known when the program runs. */
  | { kind: "unknown"; expression: string };
