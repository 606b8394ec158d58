import { mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { TelemetryError } from "../store";
import { connectToOwner } from "./ownership";
import { Guest, isOwnerAway } from "./guest";
import { layOut } from "./privateView";
import { z } from "zod";
import { STORE_VERSION, inspectStore, resolveStore } from "./storeFile";

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
  const found = inspectStore(target);
  if (found.kind === "missing") throw noStore(file);
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-lens-read-"));
  try {
    const snapshot = path.join(folder, "spans.sqlite");
    if (await hasCopied(target, snapshot)) return read(snapshot);
    // One of an older layout is brought to today's before it is read: that needs a copy.
    return readInPlace(target, snapshot, found.version < STORE_VERSION, read);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a running owner has made a copy. One that stands still or leaves changes nothing: its file can be read. */
async function hasCopied(target: string, snapshot: string): Promise<boolean> {
  const connection = await connectToOwner(target);
  if (connection === null) return false;
  const owner = new Guest(connection);
  try {
    await owner.ask({ kind: "backup", to: snapshot }, z.unknown());
    return true;
  } catch (error) {
    if (isOwnerAway(error)) return false;
    throw error;
  } finally {
    owner.close();
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
