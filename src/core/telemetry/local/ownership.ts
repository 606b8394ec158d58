import { createHash, randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  rmdirSync,
  statSync,
} from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { TelemetryError } from "../store";
import { HEARTBEAT_MS, type OwnerMark, isOfThisBoot, ownMark, ownerState, readMark, writeMark } from "./ownerMark";
import { refuseNetworkDisk } from "./networkDisk";
import { identityOf, inspectStore, makeFolder, refuseForeignMark } from "./storeFile";
import { type SystemLock, takeLock } from "./systemLock";
import { noTemporaryFolder, temporaryPlaces } from "./temporaryFolder";

/**
 * Of all processes that use a store, one owns it: it opens the database and receives spans; the others ask it on a
 * local socket. The owner holds the system's lock on the file `….owner` beside the database, and writes there who it
 * is. The lock decides; the mark says in words who holds it, and stands in where a system can't lock.
 */
export type Role =
  | {
      kind: "owner";
      server: net.Server;
      /** The last owner was killed, and the machine has not been started again since: all that it wrote is there. */
      isAfterKill: boolean;
      /** False once the file with the lock was removed: another process may own the store by now. */
      isHeld: () => boolean;
      release: () => void;
    }
  | { kind: "guest"; connection: net.Socket };

/** An owner that has just taken the lock has so long (ms) to say where it answers. */
const ANSWERS_WITHIN_MS = 3_000;

/** Longest folder of a socket: some systems give a socket's whole path 104 bytes. */
const MAX_SOCKET_FOLDER = 75;

/** A process that died while it was taking over has left its folder for at most so long (ms). */
const STALE_TAKING_MS = 10_000;

export const markOf = (file: string): string => `${file}.owner`;

/**
 * Becomes the owner, or connects to it.
 * @throws TelemetryError where another process holds the store and can't be reached, or its disk is shared; what the
 *   file system throws where the folder can't be written.
 */
export async function takeRole(file: string): Promise<Role> {
  makeFolder(path.dirname(file));
  refuseNetworkDisk(path.dirname(file));
  // What isn't ours is refused before anything is laid beside it.
  inspectStore(file);
  refuseForeignMark(markOf(file));
  const until = Date.now() + ANSWERS_WITHIN_MS;
  for (;;) {
    const lock = await takeLock(markOf(file));
    if (lock?.isKernels === true && readMark(markOf(file))?.isLocked !== false) return own(file, lock);
    const connection = await connectToOwner(file);
    if (lock !== null && connection === null) return ownByMark(file, lock);
    if (lock !== null) closeSync(lock.handle);
    if (connection !== null) return { kind: "guest", connection };
    if (Date.now() > until) throw heldElsewhere(file, readMark(markOf(file)));
    await wait(20 + Math.random() * 60);
  }
}

/** A connection to the store's owner; null where there is none that answers. */
export function connectToOwner(file: string): Promise<net.Socket | null> {
  const socket = readMark(markOf(file))?.socket ?? "";
  if (socket === "") return Promise.resolve(null);
  return new Promise((resolve) => {
    const connection = net.connect(socket);
    connection.once("connect", () => resolve(connection));
    connection.once("error", () => resolve(null));
  });
}

async function own(file: string, lock: SystemLock): Promise<Role> {
  const mark = markOf(file);
  try {
    const before = readMark(mark);
    // With the lock in hand, a mark of this machine's is that of a dead process; one of another machine may not be.
    const isHere = ({ boot, host }: OwnerMark): boolean =>
      boot === null ? host === os.hostname() : boot === ownMark("", false).boot;
    const isSafe = before === null || (lock.isKernels && before.isLocked && isHere(before));
    if (!isSafe && ownerState(mark, before) !== "gone") throw heldElsewhere(file, before);
    const socket = socketPath(mark);
    const server = net.createServer();
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
    if (process.platform !== "win32") chmodSync(socket, 0o600);
    writeMark(lock.handle, ownMark(socket, lock.isKernels));
    const heartbeat = setInterval(() => beat(lock.handle), HEARTBEAT_MS);
    heartbeat.unref();
    const release = (): void => {
      clearInterval(heartbeat);
      server.close();
      // The file stays: whoever waits for its lock has it open.
      ftruncateSync(lock.handle, 0);
      closeSync(lock.handle);
    };
    const { dev, ino } = fstatSync(lock.handle);
    const isHeld = (): boolean => identityOf(mark) === `${dev}:${ino}`;
    return { kind: "owner", server, isAfterKill: isOfThisBoot(before), isHeld, release };
  } catch (error) {
    closeSync(lock.handle);
    throw error;
  }
}

/** Where the system can't lock: one process at a time looks at the mark and writes its own. */
async function ownByMark(file: string, lock: SystemLock): Promise<Role> {
  const taking = `${file}.taking`;
  try {
    mkdirSync(taking);
  } catch {
    closeSync(lock.handle);
    if (Date.now() - statSync(taking).mtimeMs > STALE_TAKING_MS) rmdirSync(taking);
    throw heldElsewhere(file, readMark(markOf(file)));
  }
  try {
    return await own(file, lock);
  } finally {
    rmdirSync(taking);
  }
}

function beat(handle: number): void {
  const now = new Date();
  futimesSync(handle, now, now);
}

function heldElsewhere(file: string, mark: OwnerMark | null): TelemetryError {
  const who = mark === null ? "" : ` (process ${mark.pid} on ${mark.host})`;
  return new TelemetryError(
    "held-elsewhere",
    `Another process${who} holds the local store and can't be reached from here, as from another machine or container: ${file}`,
    `Close it, or name another file. If it is gone for good, delete ${markOf(file)}. Retrying automatically.`,
    true,
  );
}

/** Beside the store's other sockets, in a folder that only this user can enter; short, as socket paths must be. */
function socketPath(mark: string): string {
  const name = `${createHash("sha256").update(mark).digest("hex").slice(0, 12)}-${randomBytes(4).toString("hex")}`;
  if (process.platform === "win32") return `\\\\.\\pipe\\prompt-cost-lens-${name}`;
  return path.join(privateFolder(), `${name}.sock`);
}

function privateFolder(): string {
  const user = process.getuid?.() ?? 0;
  const places = temporaryPlaces();
  for (const place of places) {
    const folder = path.join(place, `prompt-cost-lens-${user}`);
    if (folder.length > MAX_SOCKET_FOLDER || !canMake(folder)) continue;
    const { uid, mode } = statSync(folder);
    if (uid === user && (mode & 0o077) === 0) return folder;
    throw new TelemetryError("open-folder", `${folder} is open to other users.`, "Remove it, or make it private.");
  }
  throw noTemporaryFolder(places);
}

function canMake(folder: string): boolean {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
