import OpenAI from "openai";
import { MODELS, SEARCH } from "./prompts.js";

const openai = new OpenAI();

/** Finds lamps by what a customer says they are looking for. */
export async function search(words: string): Promise<string> {
  const completion = await openai.chat.completions.create({
    model: MODELS.fast,
    messages: [
      { role: "system", content: SEARCH },
      { role: "user", content: words },
    ],
    response_format: { type: "json_object" },
    max_tokens: 150,
  });
  return completion.choices[0]?.message.content ?? "{}";
}

/** Streams a product's description, written for one customer. */
export async function* describe(product: string, customer = "somebody who likes quiet rooms") {
  const stream = await openai.chat.completions.create({
    model: process.env.DESCRIBE_MODEL ?? "gpt-4o",
    stream: true,
    messages: [{ role: "user", content: `Describe the lamp ${product} in three sentences, for ${customer}.` }],
    max_completion_tokens: 250,
  });
  for await (const chunk of stream) yield chunk.choices[0]?.delta.content ?? "";
}

export class Translator {
  private readonly model = MODELS.careful;

  constructor(private readonly client: OpenAI) {}

  async translate(text: string, language: string): Promise<string> {
    const params = { model: this.model, messages: [{ role: "system" as const, content: `Translate into ${language}.` }] };
    const answer = await this.client.chat.completions.create({
      ...params,
      messages: [...params.messages, { role: "user", content: text }],
    });
    return answer.choices[0]?.message.content ?? text;
  }
}

/** The deployment's name is the shop's own: the pricing table's alias says what it costs. */
export const smallTalk = () =>
  openai.responses.create({ model: "lantern-support", input: "Tell the customer one friendly sentence about lamps.", max_output_tokens: 80 });
