import path from "node:path";
import { Assets } from "../core/assets";
import { type ScanOutput, toScanOutput } from "../core/scan/output";
import { type ScanResult, type ScannedCall, Scanner } from "../core/scan/scan";
import { costConfidence } from "../core/estimate/estimate";
import { formatEstimate } from "../core/estimate/format";
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
  else print(...asTable(result, output));
}

/** Below the current folder as a relative path, elsewhere as an absolute one. */
function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return (relative.startsWith("..") ? file : relative).split(path.sep).join("/");
}

/** What the lens says of a call whose prompt isn't known: what it waits for. The frame's figures alone would mislead. */
const isUnread = ({ estimate }: ScannedCall): boolean => estimate.origins.prompt !== null;

function rowOf(call: ScannedCall): string[] {
  const { file, cell, line, api, estimate } = call;
  const { input, cost, model, vendor, outputLimit } = estimate;
  return [
    `${shown(file)}${cell === null ? "" : `#cell ${cell}`}:${line}`,
    api,
    model.name ?? "(known at run time)",
    vendor.name,
    isUnread(call) ? formatEstimate("{input}", estimate) : marked(whole(input.tokens), input.confidence),
    outputLimit === null || outputLimit === 0 ? "–" : `≤ ${whole(outputLimit)}`,
    cost.input === null
      ? vendor.kind === "local"
        ? "no price"
        : "price unknown"
      : isUnread(call)
        ? "?"
        : marked(dollars(cost.input + (cost.outputLimit ?? 0)), costConfidence(estimate)),
  ];
}

function asTable({ calls }: ScanResult, { files }: ScanOutput): string[] {
  const rows = calls.map(rowOf);
  const skipped = Object.values(files.skipped).reduce((sum, count) => sum + count, 0);
  const foot = `${counted(files.scanned, "file")} scanned${
    skipped > 0
      ? `, ${skipped} skipped (${Object.entries(files.skipped)
          .map(([reason, count]) => `${count} ${reason === "overLong" ? "over-long" : reason}`)
          .join(", ")})`
      : ""
  }.`;
  if (rows.length === 0) return [`No calls to OpenAI found. ${foot}`];
  const read = calls.filter((call) => !isUnread(call));
  const priced = read.filter(({ estimate }) => estimate.cost.input !== null);
  const input = priced.reduce((sum, { estimate }) => sum + (estimate.cost.input ?? 0), 0);
  const limited = priced.filter(({ estimate }) => estimate.cost.outputLimit !== null);
  const output = limited.reduce((sum, { estimate }) => sum + (estimate.cost.outputLimit ?? 0), 0);
  const tokens = read.reduce((sum, { estimate }) => sum + estimate.input.tokens, 0);
  const confidence = leastSure(read.map(({ estimate }) => estimate.input.confidence));
  const ofPriced = leastSure(priced.map(({ estimate }) => estimate.input.confidence));
  const ofAll = `of ${counted(calls.length, "call")}`;
  const left = (count: number, why: string): string[] => (count === 0 ? [] : [`${count} ${ofAll}: ${why}`]);
  // What no call has a figure for is no sum of nothing.
  const sums = [
    read.length === 0 ? "tokens unknown" : `${marked(whole(tokens), confidence)} tokens in`,
    priced.length === 0 ? "cost unknown" : `${marked(dollars(input), ofPriced)} for input`,
    ...(priced.length === 0
      ? []
      : [limited.length === 0 ? "output unknown" : `${dollars(output)} for output at the limit`]),
  ];
  const notes = [
    `Each call once: ${sums.join(", ")}.`,
    ...left(calls.length - read.length, "prompt unknown, excluded from the total."),
    ...left(priced.length - limited.length, "output limit unknown, output excluded from the total."),
    ...left(read.length - priced.length, "price unknown, excluded from the total cost."),
    "+ means at least: part of the prompt or of the price is only known at run time.",
    ...(calls.some(({ estimate }) => /estimated|partial/.test(estimate.input.confidence))
      ? ["~ means estimated: how the API frames or encodes such a request has not been measured."]
      : []),
  ];
  return [
    ...table(["Call", "API", "Model", "Vendor", "Tokens in", "Tokens out", "USD / call"], rows, [4, 5, 6]),
    "",
    `${calls.length} ${calls.length === 1 ? "call" : "calls"}. ${foot}`,
    ...notes,
  ];
}
