import path from "node:path";
import { Assets } from "../core/assets";
import { type ScanOutput, toScanOutput } from "../core/scan/output";
import { Scanner } from "../core/scan/scan";
import { costConfidence } from "../core/estimate/estimate";
import { leastSure, marked } from "../core/tokens/confidence";
import { print, printJson, warn } from "./output";
import { isFolder } from "./paths";
import { readPriceBook } from "./pricing";
import { table } from "./table";
import { UsageError, readArguments } from "./usageError";
import { counted, dollars, whole } from "../core/figures";

/** `prompt-cost scan PATH…` */
export async function scan(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, {
    json: { type: "boolean" },
    pricing: { type: "string" },
    "no-ignore": { type: "boolean" },
  });
  if (positionals.length === 0) throw new UsageError("scan needs a path, such as: prompt-cost scan .");
  const folders = positionals.flatMap((given) => (isFolder(given) ? [path.resolve(given)] : []));
  const assets = new Assets(__dirname);
  const book = readPriceBook(values.pricing, folders, assets.catalogue);
  const roots = folders.length > 0 ? folders : [process.cwd()];
  const result = await new Scanner(assets, book, roots).scan(positionals, values["no-ignore"] ?? false);
  for (const { file, message } of result.problems) warn(`${shown(file)} ${message}`);
  const output = toScanOutput(result, shown);
  if (values.json) printJson(output);
  else print(...asTable(output));
}

/** Below the current folder as a relative path, elsewhere as an absolute one. */
function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return (relative.startsWith("..") ? file : relative).split(path.sep).join("/");
}

function asTable({ calls, files }: ScanOutput): string[] {
  const rows = calls.map((call) => [
    `${call.file}${call.cell === null ? "" : `#cell ${call.cell}`}:${call.line}`,
    call.api,
    call.model.name ?? "(known at run time)",
    call.input.tokens === 0 && call.input.confidence === "lowerBound"
      ? "?"
      : marked(whole(call.input.tokens), call.input.confidence),
    call.output.limit === null || call.output.limit === 0 ? "–" : `≤ ${whole(call.output.limit)}`,
    call.costUsd.input === null
      ? "price unknown"
      : call.costUsd.input + (call.costUsd.outputLimit ?? 0) === 0 && call.input.confidence === "lowerBound"
        ? "?"
        : marked(
            dollars(call.costUsd.input + (call.costUsd.outputLimit ?? 0)),
            costConfidence({ input: call.input, cost: call.costUsd }),
          ),
  ]);
  const skipped = Object.values(files.skipped).reduce((sum, count) => sum + count, 0);
  const foot = `${counted(files.scanned, "file")} scanned${
    skipped > 0
      ? `, ${skipped} skipped (${Object.entries(files.skipped)
          .map(([reason, count]) => `${count} ${reason === "overLong" ? "over-long" : reason}`)
          .join(", ")})`
      : ""
  }.`;
  if (rows.length === 0) return [`No calls to OpenAI found. ${foot}`];
  const priced = calls.filter((call) => call.costUsd.input !== null);
  const input = priced.reduce((sum, call) => sum + (call.costUsd.input ?? 0), 0);
  const output = priced.reduce((sum, call) => sum + (call.costUsd.outputLimit ?? 0), 0);
  const unlimited = priced.filter((call) => call.costUsd.outputLimit === null).length;
  const unpriced = calls.length - priced.length;
  const tokens = calls.reduce((sum, call) => sum + call.input.tokens, 0);
  const confidence = leastSure(calls.map((call) => call.input.confidence));
  const notes = [
    `Each call once: ${marked(whole(tokens), confidence)} tokens in, ${marked(dollars(input), confidence)} for input, ${dollars(output)} for output at the limit.`,
    ...(unlimited > 0
      ? [`${unlimited} of ${calls.length} calls set no output limit that is known: their output is not in the sum.`]
      : []),
    ...(unpriced > 0 ? [`${unpriced} of ${calls.length} calls have no known price: they are not in the sum.`] : []),
    "+ means at least: a part of the prompt, or of the price, is only known when the program runs.",
    ...(calls.some(({ input }) => input.confidence === "estimated")
      ? ["~ means estimated: how the API frames such a request is not measured."]
      : []),
  ];
  return [
    ...table(["Call", "API", "Model", "Tokens in", "Tokens out", "USD / call"], rows, [3, 4, 5]),
    "",
    `${calls.length} ${calls.length === 1 ? "call" : "calls"}. ${foot}`,
    ...notes,
  ];
}
