import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { Database } from "node-sqlite3-wasm";
import { OwnedStore } from "../../../../src/core/telemetry/local/ownedStore";
import { ownMark } from "../../../../src/core/telemetry/local/ownerMark";
import { ReadOnlyStore } from "../../../../src/core/telemetry/local/readOnlyStore";
import { leftOut } from "../../../../src/core/telemetry/local/writeAheadLog";
import { total } from "../../../../src/core/telemetry/spend";
import { builtInPrices, root } from "../../support";
import { call } from "./calls";

const BATCHES = 6;
const BATCH = 200;
const HEADER = 32;
const FRAME = 24 + 8192;
const limits = { retentionDays: 36_500, maxBytes: 1e12 };
const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-log-"));
const cli = path.join(root, "dist", "cli.js");
let lastId = 0;
const batch = () =>
  Array.from({ length: BATCH }, () =>
    call({ spanId: (++lastId).toString(16).padStart(16, "0"), startUs: Date.now() * 1000 - lastId * 1000 }),
  );

/** A store whose owner was killed: all of its calls are in the log. Batches are transactions. */
function killedStore(batches = BATCHES): string {
  const file = path.join(mkdtempSync(path.join(folder, "case-")), "spans.sqlite");
  const store = new OwnedStore(`${file}.live`, limits);
  for (let at = 0; at < batches; at++) store.write(batch());
  for (const ending of ["", "-wal"]) copyFileSync(`${file}.live${ending}`, `${file}${ending}`);
  store.close();
  return file;
}

const inLog = (file: string, change: (bytes: Buffer) => Buffer): void =>
  writeFileSync(`${file}-wal`, change(readFileSync(`${file}-wal`)));
const flip =
  (at: number) =>
  (bytes: Buffer): Buffer => {
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return bytes;
  };
const frames = (file: string): number => (readFileSync(`${file}-wal`).length - HEADER) / FRAME;
const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, at) => (at * 73 + 41) % 251));
const over = (bytes: Buffer, put: Buffer): Buffer => Buffer.concat([put, bytes.subarray(put.length)]);
const run = (file: string, ...args: string[]) =>
  spawnSync(process.execPath, [cli, ...args, "--db", file], { encoding: "utf8" });
const read = (file: string) => {
  const toUs = Date.now() * 1000 + 1;
  return new ReadOnlyStore(file).spend({ fromUs: 0, toUs, bucketUs: toUs, filters: {} }, builtInPrices);
};
const open = (file: string, isAfterKill = false): OwnedStore =>
  new OwnedStore(file, limits, null, () => undefined, isAfterKill);
/** Leaves the mark of an owner that was killed, in this start of the machine or in another one. */
const mark = (file: string, boot = ownMark("", true).boot): void =>
  writeFileSync(`${file}.owner`, JSON.stringify({ ...ownMark("", true), boot, pid: 1 << 22 }));

describe("A damaged write-ahead log", () => {
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("isn't what a killed owner leaves", async () => {
    const file = killedStore();
    assert.equal(leftOut(file).transactions, 0);
    assert.equal(total(await read(file)).calls, BATCHES * BATCH);
    const store = open(file, true);
    assert.equal(store.notice, null);
    assert.equal(store.status().spans, BATCHES * BATCH);
    store.close();
  });

  const overwritten: [string, (bytes: Buffer) => Buffer][] = [
    ["the first 64 bytes are noise", (bytes) => over(bytes, noise(64))],
    ["the first 64 bytes are zeros", (bytes) => bytes.fill(0, 0, 64)],
    ["the first 4,096 bytes are noise", (bytes) => over(bytes, noise(4096))],
    ["the first three frames are zeros", (bytes) => bytes.fill(0, 0, HEADER + 3 * FRAME)],
    ["the header is another log's", (bytes) => over(bytes, readFileSync(`${killedStore(1)}-wal`).subarray(0, HEADER))],
    ["the second half is zeros", (bytes) => bytes.fill(0, HEADER + Math.floor(bytes.length / 2 / FRAME) * FRAME)],
  ];
  for (const [what, change] of overwritten)
    it(`is said, and what is left is saved, where ${what}`, async () => {
      const file = killedStore();
      inLog(file, change);
      mark(file);
      const { status, stderr } = run(file, "spend");
      assert.notEqual(status, 0);
      assert.match(stderr, /damaged.*store recover/s);
      const { stdout, stderr: failure } = run(file, "store", "recover", "--out", `${file}.saved`);
      assert.equal(failure, "");
      assert.doesNotMatch(stdout, /is whole/);
      const store = open(file, true);
      assert.match(store.notice ?? "", /was damaged/);
      store.close();
      const saved = total(await read(`${file}.saved`)).calls;
      assert.ok(saved >= 2 * BATCH && saved < BATCHES * BATCH + 1, `${saved}`);
    });

  it("isn't what is left of an earlier turn of it, behind a header alone", () => {
    const file = killedStore();
    const database = new Database(file);
    database.get("PRAGMA locking_mode = EXCLUSIVE");
    const before = readFileSync(`${file}-wal`);
    database.get("PRAGMA wal_checkpoint(TRUNCATE)");
    database.close();
    // All of it was moved into the database; a new header stands before it, whose first frame didn't get there.
    writeFileSync(
      `${file}-wal`,
      Buffer.concat([readFileSync(`${killedStore(1)}-wal`).subarray(0, HEADER), before.subarray(HEADER)]),
    );
    assert.equal(leftOut(file).transactions, 0);
    const store = open(file, true);
    assert.equal(store.notice, null);
    assert.equal(store.status().spans, BATCHES * BATCH);
    store.close();
  });

  it("is saved where the database itself is gone", async () => {
    const file = killedStore();
    mark(file);
    rmSync(file);
    assert.match(run(file, "spend").stderr, /damaged.*store recover/s);
    const store = open(file, true);
    const [, aside = ""] = /kept as (\S+),/.exec(store.notice ?? "") ?? [];
    assert.notEqual(aside, "", store.notice ?? "");
    store.close();
    assert.equal(run(aside, "store", "recover", "--out", `${file}.saved`).status, 0);
    assert.ok(total(await read(`${file}.saved`)).calls > 0);
  });

  const places: [string, number][] = [
    ["the header's salts", 17],
    ["the header's checksum", 25],
    ["the number of the first page", HEADER + 3],
    ["the first frame's salts", HEADER + 9],
    ["the first frame's checksum", HEADER + 17],
    ["the first frame's page", HEADER + 24 + 4000],
    ["the third frame's page", HEADER + 2 * FRAME + 24 + 100],
  ];
  for (const [where, at] of places)
    it(`is said by readers, set aside by the owner, and saved, where one bit of ${where} is wrong`, async () => {
      const file = killedStore();
      inLog(file, flip(at));
      const readers = [["spend"], ["store", "export"], ["store", "backup", `${file}.copy`]];
      // All of them look at the log in the same way: one place shows that each does.
      for (const args of at === places[0]?.[1] ? readers : readers.slice(0, 1)) {
        const { status, stdout, stderr } = run(file, ...args);
        assert.notEqual(status, 0, args.join(" "));
        assert.match(stderr, /damaged.*store recover/s);
        assert.equal(stdout, "");
      }
      assert.ok(!existsSync(`${file}.copy`));
      const log = readFileSync(`${file}-wal`);
      const store = open(file);
      assert.match(store.notice ?? "", /was damaged.*store recover --db/);
      assert.equal(store.status().spans, 0);
      store.close();
      const aside = readdirSync(path.dirname(file)).find((name) => /damaged-[^.]*Z$/.test(name)) ?? "";
      const kept = path.join(path.dirname(file), aside);
      assert.deepEqual(readFileSync(`${kept}-wal`), log);
      const { status, stdout } = run(kept, "store", "recover", "--out", `${file}.saved`);
      assert.equal(status, 0);
      // A page of which a frame is damaged is taken as it was before.
      const saved = total(await read(`${file}.saved`)).calls;
      assert.ok(saved >= (BATCHES - 1) * BATCH && saved <= BATCHES * BATCH, `${saved}: ${stdout}`);
    });

  it("tells recover's pages that are damaged, and only those", () => {
    const file = killedStore();
    const whole = run(file, "store", "recover", "--out", `${file}.whole`);
    assert.match(whole.stdout, /The store is whole: all 1,200 calls/);
    inLog(file, flip(HEADER + 24 + 4000));
    assert.match(run(file, "store", "recover", "--out", `${file}.saved`).stdout, /1 page of the file could not/);
  });

  it("is no damage where a power cut tore the last transaction, which is told", async () => {
    const file = killedStore();
    // The last frame but one, or the last, is of the last transaction.
    inLog(file, (bytes) => bytes.fill(0, HEADER + (frames(file) - 2) * FRAME, HEADER + (frames(file) - 1) * FRAME));
    assert.equal(leftOut(file).transactions, 1);
    mark(file, "another start");
    const cube = await read(file);
    assert.equal(cube.partial, true);
    assert.equal(total(cube).calls, (BATCHES - 1) * BATCH);
    const store = open(file);
    assert.match(store.notice ?? "", /The last batch .* incomplete/);
    assert.equal(store.status().spans, (BATCHES - 1) * BATCH);
    store.close();
    assert.equal((await read(file)).partial, false);
  });

  it("is damage where the process died, but the machine didn't", async () => {
    const file = killedStore(1);
    inLog(file, flip(HEADER + 24 + 4000));
    mark(file);
    await assert.rejects(() => read(file), /damaged/);
    const store = open(file, true);
    assert.match(store.notice ?? "", /was damaged/);
    store.close();
  });

  it("is an incomplete end of any length, which nobody was told of", async () => {
    const file = killedStore();
    const { length } = readFileSync(`${file}-wal`);
    for (const cut of [1, 100, 8192, FRAME - 1, FRAME + 1]) {
      truncateSync(`${file}-wal`, length - cut);
      assert.equal(leftOut(file).transactions, 0, String(cut));
    }
    const store = open(file, true);
    assert.equal(store.notice, null);
    assert.equal(store.status().spans, (BATCHES - 1) * BATCH);
    store.close();
  });

  it("is seen in none of a store's lives", () => {
    const file = path.join(mkdtempSync(path.join(folder, "case-")), "spans.sqlite");
    const store = open(file);
    // Large enough for the log to begin again several times.
    for (let at = 0; at < 60; at++) {
      store.write(batch());
      assert.equal(leftOut(file).transactions, 0);
    }
    store.close();
  });

  it("is saved, and not deleted, where nothing is left of the database", async () => {
    for (const hasMark of [false, true]) {
      const file = killedStore();
      // The first page gets into the log when it changes; without it, the mark tells.
      if (hasMark) mark(file);
      truncateSync(file, 0);
      const { status, stderr } = run(file, "spend");
      if (!hasMark && /is empty/.test(stderr)) continue;
      assert.notEqual(status, 0);
      assert.match(stderr, /damaged.*store recover/s);
      assert.equal(run(file, "store", "recover", "--out", `${file}.saved`).status, 0);
      assert.ok(total(await read(`${file}.saved`)).calls > 0);
      const store = open(file);
      assert.match(store.notice ?? "", /was damaged/);
      store.close();
    }
  });

  it("leaves an empty file alone that was no store", () => {
    const file = path.join(mkdtempSync(path.join(folder, "case-")), "empty.sqlite");
    writeFileSync(file, "");
    writeFileSync(`${file}-wal`, Buffer.alloc(50_000, 7));
    assert.match(run(file, "spend").stderr, /is empty/);
    assert.match(run(file, "store", "recover").stderr, /is empty/);
    assert.throws(() => open(file), /is empty/);
    assert.equal(readFileSync(`${file}-wal`).length, 50_000);
  });
});
