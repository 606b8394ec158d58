import { constants, copyFileSync, existsSync, lstatSync, renameSync, rmSync } from "node:fs";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { counted } from "../core/figures";
import { defaultStoreFile } from "../core/telemetry/local/location";
import { finishCopy, openForReading, saidOfDamage } from "../core/telemetry/local/readOnlyStore";
import { recoverStore } from "../core/telemetry/local/recovery/recover";
import { withDamagedFiles, withSnapshot } from "../core/telemetry/local/snapshot";
import { SpanRows } from "../core/telemetry/local/spanRows";
import { print, printJsonLine, progress, say } from "./output";
import { UsageError, readArguments } from "./usageError";

const actions = { export: exportCalls, backup, recover } as const;

/** `prompt-cost store`: copies, exports and saves the local store, without changing it. */
export async function store(args: string[]): Promise<void> {
  const [name = "", ...rest] = args;
  if (name !== "export" && name !== "backup" && name !== "recover")
    throw new UsageError(`store ${name} is unknown; use store ${Object.keys(actions).join(", store ")}`);
  await actions[name](rest);
}

/** Every call as a line of JSON; see the README for the fields. */
async function exportCalls(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { db: { type: "string" } });
  if (positionals.length > 0) throw new UsageError(`store export takes no "${positionals[0] ?? ""}"; use --db FILE`);
  const file = values.db ?? defaultStoreFile();
  await withSnapshot(file, (snapshot) => {
    const { database } = openForReading(snapshot, file);
    try {
      saidOfDamage(file, () =>
        new SpanRows(database).each(0, ({ isUnpriced: _derived, ...span }) => printJsonLine(span)),
      );
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
  const file = values.db ?? defaultStoreFile();
  await withSnapshot(file, (snapshot) => writeCopy(snapshot, to, file));
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
  const { spans, withoutNames, damagedPages } = await withDamagedFiles(from, (files, isMarked) =>
    recoverStore(files, path.resolve(out), { name: from, isMarked, progress: progress("Recovering") }),
  );
  print(
    damagedPages === 0
      ? `The store is whole: all ${counted(spans, "call")} are in ${out}.`
      : `${counted(spans, "call")} could be read and are in ${out}; ${counted(damagedPages, "page")} of the file could not be read as a whole.`,
  );
  if (withoutNames > 0)
    print(
      `${counted(withoutNames, "call")} lost names, such as the model or the feature; those that reported no cost can't be priced.`,
    );
}

/** What lies beside a store belongs to it: SQLite would read an old log into the new file. */
function refuseExisting(file: string): void {
  for (const name of [file, `${file}-wal`, `${file}.owner`])
    if (lstatSync(name, { throwIfNoEntry: false }) !== undefined)
      throw new UsageError(`${name} exists already; name a file that doesn't, or remove it`);
}

/** The file and its log become one file, which appears whole or not at all. @param file what the person named */
function writeCopy(snapshot: string, to: string, file: string): void {
  const unfinished = `${to}.part-${randomBytes(6).toString("hex")}`;
  try {
    copyFileSync(snapshot, unfinished, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    if (existsSync(`${snapshot}-wal`)) copyFileSync(`${snapshot}-wal`, `${unfinished}-wal`, constants.COPYFILE_EXCL);
    finishCopy(unfinished, file);
    renameSync(unfinished, to);
  } finally {
    for (const ending of ["", "-wal", ".lock"]) rmSync(`${unfinished}${ending}`, { recursive: true, force: true });
  }
}
