import type { EncodingName } from "./encoding";

/**
 * The encoding of every OpenAI model, by the beginning of its name; the first row that matches counts.
 * Source: tiktoken's model table, and OpenAI's statement that models since gpt-4o share o200k_base.
 * A new model is a new row, and only where it does not begin like an old one.
 */
const encodingByName: readonly (readonly [RegExp, EncodingName])[] = [
  [/^(chat)?gpt-4o(-|$)/, "o200k_base"],
  [/^gpt-4\.(1|5)(-|$)/, "o200k_base"],
  [/^gpt-[5-9](\.\d+)?(-|$)/, "o200k_base"],
  [/^gpt-oss(-|$)/, "o200k_base"],
  [/^o[1-9](-|$)/, "o200k_base"],
  [/^(codex-mini|computer-use-preview|gpt-(chat|audio|realtime|image))(-|$)/, "o200k_base"],
  [/^gpt-4(-|$)/, "cl100k_base"],
  [/^gpt-3(\.)?5(-|$)/, "cl100k_base"],
  [/^text-embedding-(ada-002|3-small|3-large)(-|$)/, "cl100k_base"],
  // The API answers for babbage-002 under the second name.
  [/^(davinci|babbage)(-002|:2023-07-21-v2)$/, "cl100k_base"],
  [/^text-davinci-(002|003|edit-001)$/, "p50k_base"],
  [/^(code-(davinci|cushman)-|cushman-codex|davinci-codex)/, "p50k_base"],
  [/^(text-)?(davinci|curie|babbage|ada)(-001)?$/, "r50k_base"],
  [/^(text|code)-(similarity|search)-/, "r50k_base"],
];

const newestEncoding: EncodingName = "o200k_base";

/**
 * The name of the model that a model was made from: fine-tunes (`ft:gpt-4o-mini-2024-07-18:org::id`, and the
 * older `davinci:ft-org-2023`) give their base, and the name of a provider in front (`openai/gpt-4o`) goes, as does
 * OpenRouter's variant behind (`:free`).
 */
export function baseModel(model: string): string {
  const name = model
    .trim()
    .replace(/^openai\//i, "")
    .replace(/:(free|nitro|floor|online|extended|beta)$/i, "");
  const fineTune = /^ft:([^:]+)/.exec(name) ?? /^([^:]+):ft-/.exec(name);
  return fineTune?.[1] ?? name;
}

/**
 * A snapshot's model in front of its date. Dates of four digits are of 2023 and early 2024 and closed lists:
 * `gpt-4-1106` is `gpt-4-1106-preview` cut short, a model of its own.
 */
const snapshot =
  /^(?!gpt-4-2)(.+)-\d{4}-\d\d-\d\d$|^(gpt-4(?:-32k)?)-0(?:314|613)$|^(gpt-3\.?5-turbo(?:-16k|-instruct)?)-(?:0125|0301|0613|0914|1106)$/i;

/** A model's name without the date of OpenAI's own snapshots of it. */
export function withoutSnapshotDate(model: string): string {
  const found = snapshot.exec(model);
  return found?.[1] ?? found?.[2] ?? found?.[3] ?? model;
}

/** A model's name as OpenAI spells it: Azure has no dot in `gpt-35-turbo`. */
export const openAiSpelling = (model: string): string => model.replace(/^gpt-35-/, "gpt-3.5-");

export interface ModelEncoding {
  name: EncodingName;
  /** False where the model is unknown, and the newest encoding stands in. */
  known: boolean;
}

export function encodingOf(model: string | null): ModelEncoding {
  const base = model === null ? "" : baseModel(model).toLowerCase();
  const row = encodingByName.find(([pattern]) => pattern.test(base));
  return row === undefined ? { name: newestEncoding, known: false } : { name: row[1], known: true };
}

/** Models that frame a prompt in the same way: `classic` is gpt-3.5 to gpt-4.5 and gpt-5-chat, `gpt5` all else since gpt-5. */
export type FramingFamily = "classic" | "oSeries" | "codexMini" | "gpt5";

/**
 * How a model's prompts are framed. Fitted on real exchanges; `unmeasured` models are counted like the
 * others of their time, and the count does not claim to be exact.
 */
export interface ModelFraming {
  family: FramingFamily;
  /** Models that reason frame a prompt with one token less, and tools differently. */
  reasoning: boolean;
  /** Answers in the history name their channel (`final`), since gpt-5. */
  channels: boolean;
  /** gpt-5.4 and later, which frame function calls and images in a way of their own. */
  isLate: boolean;
  /** Tokens that every prompt of this model carries besides. */
  constant: number;
  /** The same in the Responses API alone. */
  responsesConstant: number;
  measured: boolean;
  /** False where tools are framed in ways that aren't measured, such as the older one of gpt-4-0613. */
  toolsMeasured: boolean;
  /** Whether function calls in the history of a Responses request are measured. */
  callsMeasured: boolean;
  /** Tokens that tools add besides on the codex models of the gpt-5 family, in the Responses API. */
  codexTools: number;
}

export function framingOf(model: string | null): ModelFraming {
  const base = model === null ? "" : baseModel(model).toLowerCase();
  const family = familyOf(base);
  const isCodex = /-codex(-|$)/.test(base);
  const special = /^o1-(mini|preview)|-(audio|realtime|search|transcribe|tts|image|deep-research)(-|$)/.test(base);
  const unlike = /^(gpt-oss|gpt-5-chat|computer-use|gpt-(audio|realtime|image))/.test(base);
  return {
    family,
    reasoning: family !== "classic",
    channels: family === "gpt5" || family === "codexMini",
    isLate: /^gpt-(5\.[4-9]|[6-9])/.test(base),
    constant: /^o1-(mini|preview)(-|$)/.test(base) ? 8 : base.startsWith("computer-use") ? -1 : 0,
    responsesConstant: /^gpt-4(-|$)/.test(base) ? -1 : 0,
    measured: encodingOf(model).known && !special && !unlike,
    toolsMeasured: !/^gpt-4(-[013]|$)|^gpt-3\.?5-turbo-0(301|613)/.test(base) && !isCodex && family !== "codexMini",
    callsMeasured: family !== "codexMini" && !/^gpt-5\.5(-|$)/.test(base),
    codexTools: family === "gpt5" && isCodex ? 3 : 0,
  };
}

function familyOf(base: string): FramingFamily {
  if (/^o[1-9](-|$)/.test(base)) return "oSeries";
  if (base.startsWith("codex-mini")) return "codexMini";
  return /^gpt-[5-9](\.\d+)?(-|$)/.test(base) && !base.startsWith("gpt-5-chat") ? "gpt5" : "classic";
}
