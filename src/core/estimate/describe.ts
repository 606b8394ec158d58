import { PRICING_FILE } from "../pricing/tableFile";
import type { CostEstimate } from "./estimate";
import { dollars, whole } from "../figures";

/**
 * The breakdown of an estimate as Markdown, for the hover and the page that a click opens. Text from the
 * code stands in code spans only, so that nothing in it becomes a link or markup.
 */
export function describeEstimate(api: string, estimate: CostEstimate): string {
  return [`**${api}** · ${modelLine(estimate)}`, tokensTable(estimate), costTable(estimate), sources(estimate)]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** A code span that holds any text: its fence is longer than every run of backticks in it. */
export function codeSpan(text: string): string {
  const line = text.replace(/\s+/g, " ").replaceAll("|", "¦");
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = "`".repeat(longest + 1);
  const padding = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${padding}${line}${padding}${fence}`;
}

const origins = {
  literal: "written in the call",
  constant: "from a constant",
  default: "a default that callers or the environment can change",
  dynamic: "only known when the program runs",
};

function modelLine({ model, serviceTier }: CostEstimate): string {
  const name = model.name ?? model.expression;
  return `${name === null ? "model unknown" : codeSpan(name)} (${origins[model.source]})${serviceTier === null ? "" : ` · tier ${codeSpan(serviceTier)}`}`;
}

const partLabel = (label: string): string => label.replace(/[\\`*_{}[\]<>#|!]/g, "\\$&");

function tokensTable({ input, holes }: CostEstimate): string {
  const rows = input.parts
    .filter((part) => part.tokens !== 0)
    .map((part) => `| ${partLabel(part.label)} | ${whole(part.tokens)} |`);
  const unknownRows = holes.map((one) => `| ${codeSpan(one)} | ? |`);
  return [
    "| Input | Tokens |",
    "|:--|--:|",
    ...rows,
    ...unknownRows,
    `| **total** | **${whole(input.tokens)}${input.exact ? "" : "+"}** |`,
  ].join("\n");
}

function costTable({ input, outputLimit, cost, price, priceReason }: CostEstimate): string {
  if (price === null || cost.input === null)
    return `**Price unknown**: ${priceReason ?? ""}. Add the model to ${codeSpan(PRICING_FILE)} to price it.`;
  const more = input.exact ? "" : "+";
  const rate = (perMillion: number): string => `${rateOf(perMillion)} per million`;
  const inputRate = price.above !== null && input.tokens > price.above.inputTokens ? price.above.input : price.input;
  const rows = [`| input | ${whole(input.tokens)}${more} × ${rate(inputRate)} | ${dollars(cost.input)}${more} |`];
  if (price.output !== null) {
    rows.push(
      outputLimit === null
        ? `| output | no known limit × ${rate(price.output)} | ? |`
        : `| output at its limit | ≤ ${whole(outputLimit)} × ${rate(price.output)} | ≤ ${dollars(cost.outputLimit ?? 0)} |`,
    );
  }
  const isLeast = !input.exact || cost.outputLimit === null;
  rows.push(`| **one call** | | **${dollars(cost.input + (cost.outputLimit ?? 0))}${isLeast ? "+" : ""}** |`);
  return ["| Cost | | USD |", "|:--|:--|--:|", ...rows].join("\n");
}

/** A price in USD with at least two decimals, and as many more as it needs. */
const rateOf = (perMillion: number): string => `$${perMillion.toFixed(6).replace(/0{1,4}$/, "")}`;

function sources({ input, price }: CostEstimate): string {
  const counted = input.exact
    ? "- Tokens: exact for this model, by rules checked against OpenAI's own counts."
    : `- Tokens: at least so many, since ${input.reasons.join("; ")}.`;
  const priced =
    price === null
      ? []
      : [
          `- Price: row ${codeSpan(price.row)} of ${price.source === "table" ? codeSpan(price.sourceName) : `the built-in catalogue (${partLabel(price.sourceName)})`}. Cached input costs ${rateOf(price.cachedInput)} per million.`,
        ];
  return [counted, ...priced, "- An estimate: what the call really costs is known once it has run."].join("\n");
}
