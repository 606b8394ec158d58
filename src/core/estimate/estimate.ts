import { countRequest } from "../tokens/request/count";
import { type Confidence, type CountReason, leastSure, named } from "../tokens/confidence";
import type { Encodings } from "../tokens/encoding";
import type { CountedPart } from "../tokens/request/tally";
import type { TextCounts } from "../tokens/textCounts";
import { type Price, type PriceBook, amountsFor, usd } from "../pricing/price";
import type { Api } from "../calls/apis";
import type { Origins } from "../calls/origins";
import type { Request, RequestModel } from "../calls/request";
import { encodingOf } from "../tokens/models";
import { askedModel } from "../vendors/modelName";
import { type Vendor, vendorOf } from "../vendors/vendor";

/** What one call is expected to cost, each time it runs. Plain data: it goes through the worker's protocol as it is. */
export interface CostEstimate {
  model: RequestModel;
  /** Who answers, and at whose prices. */
  vendor: Vendor;
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

/** How sure the cost of one call is: without a known output limit, it is no more than a lower bound. */
export function costConfidence({ input, cost, price }: Pick<CostEstimate, "input" | "cost" | "price">): Confidence {
  if (price?.input === 0 && price.output === 0) return "exact"; // However many tokens.
  return cost.outputLimit === null ? leastSure(["lowerBound", input.confidence]) : input.confidence;
}

const DEFAULT_REASON: CountReason = {
  confidence: "estimated",
  tokens: null,
  text: "part of the prompt is a default, which a caller, the environment or other code can replace",
};

/** Most arguments that are named one by one. */
const MAX_NAMED = 5;

/** Whether a model may count by another encoding than OpenAI's: its name is none of OpenAI's, or its server may run any. */
function isOthersEncoding(model: string | null, { kind }: Vendor): boolean {
  const isOpen = model !== null && /(^|\/)gpt-oss/i.test(model);
  if (kind === "local" || kind === "unknown") return !isOpen;
  return model === null ? kind === "other" : !encodingOf(model).known;
}

/** Why another vendor's count may differ; null where OpenAI's own rules hold. */
function vendorReason(model: string | null, { kind, name }: Vendor): CountReason | null {
  const estimated = (text: string): CountReason => ({ confidence: "estimated", tokens: null, text });
  // Of a name that is none of OpenAI's, the count itself says so.
  if (model !== null && !encodingOf(model).known) return null;
  if (kind === "unknown") return estimated("who answers is not known, and may count by another encoding");
  if (kind === "local") return estimated(`a model of ${name} may count by another encoding`);
  return kind === "other" ? estimated(`how ${name} frames a prompt is not measured`) : null;
}

/** Why the request itself makes the count less sure, beside its holes. */
const reasonsOf = ({ hasDefault, others }: Request): CountReason[] => [
  ...(hasDefault ? [DEFAULT_REASON] : []),
  ...others.slice(0, MAX_NAMED).map((name): CountReason => ({
    confidence: "estimated",
    tokens: null,
    text: `what ${named(name)} adds to the prompt is not measured`,
  })),
];

function confidenceOf(
  { holes, limits }: Request,
  reasons: readonly CountReason[],
  ofCount: Confidence,
  isOthers: boolean,
): Confidence {
  if (holes.length > 0 || limits.length > 0) return isOthers ? "partial" : "lowerBound";
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
  const client = book.atItsPrices(vendorOf(request.clients));
  const asked = request.model.name === null ? null : askedModel(request.model.name, client);
  const vendor = asked?.vendor ?? client;
  const model = asked === null ? null : book.modelBehind(asked.model);
  const count = countRequest(api.shape, request.body, model, encodings, texts);
  const found =
    asked === null
      ? { price: null, reason: "the model is only known at run time" }
      : book.find(asked.model, request.serviceTier, vendor);
  const amounts = found.price === null ? null : amountsFor(found.price, count.tokens);
  const ofVendor = vendorReason(model, vendor);
  const reasons = [...(ofVendor === null ? [] : [ofVendor]), ...reasonsOf(request)];
  const hasOutput = api.shape !== "embeddings";
  return {
    model: request.model,
    vendor,
    input: {
      tokens: count.tokens,
      confidence: confidenceOf(request, reasons, count.confidence, isOthersEncoding(model, vendor)),
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
