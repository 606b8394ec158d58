import { counted } from "../core/figures";
import path from "node:path";
import { FILE_HEADERS_ONLY, createTwoFilesPatch } from "diff";
import { Assets } from "../core/assets";
import { DiskFiles } from "../core/calls/files";
import { applyEdits } from "../core/textEdit";
import { statOf } from "../core/instrument/writable";
import { textIfReadable } from "../core/files/readFile";
import { Instrumenter, type OpenedFile } from "../core/instrument/instrumenter";
import { type WrapperSource, unusedWrappers, wrapperFiles } from "../core/instrument/wrapperFiles";
import { readSource } from "../core/scan/readSource";
import { LineStarts } from "../core/scan/lineStarts";
import { canBeInstrumented } from "../core/instrument/sources";
import { isSource, walk } from "../core/scan/walk";
import { print, printPatch, warn } from "./output";
import { isFolder } from "./paths";
import { readPriceBook } from "./pricing";
import { projectRoot } from "./projectRoot";
import { readTrackingSettings } from "./trackingSettings";
import { UsageError, readArguments } from "./usageError";
import { type Write, canKeepBytes, writeAll } from "./writeFiles";

const options = {
  feature: { type: "string" },
  all: { type: "boolean" },
  "dry-run": { type: "boolean" },
  diff: { type: "boolean" },
  check: { type: "boolean" },
  remove: { type: "boolean" },
  pricing: { type: "string" },
  "no-ignore": { type: "boolean" },
} as const;

/** `prompt-cost instrument PATH…`: tracks calls, takes the tracking away, or (`--check`) lists calls that aren't tracked. */
export async function instrument(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, options);
  if (positionals.length === 0)
    throw new UsageError(
      "instrument needs a path, such as: prompt-cost instrument app/answers.py --feature support_reply",
    );
  for (const given of positionals) refuseLinks(given);
  const files = instrumentable(positionals, values["no-ignore"] ?? false);
  const root = projectRoot(positionals);
  const assets = new Assets(__dirname);
  const source: WrapperSource = {
    dist: __dirname,
    table: readPriceBook(values.pricing, [root], assets.catalogue).table,
    catalogue: assets.catalogue,
  };
  const opened = openAll(files, new Instrumenter(assets, new DiskFiles([root])), root, positionals);
  if (values.check === true) {
    const untracked: string[] = [];
    for await (const one of opened) untracked.push(...openCalls(one));
    return sayUntracked(untracked);
  }
  const changes: Changes = { writes: new Map(), changed: 0, refused: 0 };
  for await (const one of opened) changeFile(one, values, root, source, changes);
  if (values.remove === true) removeUnused(changes.writes, root, values["no-ignore"] ?? false);
  if (values["dry-run"] !== true) writeAll(changes.writes, root);
  sayChanges(changes, values);
}

type Values = ReturnType<typeof readArguments<typeof options>>["values"];

/** What is written in the end, how many files of code that changes, and how many calls can't be tracked. */
interface Changes {
  writes: Map<string, Write>;
  changed: number;
  refused: number;
}

/** Files whose calls can be tracked: all but notebooks, of which it says so. */
function instrumentable(paths: readonly string[], everything: boolean): string[] {
  const sources = sourcesBelow(paths, everything);
  const files = sources.filter((file) => !file.endsWith(".ipynb"));
  if (files.length < sources.length) warn(`notebooks are not looked at (${sources.length - files.length})`);
  return files;
}

/** The files that have calls, each open until the next one is asked for. */
async function* openAll(
  files: readonly string[],
  instrumenter: Instrumenter,
  root: string,
  named: readonly string[],
): AsyncGenerator<OpenedFile> {
  for (const file of files) {
    const opened = await open(file, instrumenter, root, named);
    if (opened === null) continue;
    yield opened;
    opened.close();
  }
}

/** Tracks a file's calls, or takes their tracking away. @throws UsageError where the file may not be written. */
function changeFile(opened: OpenedFile, values: Values, root: string, source: WrapperSource, changes: Changes): void {
  const { file, text, place, unsafe } = opened;
  if (unsafe !== null) throw new UsageError(`nothing was written: for ${shown(file)}, ${unsafe}`);
  const isRemoval = values.remove === true;
  const calls = opened.calls.filter(({ isTracked }) => isTracked === isRemoval);
  changes.refused += sayRefusals(opened, calls);
  const edits = isRemoval ? opened.untrack(calls) : tracking(opened, calls, values.feature, values.all ?? false);
  if (edits.length === 0) return;
  changes.changed++;
  changes.writes.set(file, { before: text, after: applyEdits(text, edits) });
  if (isRemoval) return;
  for (const made of wrapperFiles(place, root, source))
    changes.writes.set(made.file, { before: textIfReadable(made.file, [root]) ?? null, after: made.text });
}

/** Wrappers that nothing imports once these files are written go too. */
function removeUnused(writes: Map<string, Write>, root: string, everything: boolean): void {
  for (const file of unusedWrappers([...walk(root, everything)], root, (one) => writes.get(one)?.after))
    writes.set(file, { before: textIfReadable(file, [root]) ?? null, after: null });
}

function sayChanges({ writes, changed, refused }: Changes, values: Values): void {
  for (const [file, { before, after }] of writes) {
    if (values.diff === true) printPatch(patchOf(file, before ?? "", after ?? ""));
    else print(`${after === null ? "removes" : before === null ? "writes" : "changes"} ${shown(file)}`);
  }
  if (writes.size > 0) {
    if (values["dry-run"] === true) print(`Dry run: nothing was written. ${counted(changed, "file")} would change.`);
    return;
  }
  const isRefused = refused > 0 && values.all !== true;
  print(isRefused ? "Nothing was written." : values.remove === true ? "No call is tracked." : "Nothing to track.");
  if (isRefused) process.exitCode = 1;
}

/** The names stand in the lines that are quoted where a name holds quotes or line breaks, and in no `Index:` line. */
const patchOf = (file: string, before: string, after: string): string =>
  createTwoFilesPatch(shown(file), shown(file), before, after, undefined, undefined, {
    headerOptions: FILE_HEADERS_ONLY,
  });

const shown = (file: string): string => path.relative(process.cwd(), file).split(path.sep).join("/");

/** @throws UsageError on what is no file or folder itself: a link may lead anywhere, a pipe never ends. */
function refuseLinks(given: string): void {
  const found = statOf(given);
  if (found === null) throw new UsageError(`${given} can't be read: no such file or folder`);
  if (found.isSymbolicLink())
    throw new UsageError(`nothing was written: ${given} is a symbolic link; name the file that it leads to`);
  if (!found.isFile() && !found.isDirectory())
    throw new UsageError(`nothing was written: ${given} is neither a file nor a folder`);
}

function sourcesBelow(paths: readonly string[], everything: boolean): string[] {
  const all = paths.flatMap((given) =>
    // What stands in a folder, and can't be instrumented in its language, is no omission.
    isFolder(given) ? [...walk(path.resolve(given), everything)].filter(canBeInstrumented) : [path.resolve(given)],
  );
  return [...new Set(all)].filter((file) => isSource(file));
}

/** A file with its calls; null where it has none. What can't be read or parsed says so, where it was named or has calls. */
async function open(
  file: string,
  instrumenter: Instrumenter,
  root: string,
  named: readonly string[],
): Promise<OpenedFile | null> {
  const isNamed = named.some((given) => path.resolve(given) === file);
  const source = readSource(file, isNamed ? "anywhere" : named.map((given) => path.resolve(given)));
  if (source.kind === "skipped" && isNamed) warn(`${shown(file)} is left alone: it is ${source.reason}`);
  if (source.kind !== "text") return null;
  const opened = await instrumenter.open(file, source.text, root);
  if (opened?.hasErrors === true && isNamed && opened.calls.length === 0)
    warn(`${shown(file)} is left alone: it has syntax errors`);
  if (opened === null || opened.calls.length === 0) return null;
  return canKeepBytes(file, source.text)
    ? opened
    : { ...opened, calls: opened.calls.map((call) => ({ ...call, refusal: call.refusal ?? "its file isn't UTF-8" })) };
}

function sayRefusals({ file, text }: OpenedFile, calls: OpenedFile["calls"]): number {
  const lines = new LineStarts(text);
  const refused = calls.filter(({ refusal }) => refusal !== null);
  for (const { refusal, start } of refused) warn(`${shown(file)}:${lines.at(start).line} is left alone: ${refusal}`);
  return refused.length;
}

/** What tracks the calls of a file: all of them where that was said, else the only one. @throws where it can't be done. */
function tracking(
  opened: OpenedFile,
  calls: OpenedFile["calls"],
  feature: string | undefined,
  all: boolean,
): ReturnType<OpenedFile["track"]> {
  const can = calls.filter(({ refusal }) => refusal === null);
  if (can.length > 1 && !all)
    throw new UsageError(
      `${shown(opened.file)} has ${counted(can.length, "untracked call")}; use --all to track each of them`,
    );
  // One name for many calls says little: without --feature each takes the name of what is around it.
  if (feature === undefined && !all && can.length > 0)
    throw new UsageError(`use --feature NAME, such as --feature ${can[0]?.suggestion ?? "support_reply"}`);
  const settings = readTrackingSettings(opened.file);
  const chosen = can.map((call) => ({
    call,
    attribution: { feature: feature ?? call.suggestion, userId: null, ...settings },
  }));
  if (!all) return opened.track(chosen);
  // One call whose place can't hold the name doesn't keep all others from being tracked.
  const lines = new LineStarts(opened.text);
  return opened.track(
    chosen.filter(({ call, attribution }) => {
      const refusal = opened.refusalOfNames(call, attribution);
      if (refusal !== null) warn(`${shown(opened.file)}:${lines.at(call.start).line} is left alone: ${refusal}`);
      return refusal === null;
    }),
  );
}

function openCalls({ file, text, calls }: OpenedFile): string[] {
  const lines = new LineStarts(text);
  return calls
    .filter(({ isTracked }) => !isTracked)
    .map(({ start, api }) => `${shown(file)}:${lines.at(start).line} ${api}`);
}

function sayUntracked(calls: readonly string[]): void {
  print(
    ...calls,
    calls.length === 0
      ? "Every call is tracked."
      : `${calls.length} ${calls.length === 1 ? "call is" : "calls are"} not tracked.`,
  );
  if (calls.length > 0) process.exitCode = 1;
}
