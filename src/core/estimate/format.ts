import { dollars, whole } from "../figures";
import { label } from "../text/plain";
import { isClaim, marked } from "../tokens/confidence";
import { noPriceText, vendorText } from "../vendors/wording";
import { type CostEstimate, costConfidence } from "./estimate";

/** The figures that a CodeLens can show, by their name in the setting. */
export const placeholders = {
  input:
    "Input tokens: `≈ 412 tok in`, `~412 tok in` where its framing is not measured, or `412+ tok in` where a part is only known at run time, `~412+ tok in` where both hold. Where all of it is: `prompt from messages`.",
  output: "The output limit: `≤ 500 out`. Empty without a known limit.",
  cost: "Cost of one call: `$0.0061 / call`. With `~` where it is estimated and `+` where it is a lower bound; `price unknown` without a price, and `Ollama: no price` of a server that runs models itself. Empty where nothing of the prompt is known.",
  inputCost: "Cost of the input alone: `$0.0010`.",
  outputCost: "Cost of the output at its limit: `≤ $0.0050`. Empty without a known limit.",
  model: "The model's name, or the expression that holds it.",
  vendor: "Who answers, where it isn't OpenAI itself: `OpenRouter`, `via Helicone`. Empty where the cost says so.",
  tier: "The service tier, where it isn't the default.",
} as const;
export type Placeholder = keyof typeof placeholders;

export const DEFAULT_FORMAT = "{input} · {output} · {cost} · {model} · {vendor}";

/** Fills a format; a separator (` · `) beside an empty figure goes with it. */
export function formatEstimate(format: string, estimate: CostEstimate): string {
  const figures = figuresOf(estimate);
  return format
    .split(" · ")
    .map((part) =>
      part.replace(/\{(\w+)\}/g, (whole, name: string) =>
        Object.hasOwn(figures, name) ? figures[name as Placeholder] : whole,
      ),
    )
    .filter((part) => part.trim() !== "")
    .join(" · ");
}

function figuresOf(estimate: CostEstimate): Record<Placeholder, string> {
  const { input, outputLimit, cost, model, vendor, price, serviceTier, origins } = estimate;
  const total = cost.input === null ? null : cost.input + (cost.outputLimit ?? 0);
  // Of a prompt that isn't known, the frame alone would be counted.
  const isUnread = origins.prompt !== null;
  const isOneOrigin = isUnread && origins.prompt === origins.model;
  const noPrice = total !== null || model.name === null ? null : noPriceText(vendor);
  return {
    input: isUnread
      ? `${isOneOrigin ? "prompt and model" : "prompt"} from ${named(origins.prompt ?? "")}`
      : `${isClaim(input.confidence) ? "≈ " : ""}${marked(whole(input.tokens), input.confidence)} tok in`,
    output: outputLimit === null || outputLimit === 0 ? "" : `≤ ${whole(outputLimit)} out`,
    cost:
      isUnread && (model.name === null || total !== null)
        ? ""
        : total === null
          ? named(noPrice ?? "price unknown")
          : `${marked(dollars(total), costConfidence(estimate))} / call`,
    inputCost: isUnread ? "?" : cost.input === null ? "price unknown" : marked(dollars(cost.input), input.confidence),
    outputCost: price === null ? "price unknown" : cost.outputLimit === null ? "" : `≤ ${dollars(cost.outputLimit)}`,
    model:
      model.name !== null ? label(model.name) : isOneOrigin ? "" : `model from ${named(origins.model ?? "elsewhere")}`,
    vendor: label(vendorText(vendor, noPrice !== null)),
    tier: label(serviceTier ?? ""),
  };
}

/** Above a call there is room for a name, and not for a program. */
const MAX_NAME_LENGTH = 40;
const named = (expression: string): string =>
  label(expression.length > MAX_NAME_LENGTH ? `${expression.slice(0, MAX_NAME_LENGTH - 1)}…` : expression);
