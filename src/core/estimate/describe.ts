import { type Markdown, figure, join, markup, prose, withCodeSpans } from "../text/markdown";
import { type Confidence, marked, reasonLine } from "../tokens/confidence";
import { type CostEstimate, costConfidence } from "./estimate";
import { dollars, whole } from "../figures";
import { howToPrice, vendorSentence } from "../vendors/wording";

/** The breakdown of an estimate, for the hover and the page that a click opens. */
export function describeEstimate(api: string, estimate: CostEstimate): Markdown {
  return join(
    [markup`**${prose(api)}** · ${modelLine(estimate)}`, tokensTable(estimate), costTable(estimate), sources(estimate)],
    "\n\n",
  );
}

const origins = {
  literal: "written in the call",
  constant: "from a constant",
  default: "a default that callers or the environment can change",
  dynamic: "only known at run time",
};

function modelLine({ model, serviceTier }: CostEstimate): Markdown {
  const name = model.name ?? model.expression;
  const tier = serviceTier === null ? markup`` : markup` · tier ${serviceTier}`;
  return markup`${name ?? prose("model unknown")} (${prose(origins[model.source])})${tier}`;
}

/** More holes than these are only counted. */
const MAX_NAMED_HOLES = 20;

function tokensTable({ input, holes }: CostEstimate): Markdown {
  const rows = input.parts
    .filter((part) => part.tokens !== 0)
    .map((part) => markup`| ${prose(part.label)} | ${figure(whole(part.tokens))} |`);
  const unknownRows = holes.slice(0, MAX_NAMED_HOLES).map((one) => markup`| ${one} | ? |`);
  const total = figure(marked(whole(input.tokens), input.confidence));
  return join(
    [markup`| Input | Tokens |`, markup`|:--|--:|`, ...rows, ...unknownRows, markup`| **total** | **${total}** |`],
    "\n",
  );
}

function costTable(estimate: CostEstimate): Markdown {
  const { input, outputLimit, cost, price } = estimate;
  if (price === null || cost.input === null) return noPrice(estimate);
  const rate = (perMillion: number): Markdown => markup`${figure(rateOf(perMillion))} per million`;
  const inputRate = price.above !== null && input.tokens > price.above.inputTokens ? price.above.input : price.input;
  const inputTokens = figure(marked(whole(input.tokens), input.confidence));
  const inputCost = figure(marked(dollars(cost.input), input.confidence));
  const rows = [markup`| input | ${inputTokens} × ${rate(inputRate)} | ${inputCost} |`];
  if (price.output !== null) {
    rows.push(
      outputLimit === null
        ? markup`| output | no known limit × ${rate(price.output)} | ? |`
        : markup`| output at its limit | ≤ ${figure(whole(outputLimit))} × ${rate(price.output)} | ≤ ${figure(dollars(cost.outputLimit ?? 0))} |`,
    );
  }
  const total = figure(marked(dollars(cost.input + (cost.outputLimit ?? 0)), costConfidence(estimate)));
  return join(
    [markup`| Cost | | USD |`, markup`|:--|:--|--:|`, ...rows, markup`| **one call** | | **${total}** |`],
    "\n",
  );
}

function noPrice({ vendor, model, priceReason }: CostEstimate): Markdown {
  const head = vendor.kind === "local" ? "No price" : "Price unknown";
  return markup`**${prose(head)}**: ${withCodeSpans(priceReason ?? "")}. ${withCodeSpans(howToPrice(model.name, vendor))}`;
}

/** A price in USD with at least two decimals, and as many more as it needs. */
const rateOf = (perMillion: number): string => `$${perMillion.toFixed(6).replace(/0{1,4}$/, "")}`;

/** Why the prompt has unknown parts. Where evaluating was stopped, the program's code alone may say what they hold. */
function holeReasons({ holes, limits }: CostEstimate): Markdown[] {
  const others = holes.length - MAX_NAMED_HOLES;
  const named = join(
    holes.slice(0, MAX_NAMED_HOLES).map((one) => markup`${one}`),
    ", ",
  );
  const list = others > 0 ? markup`${named} and ${figure(whole(others))} more` : named;
  if (limits.length > 0) {
    const what = holes.length === 0 ? markup`the request` : markup`what ${list} will hold`;
    return [markup`${what} was not fully evaluated (${prose(limits.join("; "))})`];
  }
  return holes.length === 0 ? [] : [markup`what ${list} will hold is only known at run time`];
}

/** What a count claims, by its confidence. */
const claims: Record<Confidence, string> = {
  exact: "exact for this model, by rules checked against OpenAI's own counts.",
  exactForOneCall: "exact if the answer makes at most one call, by rules checked against OpenAI's own counts.",
  estimated: "estimated; the true number may be a little more or less.",
  lowerBound: "at least this many.",
  partial: "estimated, of the parts that are known; the true number is probably more.",
};

/** Each reason on a line of its own, such as: +9: `tool_choice` names `get_weather`. */
function reasonsOf(estimate: CostEstimate): Markdown[] {
  const counted = estimate.input.reasons.map((reason) => withCodeSpans(reasonLine(reason)));
  return [...holeReasons(estimate), ...counted].map((reason) => markup`  - ${reason}`);
}

function sources(estimate: CostEstimate): Markdown {
  const { input, price } = estimate;
  const counted = join([markup`- Tokens: ${prose(claims[input.confidence])}`, ...reasonsOf(estimate)], "\n");
  const priced =
    price === null
      ? markup``
      : markup`- Price: row ${price.row} of ${price.source === "table" ? price.sourceName : markup`the built-in catalog (${price.sourceName})`}. Cached input costs ${figure(rateOf(price.cachedInput))} per million.`;
  const vendor = markup`- Vendor: ${prose(vendorSentence(estimate.vendor))}.`;
  return join([counted, vendor, priced, markup`- An estimate: the real cost is known once the call has run.`], "\n");
}
