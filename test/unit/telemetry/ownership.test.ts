import * as assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { Guest } from "../../../src/core/telemetry/local/guest";
import { ownMark } from "../../../src/core/telemetry/local/ownerMark";
import { networkFileSystem } from "../../../src/core/telemetry/local/networkDisk";
import { TelemetryError } from "../../../src/core/telemetry/store";
import { root } from "../support";

const cli = path.join(root, "dist", "cli.js");

describe("The owner of a local store", () => {
  let folder = "";
  let file = "";
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-owner-"));
    file = path.join(folder, "spans.sqlite");
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  /** A receiver with a temporary folder of its own, as in a container. */
  const receive = (name: string, environment: NodeJS.ProcessEnv = {}) => {
    const temporary = path.join(folder, name);
    mkdirSync(temporary);
    const child = spawn(process.execPath, [cli, "receive", "--port", "0", "--db", file], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, TMPDIR: temporary, ...environment },
    });
    children.push(child);
    const lines: string[] = [];
    let check = (): void => undefined;
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.push(line);
      check();
    });
    /** Resolves with the first line that fits, also one that came before. */
    const line = (pattern: RegExp): Promise<string> =>
      new Promise((resolve) => {
        check = () => {
          const found = lines.find((one) => pattern.test(one));
          if (found !== undefined) resolve(found);
        };
        check();
      });
    return { child, lines, line, ended: new Promise<number | null>((resolve) => child.once("exit", resolve)) };
  };

  it("is one process, wherever the others keep their temporary files, and another one after it was killed", async () => {
    const first = receive("one");
    await first.line(/^Receiving/);
    const second = receive("two");
    await second.line(/this one takes over when that one closes/);
    assert.equal(JSON.parse(readFileSync(`${file}.owner`, "utf8")).pid, first.child.pid);
    first.child.kill("SIGKILL");
    await second.line(/^Receiving/);
    assert.equal(JSON.parse(readFileSync(`${file}.owner`, "utf8")).pid, second.child.pid);
  });

  it("keeps the store while it stands still, and whoever only looks reads past it", async () => {
    const first = receive("one");
    await first.line(/^Receiving/);
    first.child.kill("SIGSTOP");
    const second = receive("two");
    await second.line(/this one takes over when that one closes/);
    const lock = spawnSync("flock", ["-n", `${file}.owner`, "true"]);
    if (lock.error === undefined) assert.equal(lock.status, 1, "the lock is the first one's");
    first.child.kill("SIGCONT");
    first.child.kill("SIGKILL");
    await second.line(/^Receiving/);
  });

  it("that stands still keeps nobody waiting who only looks", async () => {
    const first = receive("one");
    await first.line(/^Receiving/);
    first.child.kill("SIGSTOP");
    const from = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [cli, "spend", "--db", file], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.ok(performance.now() - from < 12_000, "the owner is asked for a sign of life, once");
  });

  it("and whoever looks need no folder for temporary files", async () => {
    const first = receive("one", { TMPDIR: "/proc/nowhere" });
    await first.line(/^Receiving/);
    first.child.kill("SIGKILL");
    await first.ended;
    const { status, stderr } = spawnSync(process.execPath, [cli, "spend", "--db", file], {
      encoding: "utf8",
      env: { ...process.env, TMPDIR: "/proc/nowhere" },
    });
    assert.equal(status, 0, stderr);
  });

  it("is refused in words where its folder can't be made", () => {
    const { status, stderr } = spawnSync(process.execPath, [cli, "receive", "--db", "/proc/nowhere/spans.sqlite"], {
      encoding: "utf8",
      timeout: 30_000,
      killSignal: "SIGKILL",
    });
    assert.equal(status, 2);
    assert.match(stderr, /The local store can't be written: \/proc\/nowhere/);
  });

  it("of another container, that beats no more and can't lock, may be paused: nobody takes its place", () => {
    const mark = { ...ownMark("/nowhere.sock", false), pidNamespace: "pid:[1]", pid: 1, processStart: "1" };
    writeFileSync(`${file}.owner`, JSON.stringify(mark));
    utimesSync(`${file}.owner`, 0, 0);
    const { status, stderr } = spawnSync(process.execPath, [cli, "receive", "--port", "0", "--db", file], {
      encoding: "utf8",
    });
    assert.equal(status, 2);
    assert.match(stderr, /Another process .* holds the local store .* If it is gone for good, delete .*\.owner/);
  });

  it("on another machine is refused in words, as far as its mark shows", () => {
    const mark = {
      host: "other-host",
      boot: "0123456789abcdef",
      pidNamespace: "pid:[1]",
      pid: 1,
      processStart: "1",
      isLocked: true,
    };
    writeFileSync(`${file}.owner`, JSON.stringify({ ...mark, socket: "/nowhere.sock" }));
    const { status, stderr } = spawnSync(process.execPath, [cli, "receive", "--port", "0", "--db", file], {
      encoding: "utf8",
    });
    assert.equal(status, 2);
    assert.match(stderr, /Another process \(process 1 on other-host\) holds the local store and can't be reached/);
  });

  it("that can't lock is still the owner for one that can", async () => {
    const first = receive("one", { PATH: "/nonexistent" });
    await first.line(/^Receiving/);
    const second = receive("two");
    await second.line(/this one takes over when that one closes/);
    first.child.kill("SIGKILL");
    await second.line(/^Receiving/);
  });

  it("touches nothing of others beside the store", () => {
    const beside = ["spans.sqlite.lock", "spans.sqlite.new", "spans.sqlite.owner"].map((name) =>
      path.join(folder, name),
    );
    for (const one of beside) writeFileSync(one, "precious");
    const { status, stderr } = spawnSync(process.execPath, [cli, "receive", "--port", "0", "--db", file], {
      encoding: "utf8",
      timeout: 20_000,
    });
    assert.equal(status, 2, stderr);
    for (const one of beside) assert.equal(readFileSync(one, "utf8"), "precious", one);
  });

  it("that doesn't answer is given up after a limit of time", async () => {
    const server = net.createServer();
    const socket = path.join(folder, "silent.sock");
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const guest = new Guest(net.connect(socket), {}, 50);
    await assert.rejects(
      guest.ask({ kind: "status" }, z.unknown()),
      (error) => error instanceof TelemetryError && error.kind === "owner-silent" && error.isTransient,
    );
    guest.close();
    server.close();
  });

  it("is never on a network file system", () => {
    assert.equal(networkFileSystem(0x6969), "NFS");
    assert.equal(networkFileSystem(0xfe534d42), "SMB");
    assert.equal(networkFileSystem(0x01021997), "9P");
    assert.equal(networkFileSystem(0xef53), undefined, "ext4");
    assert.equal(networkFileSystem(0x9123683e), undefined, "btrfs");
  });
});
