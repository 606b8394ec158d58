import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createTwoFilesPatch } from "diff";
import { Assets } from "../core/assets";
import { applyEdits } from "../core/instrument/edit";
import { Instrumenter, type OpenedFile, wrapperFiles } from "../core/instrument/plan";
import { readSource } from "../core/scan/readSource";
import { LineStarts } from "../core/scan/lineStarts";
import { isSource, walk } from "../core/scan/walk";
import { readPriceBook } from "./pricing";
import { UsageError, readArguments } from "./usageError";

/** `prompt-cost instrument PATH…`: tracks calls, takes the tracking away, or (`--check`) lists calls that aren't tracked. */
export async function instrument(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { feature: { type: "string" }, all: { type: "boolean" }, "dry-run": { type: "boolean" }, diff: { type: "boolean" }, check: { type: "boolean" }, remove: { type: "boolean" }, pricing: { type: "string" }, "no-ignore": { type: "boolean" } });
  if (positionals.length === 0) throw new UsageError("instrument needs a path, such as: prompt-cost instrument app/answers.py --feature support_reply");
  const isFolder = (given: string): boolean => existsSync(given) && statSync(given).isDirectory();
  for (const given of positionals) if (!existsSync(given)) throw new UsageError(`${given} can't be read: no such file or folder`);
  const files = [...new Set(positionals.flatMap((given) => (isFolder(given) ? [...walk(path.resolve(given), values["no-ignore"] ?? false)] : [path.resolve(given)])))].filter((file) => isSource(file) && !file.endsWith(".ipynb"));
  const root = positionals.length === 1 && isFolder(positionals[0] ?? "") ? path.resolve(positionals[0] ?? "") : process.cwd();
  const assets = new Assets(__dirname);
  const { table } = readPriceBook(values.pricing, [root], assets.catalogue);
  const instrumenter = new Instrumenter(assets);
  const writes = new Map<string, { before: string; after: string }>();
  let [done, open] = [0, 0];
  for (const file of files) {
    const source = readSource(file);
    if (source.kind !== "text") continue;
    const opened = await instrumenter.open(file, source.text, root);
    if (opened === null) continue;
    if (values.check === true) open += listOpen(opened);
    else {
      const edits = values.remove === true ? opened.untrack(opened.calls) : trackingOf(opened, values.feature, values.all ?? false);
      if (edits.length > 0) {
        done++;
        writes.set(file, { before: opened.text, after: applyEdits(opened.text, edits) });
        if (values.remove !== true) for (const made of wrapperFiles(opened.place, __dirname, table, assets.catalogue)) writes.set(made.file, { before: existsSync(made.file) ? readFileSync(made.file, "utf8") : "", after: made.text });
      }
    }
    opened.close();
  }
  if (values.check === true) {
    if (open > 0) {
      process.stdout.write(`${open} ${open === 1 ? "call is" : "calls are"} not tracked.\n`);
      process.exitCode = 1;
    } else process.stdout.write("Every call is tracked.\n");
    return;
  }
  for (const [file, { before, after }] of writes) {
    if (values.diff === true) process.stdout.write(createTwoFilesPatch(shown(file), shown(file), before, after));
    else process.stdout.write(`${before === "" ? "writes" : "changes"} ${shown(file)}\n`);
    if (values["dry-run"] !== true) writeFileSync(file, after);
  }
  if (writes.size === 0) process.stdout.write(values.remove === true ? "No call is tracked.\n" : "Nothing to track.\n");
  else if (values["dry-run"] === true) process.stdout.write(`Dry run: nothing was written. ${done} ${done === 1 ? "file" : "files"} would change.\n`);
}

const shown = (file: string): string => path.relative(process.cwd(), file).split(path.sep).join("/");

/** What tracks the calls of a file: all of them where that was said, else the only one. @throws where it can't be done. */
function trackingOf(opened: OpenedFile, feature: string | undefined, all: boolean): ReturnType<OpenedFile["track"]> {
  const wanted = opened.calls.filter(({ isTracked }) => !isTracked);
  const lines = new LineStarts(opened.text);
  for (const { refusal, start } of wanted) if (refusal !== null) process.stderr.write(`prompt-cost: ${shown(opened.file)}:${lines.at(start).line} is left alone: ${refusal}\n`);
  const can = wanted.filter(({ refusal }) => refusal === null);
  if (can.length > 1 && !all) throw new UsageError(`${shown(opened.file)} has ${can.length} calls that aren't tracked; say --all to track each of them`);
  // One name for many calls says little: without --feature each takes the name of what is around it.
  if (feature === undefined && !all && can.length > 0) throw new UsageError(`say --feature NAME, such as --feature ${can[0]?.suggestion ?? "support_reply"}`);
  return opened.track(can.map((call) => ({ call, attribution: { feature: feature ?? call.suggestion, userId: null, team: null, environment: null } })));
}

function listOpen({ file, text, calls }: OpenedFile): number {
  const lines = new LineStarts(text);
  const open = calls.filter(({ isTracked }) => !isTracked);
  for (const { start, api } of open) process.stdout.write(`${shown(file)}:${lines.at(start).line} ${api}\n`);
  return open.length;
}
