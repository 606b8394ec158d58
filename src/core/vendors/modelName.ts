import { type Service, serviceOf } from "./services";
import { type Vendor, atPricesOf, vendorByModel } from "./vendor";

/** How LiteLLM writes the vendor in front of a model's name, where nobody else writes it so. */
const prefixes: Record<string, string> = {
  openrouter: "openrouter",
  azure: "azure",
  azure_ai: "azure",
  groq: "groq",
  together_ai: "together",
  fireworks_ai: "fireworks",
  gemini: "google",
  vertex_ai: "google",
  bedrock: "aws",
  ollama: "ollama",
  ollama_chat: "ollama",
  hosted_vllm: "vllm",
  lm_studio: "lmstudio",
};

/** Behind a proxy, more names are a vendor's; elsewhere they are parts of a model's name, as OpenRouter has them. */
const behindProxies: Record<string, string> = {
  ...prefixes,
  openai: "openai",
  anthropic: "anthropic",
  deepseek: "deepseek",
  mistral: "mistral",
  google: "google",
  xai: "x-ai",
  "x-ai": "x-ai",
  perplexity: "perplexity",
  cerebras: "cerebras",
  cohere: "cohere",
  novita: "novita",
  moonshot: "moonshotai",
};

export interface AskedModel {
  vendor: Vendor;
  /** The name as the vendor itself has it. */
  model: string;
}

/**
 * Takes what a model's name says of the vendor: `openrouter/openai/gpt-4o`, `azure/gpt-4o`, `groq/…`, and `:free`,
 * which only OpenRouter has. Where the client's address has told already, the name tells no other.
 */
export function askedModel(name: string, vendor: Vendor): AskedModel {
  const [prefix = "", ...rest] = name.trim().split("/");
  const key = prefix.toLowerCase();
  const bare = rest.join("/");
  const isOpen = vendor.kind === "proxy" || (vendor.host === null && /^(own|unknown)$/.test(vendor.kind));
  const id = bare === "" || !isOpen ? undefined : lookUp(vendor.kind === "proxy" ? behindProxies : prefixes, key);
  const service = id === undefined ? undefined : serviceOf(id);
  if (service !== undefined) return { vendor: behind(vendor, service), model: bare };
  const openRouter = serviceOf("openrouter");
  if (isOpen && vendor.kind !== "proxy" && /:free$/i.test(name) && openRouter !== undefined)
    return { vendor: vendorByModel(openRouter), model: name.trim() };
  if (vendor.prices === "google") return { vendor, model: name.trim().replace(/^models\//, "") };
  if (vendor.prices === "huggingface") return onHuggingFace(name.trim(), vendor);
  return {
    vendor,
    model: key === vendor.prices && /^(openrouter|azure)$/.test(key) && bare !== "" ? bare : name.trim(),
  };
}

const lookUp = (table: Record<string, string>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** A proxy passes on what a vendor asks; a server that runs models itself asks nothing that is known. */
const behind = (vendor: Vendor, service: Service): Vendor =>
  vendor.kind === "proxy" && service.kind !== "local"
    ? atPricesOf(service.id, vendor)
    : vendor.id === service.id
      ? vendor
      : vendorByModel(service);

/** Its router takes the service that runs the model behind a colon: `openai/gpt-oss-120b:groq`. */
function onHuggingFace(name: string, vendor: Vendor): AskedModel {
  const [model = name, service] = name.split(":");
  return service === undefined || /^(fastest|cheapest)$/.test(service)
    ? { vendor, model: name }
    : { vendor: atPricesOf(`huggingface_${service}`, vendor), model };
}
