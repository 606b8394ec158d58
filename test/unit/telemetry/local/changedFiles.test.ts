import * as assert from "node:assert/strict";
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { OwnedStore } from "../../../../src/core/telemetry/local/ownedStore";
import { ownMark } from "../../../../src/core/telemetry/local/ownerMark";
import { call } from "./calls";

const limits = { retentionDays: 36_500, maxBytes: 1e12 };
const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-changed-"));
let lastId = 0;
const calls = (count: number) =>
  Array.from({ length: count }, () =>
    call({ spanId: (++lastId).toString(16).padStart(16, "0"), startUs: Date.now() * 1000 - lastId * 1000 }),
  );

/** Opens the store again, as the next owner does after this one is killed. */
function keptBy(file: string): number {
  const next = new OwnedStore(file, limits);
  const { spans } = next.status();
  next.close();
  return spans;
}

describe("The files of an open store, changed by others", () => {
  let file = "";
  let store: OwnedStore;
  beforeEach(() => {
    file = path.join(mkdtempSync(path.join(folder, "case-")), "spans.sqlite");
    store = new OwnedStore(file, limits);
    store.write(calls(500));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const losses: [string, () => void][] = [
    ["emptied", () => truncateSync(`${file}-wal`, 0)],
    ["cut in half", () => truncateSync(`${file}-wal`, Math.floor(statSync(`${file}-wal`).size / 2))],
  ];
  for (const [what, change] of losses)
    it(`are seen before the next batch is confirmed where the log is ${what}, and what is lost is told`, () => {
      change();
      assert.equal(store.write(calls(100)).added, 100);
      const { spans } = store.status();
      assert.match(store.notice ?? "", new RegExp(`log .* was emptied or cut .*: ${600 - spans} calls .* are lost`));
      assert.equal(keptBy(file), spans);
    });

  for (const [what, content] of [
    ["nothing", ""],
    ["a file of others", "not a log"],
  ] as const)
    it(`lose nothing where ${what} takes the log's place`, () => {
      rmSync(`${file}-wal`);
      writeFileSync(`${file}-wal`, content);
      store.write(calls(100));
      assert.equal(store.status().spans, 600);
      assert.equal(keptBy(file), 600);
      const replaced = readdirSync(path.dirname(file)).filter((name) => name.includes("-wal.replaced-"));
      assert.deepEqual(
        replaced.map((name) => readFileSync(path.join(path.dirname(file), name), "utf8")),
        content === "" ? [] : [content],
      );
    });

  for (const share of [0, 0.5])
    it(`are kept aside where the database is cut to ${share * 100} %, and the next batch isn't lost`, () => {
      store.clear("nobody");
      // Beside a store that is open lies its owner's mark.
      writeFileSync(`${file}.owner`, JSON.stringify(ownMark("", true)));
      const { size } = statSync(file);
      truncateSync(file, Math.floor(size * share));
      store.write(calls(100));
      assert.match(store.notice ?? "", /was damaged.*store recover/);
      assert.equal(store.status().spans, 100);
      assert.equal(keptBy(file), 100);
      assert.ok(readdirSync(path.dirname(file)).some((name) => name.includes(".damaged-")));
    });

  const foreign = (): string => {
    const other = path.join(mkdtempSync(path.join(folder, "other-")), "spans.sqlite");
    const theirs = new OwnedStore(`${other}.live`, limits);
    theirs.write(calls(700));
    for (const ending of ["", "-wal"]) copyFileSync(`${other}.live${ending}`, `${other}${ending}`);
    theirs.close();
    return other;
  };
  /** Writes into a file in place, as `cp` does. */
  const overwrite = (name: string, bytes: Uint8Array, at = 0): void => {
    const handle = openSync(name, "r+");
    writeSync(handle, bytes, 0, bytes.length, at);
    closeSync(handle);
  };
  /** Moves the log into the database. */
  const inDatabase = (): void => store.clear("nobody");
  const overwritten: [string, () => void][] = [
    ["another store's log", () => overwrite(`${file}-wal`, readFileSync(`${foreign()}-wal`))],
    ["another log's header", () => overwrite(`${file}-wal`, readFileSync(`${foreign()}-wal`).subarray(0, 32))],
    ["noise at the log's beginning", () => overwrite(`${file}-wal`, Buffer.alloc(64, 7))],
    ["zeros in place of the log", () => overwrite(`${file}-wal`, Buffer.alloc(statSync(`${file}-wal`).size))],
    ["noise in the middle of the log", () => overwrite(`${file}-wal`, Buffer.alloc(20_000, 7), 9_000)],
    ["another store's database", () => (inDatabase(), overwrite(file, readFileSync(foreign())))],
    ["noise in the database", () => (inDatabase(), overwrite(file, Buffer.alloc(20_000, 7), 9_000))],
  ];
  for (const [what, change] of overwritten)
    it(`are kept aside with ${what} in them, and the next batch isn't lost`, () => {
      change();
      assert.equal(store.write(calls(100)).added, 100);
      assert.match(store.notice ?? "", /was damaged|were overwritten/);
      assert.match(store.notice ?? "", /store recover --db/);
      assert.equal(store.status().spans, 100);
      store.close();
      assert.equal(keptBy(file), 100);
    });

  it("are kept aside when the store closes, too", () => {
    overwrite(`${file}-wal`, Buffer.alloc(4096, 7));
    const bytes = readFileSync(`${file}-wal`);
    store.close();
    const aside = readdirSync(path.dirname(file)).find((name) => /damaged-.*Z-wal$/.test(name)) ?? "";
    assert.deepEqual(readFileSync(path.join(path.dirname(file), aside)), bytes);
  });

  it("tell how many calls are lost with an older copy of the log", () => {
    const before = readFileSync(`${file}-wal`);
    store.write(calls(100));
    const { size } = statSync(`${file}-wal`);
    overwrite(`${file}-wal`, Buffer.concat([before, Buffer.alloc(size - before.length)]));
    store.write(calls(10));
    assert.match(store.notice ?? "", /100 calls .* are lost|was damaged/);
  });

  it("are the same where only their time has changed", () => {
    for (const ending of ["", "-wal"]) {
      utimesSync(`${file}${ending}`, new Date(), new Date(Date.now() + 5000));
      store.write(calls(10));
    }
    assert.equal(store.notice, null);
    assert.equal(store.status().spans, 520);
  });

  it("are seen when the store is asked", () => {
    truncateSync(`${file}-wal`, 0);
    assert.ok(store.status().spans < 500);
    assert.match(store.notice ?? "", /was emptied/);
  });

  it("are the same after the store's own work", () => {
    for (let at = 0; at < 30; at++) {
      store.write(calls(500));
      if (at % 7 === 0) store.sweep();
      if (at === 15) store.clear("nobody");
      store.status();
    }
    store.backup(`${file}.copy`);
    store.write(calls(1));
    assert.equal(store.notice, null);
    assert.equal(store.status().spans, 15_501);
    store.clear();
    store.write(calls(1));
    assert.equal(store.notice, null);
    store.close();
  });
});
