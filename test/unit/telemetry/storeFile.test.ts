import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Database } from "node-sqlite3-wasm";
import { defaultLimits } from "../../../src/core/telemetry/defaults";
import { OwnedStore } from "../../../src/core/telemetry/local/ownedStore";
import { ReadOnlyStore } from "../../../src/core/telemetry/local/readOnlyStore";
import { total } from "../../../src/core/telemetry/spend";
import { TelemetryError } from "../../../src/core/telemetry/store";
import { builtInPrices, root } from "../support";
import { llmSpans } from "./spans";

const DAY = 86_400_000;
const cli = path.join(root, "dist", "cli.js");
const spansAt = (...times: number[]) =>
  llmSpans(times.map((at) => ({ at, attributes: { "gen_ai.usage.cost_usd": 0.5, user_id: "u", feature: "f" } })));

/** Everything about a folder that a reader must not change. */
const stateOf = (folder: string) =>
  readdirSync(folder)
    .sort()
    .map((name) => {
      const { mtimeMs, size, ino } = statSync(path.join(folder, name));
      return { name, mtimeMs, size, ino, content: readFileSync(path.join(folder, name)).toString("base64") };
    });

const costOf = async (file: string): Promise<number> => {
  const now = Date.now() * 1000;
  const query = { fromUs: 0, toUs: now + 1, bucketUs: now + 1, filters: {} };
  return total(await new ReadOnlyStore(file).spend(query, builtInPrices)).costUsd;
};

describe("The local store's file", () => {
  let folder = "";
  let file = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-file-"));
    file = path.join(folder, "spans.sqlite");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is read without changing it, with what only its log holds, and with what is older than the retention", async () => {
    const store = new OwnedStore(file, { ...defaultLimits, retentionDays: 365 });
    store.write(spansAt(Date.now() - 60_000, Date.now() - 100 * DAY));
    // As after a kill: the log isn't moved into the database.
    const killed = path.join(folder, "killed");
    mkdirSync(killed);
    const copy = path.join(killed, "spans.sqlite");
    for (const ending of ["", "-wal"]) writeFileSync(`${copy}${ending}`, readFileSync(`${file}${ending}`));
    store.close();
    assert.ok(statSync(`${copy}-wal`).size > 0);
    const before = stateOf(killed);
    assert.equal(await costOf(copy), 1);
    const { status, stdout } = spawnSync(process.execPath, [cli, "spend", "--since", "365d", "--json", "--db", copy], {
      encoding: "utf8",
    });
    assert.equal(status, 0);
    assert.equal((JSON.parse(stdout) as { total: { calls: number } }).total.calls, 2);
    assert.deepEqual(stateOf(killed), before);
  });

  it("isn't created by somebody who only reads", async () => {
    await assert.rejects(costOf(file), (error) => error instanceof TelemetryError && error.kind === "no-store");
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is refused where it is anything else, and left as it is", () => {
    const other = new Database(path.join(folder, "other.sqlite"));
    other.exec("CREATE TABLE span(x); CREATE TABLE user(x); PRAGMA user_version = 2");
    other.close();
    const foreign = new Database(path.join(folder, "marked.sqlite"));
    foreign.exec("CREATE TABLE t(x); PRAGMA application_id = 7");
    foreign.close();
    writeFileSync(path.join(folder, "letter.txt"), "Dear customer, ".repeat(50));
    writeFileSync(path.join(folder, "empty.txt"), "");
    mkdirSync(path.join(folder, "sub"));
    spawnSync("mkfifo", [path.join(folder, "pipe")]);
    const names = ["other.sqlite", "marked.sqlite", "letter.txt", "empty.txt", "sub"];
    const contents = (): unknown[] =>
      names.map((name) => (name === "sub" ? null : readFileSync(path.join(folder, name)).toString("base64")));
    const before = contents();
    for (const name of [...names, "pipe", "/dev/zero"]) {
      const db = name.startsWith("/") ? name : path.join(folder, name);
      for (const command of [["spend"], ["receive", "--port", "0"], ["store", "export"], ["store", "recover"]]) {
        const { status, stderr } = spawnSync(process.execPath, [cli, ...command, "--db", db], {
          encoding: "utf8",
          timeout: 30_000,
        });
        assert.equal(status, 2, `${command.join(" ")} --db ${name}: ${stderr}`);
        assert.match(stderr, /not a store of Prompt Cost Lens/, `${command.join(" ")} --db ${name}`);
      }
    }
    assert.deepEqual(contents(), before);
    assert.deepEqual(
      readdirSync(folder).filter((name) => /damaged|recovered|\.lock$|\.new$/.test(name)),
      [],
    );
  });

  it("loses nothing to starts of one day with a clock that is wrong by 60 days", () => {
    const { now } = Date;
    const start = now();
    const store = new OwnedStore(file);
    store.write(spansAt(start - 10 * DAY, start - DAY, start));
    store.close();
    const callsAfterStart = (offset: number, ...times: number[]): number => {
      Date.now = () => now() + offset;
      try {
        const opened = new OwnedStore(file);
        opened.write(spansAt(...times));
        opened.sweep();
        const { spans } = opened.status();
        opened.close();
        return spans;
      } finally {
        Date.now = now;
      }
    };
    assert.equal(callsAfterStart(60 * DAY), 3, "60 days ahead");
    assert.equal(callsAfterStart(60 * DAY), 3, "and once more");
    assert.equal(callsAfterStart(0), 3, "right again");
    assert.equal(callsAfterStart(60 * DAY, start + 60 * DAY), 4, "60 days ahead, and spans that say so");
    assert.equal(callsAfterStart(0), 4, "right again, after spans of the future");
    assert.equal(callsAfterStart(-60 * DAY), 4, "60 days behind");
  });

  it("forgets old calls after a pause once a start a day before, and a newer call, agree that time has passed", () => {
    const { now } = Date;
    const start = now();
    const store = new OwnedStore(file);
    store.write(spansAt(start - DAY, start));
    store.close();
    const callsAfterStart = (days: number, ...times: number[]): number => {
      Date.now = () => now() + days * DAY;
      try {
        const opened = new OwnedStore(file);
        opened.write(spansAt(...times));
        opened.sweep();
        const { spans } = opened.status();
        opened.close();
        return spans;
      } finally {
        Date.now = now;
      }
    };
    assert.equal(callsAfterStart(61), 2, "the first start after the pause");
    assert.equal(callsAfterStart(61.5, start + 61.4 * DAY), 3, "another one on the same day");
    assert.equal(callsAfterStart(62.2), 1, "one on the next day");
  });

  it("is noticed to be gone before the next batch is confirmed", () => {
    const store = new OwnedStore(file);
    store.write(spansAt(Date.now() - 1000));
    rmSync(file);
    rmSync(`${file}-wal`);
    assert.equal(store.write(spansAt(Date.now() - 2000)).added, 1);
    assert.match(store.notice ?? "", /removed or replaced while it was open/);
    assert.equal(store.status().spans, 1);
    // The log alone.
    rmSync(`${file}-wal`);
    assert.equal(store.write(spansAt(Date.now() - 3000)).added, 1);
    store.close();
    const again = new OwnedStore(file);
    assert.equal(again.status().spans, 2);
    again.close();
  });

  it("can be exported and copied", () => {
    const store = new OwnedStore(file);
    const times = Array.from({ length: 20_000 }, (_, index) => Date.now() - 20 * DAY + index * 60_000);
    for (let at = 0; at < times.length; at += 2000) store.write(spansAt(...times.slice(at, at + 2000)));
    store.close();
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [cli, "store", ...args, "--db", file], { encoding: "utf8", maxBuffer: 2 ** 28 });
    const lines = run("export").stdout.trim().split("\n");
    assert.equal(lines.length, 20_000);
    const first = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    assert.deepEqual([first["costUsd"], first["user"], first["feature"]], [0.5, "u", "f"]);
    const copy = path.join(folder, "copy.sqlite");
    assert.equal(run("backup", copy).status, 0);
    assert.equal(run("backup", copy).status, 2, "nothing is overwritten");
    const copied = new OwnedStore(copy);
    assert.equal(copied.status().spans, 20_000);
    copied.close();
  });
});
