import { rmSync, statSync } from "node:fs";
import path from "node:path";
import { TelemetryError } from "../store";
import { askOwner } from "./guest";
import { layOut } from "./privateView";
import { z } from "zod";
import { STORE_VERSION, damagedStore, inspectDamaged, inspectStore, resolveStore } from "./storeFile";
import { makeTemporaryFolder } from "./temporaryFolder";

/** How often reading begins again where the store changes meanwhile. */
const MAX_TRIES = 5;

/**
 * Gives a store's content to a reader that changes nothing of it: neither its bytes nor its folder. A running owner is
 * asked for a copy; without one, the reader gets the file itself under another name, with a copy of its log.
 * @param read gets the path of a store to open read-only; it is gone afterwards.
 * @throws TelemetryError `no-store` where there is none, `not-a-store`, or what the owner answers.
 */
export async function withSnapshot<T>(file: string, read: (snapshot: string) => T): Promise<T> {
  const target = resolveStore(file);
  if (inspectStore(target).kind === "missing") throw noStore(file);
  return (await withCopyOfOwner(target, read))?.value ?? withFiles(target, read);
}

/**
 * Gives the files of a store that may be damaged to somebody who reads them without SQLite: an owner's copy, or the
 * files themselves.
 * @param read `isMarked`: the file's header says that it is a store.
 * @throws TelemetryError `no-store` where there is none, `not-a-store` where it can't be one.
 */
export async function withDamagedFiles<T>(file: string, read: (files: string, isMarked: boolean) => T): Promise<T> {
  const target = resolveStore(file);
  const found = inspectDamaged(target);
  if (found.kind === "missing") throw noStore(file);
  const readFiles = (files: string): T => read(files, found.isMarked);
  return (await withCopyOfOwner(target, readFiles))?.value ?? readFiles(target);
}

/** Null where no owner answers: one that stands still or leaves changes nothing, so that its file can be read. */
async function withCopyOfOwner<T>(target: string, read: (snapshot: string) => T): Promise<{ value: T } | null> {
  const folder = makeTemporaryFolder("read");
  try {
    const snapshot = path.join(folder, "spans.sqlite");
    const copied = await askOwner(target, { kind: "backup", to: snapshot }, z.unknown());
    return copied === null ? null : { value: read(snapshot) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The same for a store of which no owner answers. One of an older layout is brought to today's before it is read, in a
 * copy.
 */
export function withFiles<T>(target: string, read: (snapshot: string) => T): T {
  const found = inspectStore(target);
  if (found.kind === "missing") throw noStore(target);
  if (found.isCut) throw damagedStore(target);
  const folder = makeTemporaryFolder("read");
  try {
    return readInPlace(target, path.join(folder, "spans.sqlite"), found.version < STORE_VERSION, read);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const noStore = (file: string): TelemetryError =>
  new TelemetryError(
    "no-store",
    `There is no local store yet: ${file}`,
    "Start receiving (prompt-cost receive, or the Prompt Cost view), or name another file with --db.",
  );

/** Reads the files as they lie there; again where an owner has come and changed them in the meantime. */
function readInPlace<T>(target: string, snapshot: string, isCopied: boolean, read: (snapshot: string) => T): T {
  for (let tries = 1; ; tries++) {
    const before = stateOf(target);
    layOut(target, snapshot, isCopied);
    let result: T;
    try {
      result = read(snapshot);
    } catch (error) {
      if (stateOf(target) === before || tries >= MAX_TRIES) throw error;
      continue;
    }
    if (stateOf(target) === before) return result;
    if (tries >= MAX_TRIES)
      throw new TelemetryError("busy", "The local store keeps changing while it is read.", "Try again.", true);
  }
}

const stateOf = (target: string): string =>
  ["", "-wal"]
    .map((ending) => statSync(`${target}${ending}`, { throwIfNoEntry: false }))
    .map((stat) => (stat === undefined ? "none" : `${stat.ino}:${stat.size}:${stat.mtimeMs}`))
    .join(" ");
