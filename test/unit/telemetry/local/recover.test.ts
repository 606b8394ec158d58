import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Database } from "node-sqlite3-wasm";
import { OwnedStore } from "../../../../src/core/telemetry/local/ownedStore";
import { ReadOnlyStore } from "../../../../src/core/telemetry/local/readOnlyStore";
import { groupBy } from "../../../../src/core/telemetry/spend";
import { builtInPrices, root } from "../../support";
import { llmSpans } from "../spans";

const cli = path.join(root, "dist", "cli.js");
const PAGE = 8192;
const CALLS = 12_000;
const limits = { retentionDays: 36_500, maxBytes: 1e12 };
const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-recover-"));
const whole = path.join(folder, "whole.sqlite");

/** Ten features with a name of a page and a half each, so that rows overflow; a cost that tells each call. */
const features = Array.from({ length: 10 }, (_, index) => `feature-${index}-${"x".repeat(1.5 * PAGE)}`);

async function costs(file: string): Promise<Map<string | null, number>> {
  const toUs = Date.now() * 1000;
  const query = { fromUs: 0, toUs, bucketUs: toUs, filters: {} };
  const cube = await new ReadOnlyStore(file).spend(query, builtInPrices);
  return new Map(groupBy(cube, "feature").map(({ key, costUsd }) => [key.value, Math.round(costUsd * 1e6)]));
}

describe("What can be read of a damaged store", () => {
  let file = "";
  before(() => {
    const store = new OwnedStore(whole, limits);
    const start = Date.now() - 20 * 86_400_000;
    for (let at = 0; at < CALLS; at += 2000)
      store.write(
        llmSpans(
          Array.from({ length: 2000 }, (_, index) => ({
            at: start + (at + index) * 60_000,
            attributes: {
              "gen_ai.usage.cost_usd": 0.000001 * (at + index + 1),
              user_id: `user-${index % 50}`,
              feature: features[(at + index) % 10] ?? "",
            },
          })),
        ),
      );
    store.close();
  });
  beforeEach(() => {
    file = path.join(mkdtempSync(path.join(folder, "case-")), "spans.sqlite");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const damage = (change: (bytes: Buffer) => Buffer): void => writeFileSync(file, change(readFileSync(whole)));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [cli, "store", ...args, "--db", file], { encoding: "utf8", maxBuffer: 2 ** 28 });
  const recovered = (): { status: number | null; text: string; spans: number | null } => {
    const { status, stdout, stderr } = run("recover");
    const out = file.replace(".sqlite", "-recovered.sqlite");
    if (status !== 0) return { status, text: stderr, spans: null };
    const store = new OwnedStore(out, limits);
    const { spans } = store.status();
    assert.equal(store.notice, null);
    store.close();
    return { status, text: stdout, spans };
  };

  it("is all of a store that is whole, to the cent and with its names", async () => {
    copyFileSync(whole, file);
    const { text, spans } = recovered();
    assert.match(text, /The store is whole: all 12,000 calls are in/);
    assert.equal(spans, CALLS);
    assert.deepEqual(await costs(file.replace(".sqlite", "-recovered.sqlite")), await costs(whole));
  });

  it("includes what only the log holds", () => {
    const store = new OwnedStore(file, limits);
    store.write(llmSpans([{ at: Date.now() - 1000, attributes: { feature: "in the log" } }]));
    const killed = path.join(path.dirname(file), "killed");
    mkdirSync(killed);
    for (const ending of ["", "-wal"]) copyFileSync(`${file}${ending}`, path.join(killed, `spans.sqlite${ending}`));
    store.close();
    file = path.join(killed, "spans.sqlite");
    assert.equal(recovered().spans, 1);
  });

  const beginnings: [string, (bytes: Buffer) => Buffer][] = [
    ["the first 16 bytes", (bytes) => bytes.fill(0, 0, 16)],
    ["bytes 100 to 200", (bytes) => bytes.fill(0, 100, 200)],
    ["the whole first page", (bytes) => bytes.fill(0xaa, 0, PAGE)],
    ["the first page and the map of pages", (bytes) => bytes.fill(0, 0, 2 * PAGE)],
  ];
  for (const [what, change] of beginnings)
    it(`is every call where ${what} are damaged`, async () => {
      damage(change);
      const { status, text, spans } = recovered();
      assert.equal(status, 0, text);
      assert.equal(spans, CALLS, text);
      assert.match(
        text,
        /12,000 calls could be read and are in .*; \d+ pages? of the file could not be read as a whole/,
      );
      assert.deepEqual(await costs(file.replace(".sqlite", "-recovered.sqlite")), await costs(whole));
    });

  it("is what isn't on the damaged pages, in the middle and where the end is cut off", () => {
    damage((bytes) => {
      const middle = Math.floor(bytes.length / 2 / PAGE) * PAGE;
      return bytes.fill(0xaa, middle, middle + 3 * PAGE).subarray(0, Math.floor(bytes.length * 0.9));
    });
    const { text, spans } = recovered();
    assert.ok(spans !== null && spans > CALLS * 0.7 && spans < CALLS, text);
    assert.match(text, /pages of the file could not be read as a whole/);
  });

  it("keeps the figures where the names of calls are lost", async () => {
    damage((bytes) => {
      // Every page on which a feature's name begins.
      for (const name of features)
        for (let at = bytes.indexOf(name.slice(0, 12)); at >= 0; at = bytes.indexOf(name.slice(0, 12), at + PAGE))
          bytes.fill(0, Math.floor(at / PAGE) * PAGE, Math.floor(at / PAGE + 1) * PAGE);
      return bytes;
    });
    const { text, spans } = recovered();
    assert.equal(spans, CALLS, text);
    assert.match(text, /12,000 calls lost names, such as the model or the feature/);
    assert.deepEqual(
      [...(await costs(file.replace(".sqlite", "-recovered.sqlite")))],
      [[null, (CALLS * (CALLS + 1)) / 2]],
    );
  });

  it("brings back nothing that was deleted", () => {
    copyFileSync(whole, file);
    const store = new OwnedStore(file, limits);
    store.clear();
    store.write(llmSpans([{ at: Date.now() - 1000 }]));
    store.close();
    assert.equal(recovered().spans, 1);
  });

  it("is said to be nothing where it is nothing, and no file is left", () => {
    damage((bytes) => bytes.subarray(0, PAGE).fill(0, 100));
    const first = recovered();
    assert.equal(first.status, 2);
    assert.match(first.text, /Nothing could be recovered from .*spans\.sqlite/);
    assert.deepEqual(readdirSync(path.dirname(file)), ["spans.sqlite"]);
    damage((bytes) => bytes.fill(0x20));
    const second = recovered();
    assert.equal(second.status, 2);
    assert.match(second.text, /not a store of Prompt Cost Lens/);
    assert.deepEqual(readdirSync(path.dirname(file)), ["spans.sqlite"]);
  });

  it("is no sum where a row lacks its figures", async () => {
    copyFileSync(whole, file);
    const database = new Database(file);
    database.exec(
      "PRAGMA locking_mode = EXCLUSIVE; DELETE FROM day; UPDATE span SET input = NULL WHERE start = (SELECT max(start) FROM span)",
    );
    database.close();
    await assert.rejects(costs(file), /The local store is damaged/);
  });

  it("is no sum where a tree leads to other rows than it should", async () => {
    damage((bytes) => {
      let found = 0;
      for (let page = PAGE; page < bytes.length; page += PAGE)
        if (bytes[page] === 0x02) {
          found++;
          // One bit of the number of a child's page.
          const child = page + bytes.readUInt16BE(page + 12) + 3;
          bytes[child] = (bytes[child] ?? 0) ^ 1;
        }
      assert.ok(found > 0);
      return bytes;
    });
    await assert.rejects(costs(file), /The local store is damaged/);
    assert.equal(run("export").status, 2);
  });

  it("isn't written where the log of another store would be read into it", () => {
    copyFileSync(whole, file);
    const copy = path.join(path.dirname(file), "copy.sqlite");
    writeFileSync(`${copy}-wal`, "left behind");
    for (const command of [
      ["backup", copy],
      ["recover", "--out", copy],
    ]) {
      const { status, stderr } = run(...command);
      assert.equal(status, 2);
      assert.match(stderr, /copy\.sqlite-wal exists already/);
    }
    assert.deepEqual(readdirSync(path.dirname(file)), ["copy.sqlite-wal", "spans.sqlite"]);
  });

  it("is pointed to by every command that meets the damage", () => {
    const copy = path.join(path.dirname(file), "copy.sqlite");
    for (const change of [
      ...beginnings.slice(0, 2).map(([, one]) => one),
      (bytes: Buffer) => bytes.fill(0xaa, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 12 * PAGE),
    ]) {
      damage(change);
      for (const command of [["export"], ["backup", copy]]) {
        const { status, stderr } = run(...command);
        assert.equal(status, 2, `${command[0]}: ${stderr}`);
        assert.match(stderr, /The local store is damaged: .*store recover --db /, command[0]);
      }
      assert.deepEqual(readdirSync(path.dirname(file)), ["spans.sqlite"], "no copy is left");
    }
  });
});
