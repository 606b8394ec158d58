import { spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";

/** Opens a file only if nobody else holds it so (macOS: O_EXLOCK | O_NONBLOCK; Windows: libuv's UV_FS_O_EXLOCK). */
const EXCLUSIVE_OPEN: Partial<Record<NodeJS.Platform, number>> = { darwin: 0x20 | 0x4, win32: 0x10000000 };

/**
 * A lock of the operating system on a file. It belongs to this process and goes with it, however it dies; a process
 * that stands still keeps it. It holds between containers and private temporary folders, where sockets aren't seen.
 */
export interface SystemLock {
  /** The file's descriptor: for as long as it is open, the lock holds. */
  handle: number;
  /** False where this system has no way to lock a file: then the mark in it must do. */
  isKernels: boolean;
}

/** Takes the lock; null where another process holds it. @throws where the file can't be opened or made. */
export async function takeLock(file: string): Promise<SystemLock | null> {
  const plain = constants.O_RDWR | constants.O_CREAT;
  const exclusive = EXCLUSIVE_OPEN[process.platform];
  if (exclusive !== undefined) {
    try {
      return { handle: openSync(file, plain | exclusive, 0o600), isKernels: true };
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "";
      if (code === "EAGAIN" || code === "EBUSY" || code === "EWOULDBLOCK") return null;
      throw error;
    }
  }
  // A link in its place could lead anywhere.
  const handle = openSync(file, plain | constants.O_NOFOLLOW, 0o600);
  const result = await flock(handle);
  if (result !== "held") return { handle, isKernels: result === "taken" };
  closeSync(handle);
  return null;
}

/**
 * Node can't lock files. The program `flock` locks the descriptor that it inherits; the lock is the open file's, so it
 * stays when that program ends, until this process closes the file or dies.
 */
function flock(handle: number): Promise<"taken" | "held" | "unknown"> {
  return new Promise((resolve) => {
    const child = spawn("flock", ["-n", "3"], { stdio: ["ignore", "ignore", "ignore", handle] });
    child.once("error", () => resolve("unknown"));
    child.once("exit", (code) => resolve(code === 0 ? "taken" : code === 1 ? "held" : "unknown"));
  });
}
