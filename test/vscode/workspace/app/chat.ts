import OpenAI from "openai";

const openai = new OpenAI();
const MODEL = "gpt-4o";

export async function ask(question: string) {
  return openai.chat.completions.create({
    model: MODEL,
    messages: [{ role: "user", content: `Q: ${question}` }],
    max_completion_tokens: 100,
  });
}
