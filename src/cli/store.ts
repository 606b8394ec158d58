import { constants, copyFileSync, existsSync, lstatSync, renameSync, rmSync } from "node:fs";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { counted } from "../core/figures";
import { defaultStoreFile } from "../core/telemetry/local/location";
import { mergeLog, openForReading } from "../core/telemetry/local/readOnlyStore";
import { recoverStore } from "../core/telemetry/local/recover";
import { withSnapshot } from "../core/telemetry/local/snapshot";
import { SpanRows } from "../core/telemetry/local/spanRows";
import { print, printJsonLine, say } from "./output";
import { UsageError, readArguments } from "./usageError";

const actions = { export: exportCalls, backup, recover } as const;

/** `prompt-cost store`: copies, exports and saves the local store, without changing it. */
export async function store(args: string[]): Promise<void> {
  const [name = "", ...rest] = args;
  if (name !== "export" && name !== "backup" && name !== "recover")
    throw new UsageError(`store ${name} is unknown; say store ${Object.keys(actions).join(", store ")}`);
  await actions[name](rest);
}

/** Every call as a line of JSON; see the README for the fields. */
async function exportCalls(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { db: { type: "string" } });
  if (positionals.length > 0) throw new UsageError(`store export takes no "${positionals[0] ?? ""}"; use --db FILE`);
  const file = values.db ?? defaultStoreFile();
  await withSnapshot(file, (snapshot) => {
    const database = openForReading(snapshot, file);
    try {
      new SpanRows(database).each(0, ({ isUnpriced: _derived, ...span }) => printJsonLine(span));
    } finally {
      database.close();
    }
  });
}

/** A copy of the whole store as it is now. */
async function backup(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { db: { type: "string" } });
  const [to] = positionals;
  if (to === undefined || positionals.length > 1)
    throw new UsageError("store backup needs one file to write, such as store backup spans-backup.sqlite");
  refuseExisting(to);
  await withSnapshot(values.db ?? defaultStoreFile(), (snapshot) => writeCopy(snapshot, to));
  say(`Copied to ${to}.`);
}

/** Saves what can be read of a damaged store into a new file. */
async function recover(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { db: { type: "string" }, out: { type: "string" } });
  if (positionals.length > 0)
    throw new UsageError(`store recover takes no "${positionals[0] ?? ""}"; use --db FILE and --out FILE`);
  const from = values.db ?? defaultStoreFile();
  const out = values.out ?? `${from.replace(/\.sqlite$/, "")}-recovered.sqlite`;
  refuseExisting(out);
  const { spans, gaps } = await withSnapshot(from, (snapshot) => recoverStore(snapshot, path.resolve(out), from));
  print(
    gaps === 0
      ? `All ${counted(spans, "call")} could be read and are in ${out}.`
      : `${counted(spans, "call")} could be read and are in ${out}; ${counted(gaps, "part")} of the file could not be read.`,
  );
}

function refuseExisting(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined)
    throw new UsageError(`${file} exists already; name a file that doesn't`);
}

/** The file and its log become one file, which appears whole or not at all. */
function writeCopy(snapshot: string, to: string): void {
  const unfinished = `${to}.part-${randomBytes(6).toString("hex")}`;
  try {
    copyFileSync(snapshot, unfinished, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    if (existsSync(`${snapshot}-wal`)) copyFileSync(`${snapshot}-wal`, `${unfinished}-wal`, constants.COPYFILE_EXCL);
    mergeLog(unfinished);
    renameSync(unfinished, to);
  } finally {
    for (const ending of ["", "-wal", ".lock"]) rmSync(`${unfinished}${ending}`, { recursive: true, force: true });
  }
}
