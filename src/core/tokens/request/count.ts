import { type Json, type JsonObject, property, stringAt } from "../../json";
import type { Encodings } from "../encoding";
import { named } from "../confidence";
import { encodingOf, framingOf } from "../models";
import { TextCounts } from "../textCounts";
import { countChat } from "./chat";
import { countResponses } from "./responses";
import { Tally, type TokenCount } from "./tally";

/** The shapes of request that can be counted; `src/core/calls/apis.ts` says which API has which. */
export type RequestShape = "chat" | "responses" | "embeddings" | "completions";

/**
 * The prompt tokens of a request's body.
 * @param model the model that will answer, or null where it isn't known: then counted by the newest encoding.
 * @param texts remembers counts between keystrokes; a fresh one where nothing is counted twice.
 */
export function countRequest(
  shape: RequestShape,
  body: JsonObject,
  model: string | null,
  encodings: Encodings,
  texts: TextCounts = new TextCounts(),
): TokenCount {
  const { name, known } = encodingOf(model);
  const framing = framingOf(model);
  const encoding = encodings.get(name);
  const tally = new Tally((text) => texts.count(encoding, text), framing);
  if (model === null) tally.estimated(`the model is not known, so ${name} was used`);
  else if (!known)
    tally.estimated(`${named(model)} is not a known OpenAI model, so the newest encoding (${name}) was used`);
  else if (!framing.measured) tally.estimated(`how ${named(model)} frames a prompt is not measured`);
  counters[shape](body, model ?? "", tally);
  return tally.total();
}

const counters: Record<RequestShape, (body: JsonObject, model: string, tally: Tally) => void> = {
  chat: countChat,
  responses: countResponses,
  embeddings: (body, _model, tally) => countPlain(property(body, "input"), "input", tally),
  completions: countCompletion,
};

function countCompletion(body: JsonObject, _model: string, tally: Tally): void {
  countPlain(property(body, "prompt"), "prompt", tally);
  const suffix = stringAt(body, "suffix");
  if (suffix !== undefined) {
    tally.add("suffix", tally.text(suffix));
    tally.estimated("how a suffix is framed is not measured");
  }
}

/** A text, several texts, or tokens: the plain sum. */
function countPlain(input: Json | undefined, label: string, tally: Tally): void {
  const items = Array.isArray(input) ? input : [input];
  let tokens = 0;
  for (const item of items) {
    if (typeof item === "string") tokens += tally.text(item);
    else if (typeof item === "number") tokens += 1;
    else if (Array.isArray(item)) tokens += item.length;
  }
  tally.add(items.length > 1 ? `${label} (${items.length})` : label, tokens);
}
