import type { Json } from "../json";
import type { Hole } from "./value";

/** Where what isn't known of a request is from, in few words; null of what is known. */
export interface Origins {
  /** Null where something of the prompt is known. */
  prompt: string | null;
  model: string | null;
}

/** Says what a request of which nothing is known waits for. @param model null where the model is known */
export function originsOf(body: Json, holes: readonly Hole[], model: Hole | null): Origins {
  const prompt = holes.length === 0 || holdsText(body) ? [] : holes;
  const all = model === null ? prompt : [...prompt, model];
  if (all.length > 1 && prompt.length > 0 && all.every(({ isParameter }) => isParameter === true))
    return { prompt: "parameters", model: model === null ? null : "parameters" };
  const [first, ...others] = prompt;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return {
    prompt: first === undefined ? null : `${first.expression}${more}`,
    model: model === null ? null : model.isParameter === true ? "a parameter" : model.expression,
  };
}

/** What stands in a request however little is known of it. */
const FRAME = new Set(["role", "type"]);

/** Whether a person's words, or tokens, are among what is known. */
function holdsText(json: Json | undefined): boolean {
  if (typeof json === "string") return json.trim() !== "";
  if (typeof json === "number") return true;
  if (Array.isArray(json)) return json.some(holdsText);
  if (typeof json !== "object" || json === null) return false;
  return Object.entries(json).some(([key, value]) => !FRAME.has(key) && holdsText(value));
}
