import { countRequest } from "../tokens/request/count";
import { type Confidence, type CountReason, leastSure, named } from "../tokens/confidence";
import type { Encodings } from "../tokens/encoding";
import type { CountedPart } from "../tokens/request/tally";
import type { TextCounts } from "../tokens/textCounts";
import { type Price, type PriceBook, amountsFor, usd } from "../pricing/price";
import type { Api } from "../calls/apis";
import type { Origins } from "../calls/origins";
import type { Request, RequestModel } from "../calls/request";

/** What one call is expected to cost, each time it runs. Plain data: it goes through the worker's protocol as it is. */
export interface CostEstimate {
  model: RequestModel;
  input: {
    tokens: number;
    confidence: Confidence;
    parts: CountedPart[];
    /** Why the count is no surer, apart from holes, and what it holds that the request's text does not show. */
    reasons: CountReason[];
  };
  /** Most tokens that the answer can have; null without a known limit. */
  outputLimit: number | null;
  /** In USD; null where it isn't known. */
  cost: { input: number | null; outputLimit: number | null };
  price: Price | null;
  /** Why there is no price. */
  priceReason: string | null;
  serviceTier: string | null;
  /** Expressions of the prompt that only the running program knows. */
  holes: string[];
  /** What is waited for where nothing of the prompt, or no model, is known. */
  origins: Origins;
  /** Why a part of the request was not evaluated to its end; empty for what people write. */
  limits: string[];
}

/** How sure the cost of one call is: without a known output limit, it is a lower bound. */
export const costConfidence = ({
  input,
  cost,
}: {
  input: { confidence: Confidence };
  cost: { outputLimit: number | null };
}): Confidence => (cost.outputLimit === null ? "lowerBound" : input.confidence);

const DEFAULT_REASON: CountReason = {
  confidence: "estimated",
  tokens: null,
  text: "a part of the prompt is a default, which a caller, the environment or other code can replace",
};

/** Most arguments that are named one by one. */
const MAX_NAMED = 5;

/** Why the request itself makes the count less sure, beside its holes. */
const reasonsOf = ({ hasDefault, others }: Request): CountReason[] => [
  ...(hasDefault ? [DEFAULT_REASON] : []),
  ...others.slice(0, MAX_NAMED).map((name): CountReason => ({
    confidence: "estimated",
    tokens: null,
    text: `what ${named(name)} adds to the prompt is not measured`,
  })),
];

function confidenceOf({ holes, limits }: Request, reasons: readonly CountReason[], ofCount: Confidence): Confidence {
  if (holes.length > 0 || limits.length > 0) return "lowerBound";
  return leastSure([ofCount, ...reasons.map(({ confidence }) => confidence)]);
}

/** Counts and prices a request. */
export function estimateRequest(
  api: Api,
  request: Request,
  book: PriceBook,
  encodings: Encodings,
  texts: TextCounts,
): CostEstimate {
  const model = request.model.name === null ? null : book.modelBehind(request.model.name);
  const count = countRequest(api.shape, request.body, model, encodings, texts);
  const found =
    request.model.name === null
      ? { price: null, reason: "the model is only known when the program runs" }
      : book.find(request.model.name, request.serviceTier);
  const amounts = found.price === null ? null : amountsFor(found.price, count.tokens);
  const reasons = reasonsOf(request);
  const hasOutput = api.shape !== "embeddings";
  return {
    model: request.model,
    input: {
      tokens: count.tokens,
      confidence: confidenceOf(request, reasons, count.confidence),
      parts: count.parts,
      reasons: [...count.reasons, ...reasons],
    },
    outputLimit: hasOutput ? request.outputLimit : 0,
    cost: {
      input: amounts === null ? null : usd(count.tokens, amounts.input),
      outputLimit:
        amounts === null
          ? null
          : !hasOutput
            ? 0
            : amounts.output === null || request.outputLimit === null
              ? null
              : usd(request.outputLimit, amounts.output),
    },
    price: found.price,
    priceReason: found.reason,
    serviceTier: request.serviceTier,
    holes: request.holes.map((one) => one.expression),
    origins: request.origins,
    limits: [...request.limits],
  };
}
