/** Clients of other services whose methods are called like OpenAI's; a part of a name is enough. */
const others =
  /anthropic|claude|cohere|voyage|mistral|vertex|gemini|bedrock|huggingface|replicate|stripe|typeform|qualtrics|jina|ollama/i;

const openAi = /open_?ai|azure_?oai|\boai\b|chatgpt/i;

export const isOtherVendor = (name: string): boolean => others.test(name);

export const isOpenAiName = (name: string): boolean => openAi.test(name) && !others.test(name);
