import { type Json, property, stringAt } from "../../json";
import { named } from "../confidence";
import { imageTokens, sizeOfDataUrl } from "./images";
import type { Tally } from "./tally";

/** A message's text, and the tokens of what else is in it. */
export interface Content {
  text: string;
  otherTokens: number;
}

/** Reads `content`: a string, or parts of text, images, audio and files, in either API's spelling. */
export function readContent(content: Json | undefined, model: string, tally: Tally): Content {
  if (typeof content === "string") return { text: content, otherTokens: 0 };
  if (!Array.isArray(content)) return { text: "", otherTokens: 0 };
  let text = "";
  let otherTokens = 0;
  for (const part of content) {
    const type = typeof part === "string" ? "text" : (stringAt(part, "type") ?? "");
    if (["text", "input_text", "output_text"].includes(type))
      text += typeof part === "string" ? part : (stringAt(part, "text") ?? "");
    else if (type === "refusal") text += stringAt(part, "refusal") ?? "";
    else if (type === "image_url" || type === "input_image") otherTokens += countImage(part, model, tally);
    else
      tally.atLeast(
        `what a part of ${type === "" ? "unknown type" : `type ${named(type)}`} costs is known only to the API`,
      );
  }
  return { text, otherTokens };
}

function countImage(part: Json, model: string, tally: Tally): number {
  // `image_url` is an object in chat completions and a string in the Responses API.
  const image = property(part, "image_url");
  const url = typeof image === "string" ? image : stringAt(image, "url");
  const detail = stringAt(image, "detail") ?? stringAt(part, "detail");
  const { tokens, confidence } = imageTokens(model, detail, url === undefined ? undefined : sizeOfDataUrl(url));
  if (confidence === "lowerBound") tally.atLeast("an image costs by its size, which isn't in the request");
  if (confidence === "estimated") tally.estimated("what an image costs on this model is measured on few requests");
  return tokens;
}
