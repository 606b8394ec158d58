import * as assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { Database } from "node-sqlite3-wasm";
import { failureOf } from "../../../src/core/telemetry/local/database";
import { LocalStore } from "../../../src/core/telemetry/local/localStore";
import { encodeTraces } from "../../openobserve/otlp";
import { assets, root } from "../../unit/support";
import { requestOf, span } from "../../unit/telemetry/spans";

const cli = path.join(root, "dist", "cli.js");
const disk = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-disk-"));
/** A file system of its own for one process: small, or read-only. */
const onDisk = (options: string, command: string): [string, string[]] => [
  "unshare",
  ["--mount", "--map-root-user", "sh", "-c", `mount -t tmpfs -o ${options} tmpfs ${disk} && ${command}`],
];
const canMount = (): boolean => {
  const [program, args] = onDisk("size=1m", "true");
  return spawnSync(program, args).status === 0;
};

describe("Local store on a disk that fails", () => {
  let child: ChildProcess | null = null;
  before(function () {
    if (canMount()) return;
    console.log("    (skipped: this machine lets nobody mount a small disk)");
    this.skip();
  });
  afterEach(() => child?.kill("SIGKILL"));
  after(() => rmSync(disk, { recursive: true, force: true }));

  const receive = (
    options: string,
    first = "true",
  ): { lines: string[]; port: Promise<number>; ended: Promise<number> } => {
    const [program, args] = onDisk(
      options,
      `${first} && exec ${process.execPath} ${cli} receive --port 0 --db ${disk}/spans.sqlite`,
    );
    const started = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    child = started;
    const lines: string[] = [];
    const port = new Promise<number>((resolve) => {
      createInterface({ input: started.stderr }).on("line", (line) => {
        lines.push(line);
        const listening = /127\.0\.0\.1:(\d+) into/.exec(line)?.[1];
        if (listening !== undefined) resolve(Number(listening));
      });
    });
    return { lines, port, ended: new Promise((resolve) => started.once("exit", (code) => resolve(code ?? -1))) };
  };
  const send = (port: number, count: number) =>
    fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: "POST",
      headers: { "Content-Type": "application/x-protobuf" },
      body: Buffer.from(
        encodeTraces(
          requestOf(
            Array.from({ length: count }, () =>
              span({
                at: Date.now() - 60_000,
                attributes: { "gen_ai.usage.cost_usd": 0.5, "gen_ai.usage.input_tokens": 5 },
              }),
            ),
          ),
        ),
      ),
    });

  it("refuses with a sentence while the disk is full, and takes spans again once there is room", async () => {
    const { port } = receive("size=24m", `head -c 18m /dev/zero > ${disk}/ballast`);
    const receiver = await port;
    let taken = 0;
    let refused: Response | null = null;
    while (refused === null && taken < 200_000) {
      const response = await send(receiver, 500);
      if (response.status === 200) taken += 500;
      else refused = response;
    }
    assert.ok(taken > 0, "some found room");
    assert.equal(refused?.status, 503);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    assert.match(await refused.text(), /The disk that holds the local store is full: .* Free some space/s);
    // The disk is another process's own: it is seen through that process.
    const inside = `/proc/${child?.pid ?? 0}/root${disk}`;
    rmSync(path.join(inside, "ballast"));
    assert.equal((await send(receiver, 10)).status, 200);
    const copy = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-copy-"));
    child?.kill("SIGSTOP");
    for (const name of readdirSync(inside).filter((one) => /^spans\.sqlite(-wal)?$/.test(one)))
      spawnSync("cp", [path.join(inside, name), copy]);
    const store = new LocalStore(path.join(copy, "spans.sqlite"), { catalogue: assets.catalogue });
    await store.ready();
    const { spans, notice } = await store.status();
    await store.close();
    rmSync(copy, { recursive: true, force: true });
    assert.deepEqual({ spans, notice }, { spans: taken + 10, notice: null });
  });

  it("says that a folder can't be written, and what to do", async () => {
    const { lines, ended } = receive("ro");
    assert.notEqual(await ended, 0);
    assert.match(
      lines.join("\n"),
      /The local store can't be written: .*spans\.sqlite.* Give yourself the right to write in /,
    );
  });
});

describe("Local store that another program holds", () => {
  it("is said to be held, in words", () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-held-"));
    const file = path.join(folder, "spans.sqlite");
    const holder = new Database(file);
    holder.exec("BEGIN EXCLUSIVE; CREATE TABLE held(x)");
    const other = new Database(file);
    try {
      other.exec("CREATE TABLE mine(x)");
      assert.fail("nobody held it");
    } catch (error) {
      const { kind, message, nextStep, isTransient } = failureOf(error, file);
      assert.deepEqual([kind, isTransient], ["locked", true]);
      assert.equal(
        `${message} ${nextStep}`,
        `Another program holds the local store: ${file} Close the other program. Retrying automatically.`,
      );
    } finally {
      other.close();
      holder.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
