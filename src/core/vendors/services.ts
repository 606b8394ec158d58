/**
 * A service that OpenAI's clients are pointed at. How its prices are found:
 * - `own`: OpenAI itself, or who sells OpenAI's models at OpenAI's prices.
 * - `other`: by its own prices, where the catalogue or the user's table has them.
 * - `proxy`: it passes on the prices of the vendor behind it, which is OpenAI where a model's name says no other.
 * - `local`: a server that runs models itself; only the user's table can give a price.
 */
export interface Service {
  /** Also the name of its prices in the catalogue, and in front of a model in the user's table: `groq/llama-3.3-70b`. */
  id: string;
  /** As people say it. */
  name: string;
  kind: "own" | "other" | "proxy" | "local";
  /** Its hosts, each with all below it. */
  hosts: readonly string[];
  /** What it is called in names of classes, packages and variables, in lower case: words with `_` between them. */
  words: readonly string[];
}

export const OPENAI: Service = {
  id: "openai",
  name: "OpenAI",
  kind: "own",
  hosts: ["api.openai.com"],
  words: [],
};

/** A known service; what isn't here is unknown. Of several whose words are in a name, the first one is meant. */
const rows: readonly (readonly [
  kind: Service["kind"],
  id: string,
  name: string,
  hosts: readonly string[],
  words: readonly string[],
])[] = [
  ["proxy", "litellm", "LiteLLM", [], ["litellm", "lite_llm"]],
  ["proxy", "portkey", "Portkey", ["api.portkey.ai"], ["portkey"]],
  [
    "proxy",
    "braintrust",
    "Braintrust",
    ["api.braintrust.dev", "gateway.braintrust.dev", "braintrustproxy.com"],
    ["braintrust"],
  ],
  ["proxy", "helicone", "Helicone", ["oai.helicone.ai", "oai.hconeai.com", "ai-gateway.helicone.ai"], ["helicone"]],
  ["proxy", "cloudflare", "Cloudflare AI Gateway", ["gateway.ai.cloudflare.com"], []],
  ["proxy", "vercel", "Vercel AI Gateway", ["ai-gateway.vercel.sh"], ["vercel"]],
  ["other", "openrouter", "OpenRouter", ["openrouter.ai"], ["openrouter", "open_router"]],
  ["other", "github", "GitHub Models", ["models.github.ai", "models.inference.ai.azure.com"], ["github"]],
  [
    "own",
    "azure",
    "Azure",
    ["openai.azure.com", "azure-api.net", "cognitiveservices.azure.com", "services.ai.azure.com"],
    ["azure"],
  ],
  ["other", "aws", "Amazon Bedrock", ["amazonaws.com", "api.aws"], ["bedrock"]],
  ["other", "groq", "Groq", ["api.groq.com"], ["groq"]],
  ["other", "together", "Together AI", ["api.together.xyz", "api.together.ai"], ["together", "togetherai"]],
  ["other", "deepseek", "DeepSeek", ["api.deepseek.com"], ["deepseek", "deep_seek"]],
  ["other", "fireworks", "Fireworks", ["api.fireworks.ai"], ["fireworks"]],
  ["other", "mistral", "Mistral", ["api.mistral.ai"], ["mistral", "mistralai", "codestral"]],
  ["other", "x-ai", "xAI", ["api.x.ai"], ["xai", "x_ai", "grok"]],
  ["other", "perplexity", "Perplexity", ["api.perplexity.ai"], ["perplexity", "pplx"]],
  ["other", "cerebras", "Cerebras", ["api.cerebras.ai"], ["cerebras"]],
  ["other", "moonshotai", "Moonshot AI", ["api.moonshot.ai", "api.moonshot.cn"], ["moonshot", "kimi"]],
  ["other", "zai", "Z.AI", ["api.z.ai"], ["zai", "z_ai"]],
  ["other", "zhipuai", "Zhipu AI", ["open.bigmodel.cn"], ["zhipu", "zhipuai", "bigmodel", "glm"]],
  ["other", "google", "Google", ["googleapis.com"], ["gemini", "google", "vertex", "vertexai"]],
  ["other", "anthropic", "Anthropic", ["api.anthropic.com"], ["anthropic", "claude"]],
  ["other", "novita", "Novita", ["api.novita.ai"], ["novita"]],
  ["other", "minimax", "MiniMax", ["api.minimax.io", "api.minimax.com", "api.minimaxi.com"], ["minimax"]],
  ["other", "cohere", "Cohere", ["api.cohere.ai", "api.cohere.com"], ["cohere"]],
  ["other", "baseten", "Baseten", ["inference.baseten.co"], ["baseten"]],
  ["other", "arcee", "Arcee", ["api.arcee.ai"], ["arcee"]],
  ["other", "avian", "Avian", ["api.avian.io"], ["avian"]],
  ["other", "doubleword", "Doubleword", ["api.doubleword.ai"], ["doubleword"]],
  ["other", "ovhcloud", "OVHcloud", ["endpoints.kepler.ai.cloud.ovh.net"], ["ovh", "ovhcloud"]],
  [
    "other",
    "huggingface",
    "Hugging Face",
    ["router.huggingface.co", "api-inference.huggingface.co"],
    ["huggingface", "huggingface_hub", "hugging_face", "hf"],
  ],
  [
    "other",
    "dashscope",
    "Alibaba Cloud",
    ["dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com"],
    ["dashscope", "qwen", "aliyun", "bailian"],
  ],
  ["other", "volcengine", "Volcengine", ["volces.com"], ["volcengine", "volc", "ark", "doubao"]],
  ["other", "siliconflow", "SiliconFlow", ["api.siliconflow.cn", "api.siliconflow.com"], ["siliconflow"]],
  ["other", "nvidia", "NVIDIA", ["integrate.api.nvidia.com"], ["nvidia", "nim"]],
  ["other", "deepinfra", "DeepInfra", ["api.deepinfra.com"], ["deepinfra"]],
  [
    "other",
    "nebius",
    "Nebius",
    ["api.studio.nebius.ai", "api.studio.nebius.com", "api.tokenfactory.nebius.com"],
    ["nebius"],
  ],
  ["other", "sambanova", "SambaNova", ["api.sambanova.ai"], ["sambanova"]],
  ["other", "hyperbolic", "Hyperbolic", ["api.hyperbolic.xyz"], ["hyperbolic"]],
  ["local", "ollama", "Ollama", [], ["ollama"]],
  ["local", "vllm", "vLLM", [], ["vllm", "v_llm"]],
  ["local", "lmstudio", "LM Studio", [], ["lmstudio", "lm_studio"]],
  ["local", "llamacpp", "llama.cpp", [], ["llama_cpp", "llamacpp", "llamafile"]],
  ["local", "local", "local server", [], ["localai", "local_ai"]],
];

/** All known services. Marked as pure, so that what only shows a vendor is bundled without them. */
export const services: readonly Service[] = /* @__PURE__ */ allServices();

function allServices(): Service[] {
  return [OPENAI, ...rows.map(([kind, id, name, hosts, words]) => ({ kind, id, name, hosts, words }))];
}

const byId = /* @__PURE__ */ servicesById();

function servicesById(): ReadonlyMap<string, Service> {
  return new Map(services.map((one) => [one.id, one]));
}

export const serviceOf = (id: string): Service | undefined => byId.get(id);

/**
 * The service that a name means: of a class, a package, a variable of the environment, such as `OPENROUTER_API_KEY` or
 * `settings.groqApiKey`.
 */
export function serviceNamed(name: string): Service | undefined {
  const words = `_${wordsOf(name)}_`;
  return services.find((one) => one.words.some((word) => words.includes(`_${word}_`)));
}

/** `process.env.openRouterKey` → `process_env_open_router_key`. */
const wordsOf = (name: string): string =>
  name
    .slice(0, 400)
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z\d]+/g, "_")
    .toLowerCase();
