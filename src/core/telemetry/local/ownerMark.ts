import { createHash } from "node:crypto";
import { fsyncSync, ftruncateSync, lstatSync, readFileSync, readlinkSync, statSync, writeSync } from "node:fs";
import os from "node:os";
import { z } from "zod";

const mark = z.object({
  host: z.string(),
  /** Tells one start of a machine from the next, and from other machines; a hash. */
  boot: z.string().nullable(),
  /** Where process ids count: a container has its own. */
  pidNamespace: z.string().nullable(),
  pid: z.number(),
  /** When the process started, as the system counts: a number that was given to two processes is told apart by it. */
  processStart: z.string().nullable(),
  /** The local socket on which the owner answers; empty until it does. */
  socket: z.string(),
  /** Whether the owner holds the system's lock too: where it could not, a free lock says nothing of it. */
  isLocked: z.boolean(),
});

/** Who owns a store, as the file beside it says. Its time of change is the owner's heartbeat. */
export type OwnerMark = z.infer<typeof mark>;

/** Milliseconds between heartbeats. */
export const HEARTBEAT_MS = 5_000;
/** A mark without a heartbeat for so long is that of a process that is gone, if nothing else says so. */
const SILENT_MS = 60_000;

const read = (file: string): string | null => {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return null;
  }
};

function pidNamespace(): string | null {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return null;
  }
}

/** The 22nd field of /proc/PID/stat, behind a name that may hold spaces and brackets; null for one that has ended. */
function processStart(pid: number): string | null {
  const [state = "", ...fields] =
    read(`/proc/${pid}/stat`)
      ?.replace(/^.*\) /s, "")
      .split(" ") ?? [];
  return state === "" || /^[ZX]$/.test(state) ? null : (fields[18] ?? null);
}

function bootId(): string | null {
  const id = read("/proc/sys/kernel/random/boot_id");
  return id === null ? null : createHash("sha256").update(id).digest("hex").slice(0, 16);
}

/** This process's mark. */
export const ownMark = (socket: string, isLocked: boolean): OwnerMark => ({
  host: os.hostname(),
  boot: bootId(),
  pidNamespace: pidNamespace(),
  pid: process.pid,
  processStart: processStart(process.pid),
  socket,
  isLocked,
});

/** Writes a mark into a file that is open and locked: replacing the file would lose the lock. */
export function writeMark(handle: number, value: OwnerMark): void {
  const text = JSON.stringify(value);
  ftruncateSync(handle, 0);
  writeSync(handle, text, 0, "utf8");
  fsyncSync(handle);
}

/** The mark of a file; null where there is none, or it is being written. */
export function readMark(file: string): OwnerMark | null {
  try {
    // A pipe in its place would be waited for.
    if (!lstatSync(file).isFile()) return null;
    return mark.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return null;
  }
}

/** Whether a mark was left by a process that ended without release, since this machine was started. */
export const isOfThisBoot = (found: OwnerMark | null): boolean =>
  found !== null && found.boot !== null && found.boot === bootId();

/** Whether the process behind a mark is still there, as far as this process can tell. */
export function ownerState(file: string, found: OwnerMark): "alive" | "gone" | "unknown" {
  const here = ownMark("", false);
  const isSilent = Math.abs(Date.now() - statSync(file).mtimeMs) > SILENT_MS;
  if (found.boot !== null && found.boot === here.boot) {
    // Another container's processes can't be seen, and one that was paused beats no more than one that is gone.
    if (found.pidNamespace !== here.pidNamespace) return "unknown";
    const started = processStart(found.pid);
    return started !== null && started === found.processStart ? "alive" : "gone";
  }
  if (found.host === here.host && found.boot !== null && here.boot !== null) return "gone";
  if (found.host === here.host) return isAlive(found.pid) && !isSilent ? "alive" : "gone";
  return isSilent ? "gone" : "unknown";
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
