import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/**
 * Of all processes that use a store, one owns it: it opens the database and receives spans. It listens on a local
 * socket, whose address lies beside the database; the others ask it. A socket dies with its process, however it dies,
 * so an owner is alive exactly while its socket takes connections: no heartbeat, no process ids.
 */
export type Role =
  { kind: "owner"; server: net.Server; release: () => void } | { kind: "guest"; connection: net.Socket };

/** A process that died while it was taking over has left its mark for at most so long. */
const STALE_MS = 10_000;

/** Becomes the owner, or connects to it. @throws where the folder can't be written. */
export async function takeRole(file: string): Promise<Role> {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const [mark, address] = [`${file}.taking`, `${file}.owner`];
  for (;;) {
    const connection = await connectTo(address);
    if (connection !== null) return { kind: "guest", connection };
    if (!tryMark(mark)) {
      await wait(20 + Math.random() * 60);
      continue;
    }
    try {
      const late = await connectTo(address);
      if (late !== null) return { kind: "guest", connection: late };
      return await own(address);
    } finally {
      rmSync(mark, { recursive: true, force: true });
    }
  }
}

async function own(address: string): Promise<Role> {
  const socket = socketPath(address);
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
  if (process.platform !== "win32") chmodSync(socket, 0o600);
  writeFileSync(`${address}.new`, socket, { mode: 0o600 });
  renameSync(`${address}.new`, address);
  const release = (): void => {
    server.close();
    if (readAddress(address) === socket) rmSync(address, { force: true });
  };
  return { kind: "owner", server, release };
}

function tryMark(mark: string): boolean {
  try {
    mkdirSync(mark);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    try {
      if (Date.now() - statSync(mark).mtimeMs > STALE_MS) rmdirSync(mark);
    } catch {
      // Another process has just removed it.
    }
    return false;
  }
}

function readAddress(address: string): string | null {
  try {
    return readFileSync(address, "utf8");
  } catch {
    return null;
  }
}

function connectTo(address: string): Promise<net.Socket | null> {
  const socket = readAddress(address);
  if (socket === null || socket === "") return Promise.resolve(null);
  return new Promise((resolve) => {
    const connection = net.connect(socket);
    connection.once("connect", () => resolve(connection));
    connection.once("error", () => resolve(null));
  });
}

/** Short, as socket paths must be, and in a folder that only this user can enter. */
function socketPath(address: string): string {
  const name = `${createHash("sha256").update(address).digest("hex").slice(0, 12)}-${randomBytes(4).toString("hex")}`;
  if (process.platform === "win32") return `\\\\.\\pipe\\prompt-cost-lens-${name}`;
  const folder = path.join(os.tmpdir(), `prompt-cost-lens-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0)
    throw new Error(`${folder} is open to other users; remove it or make it private`);
  return path.join(folder, `${name}.sock`);
}
