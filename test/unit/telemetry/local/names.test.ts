import * as assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Database } from "node-sqlite3-wasm";
import { OwnedStore } from "../../../../src/core/telemetry/local/ownedStore";
import { groupBy, total } from "../../../../src/core/telemetry/spend";
import { builtInPrices } from "../../support";
import { call, openDatabase } from "./calls";

const DAY_US = 86_400_000_000;
const now = Date.now() * 1000;
const limits = { retentionDays: 30, maxBytes: 1e12 };
const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-names-"));
let files = 0;
const fresh = (): string => path.join(folder, `${++files}.sqlite`);
const spendOf = (store: OwnedStore) =>
  store.spend({ fromUs: now - 90 * DAY_US, toUs: now + DAY_US, bucketUs: DAY_US, filters: {} }, builtInPrices);

/** What the tables of a closed store name. */
function namesIn(file: string): { users: unknown[]; features: unknown[] } {
  const database = openDatabase(file);
  const users = database.all("SELECT name FROM user ORDER BY name").map(({ name }) => name);
  const features = database.all("SELECT DISTINCT feature FROM series ORDER BY feature").map(({ feature }) => feature);
  database.close();
  return { users, features };
}

let lastId = 0;
const named = (name: string, ageDays: number, service = "app") =>
  call({
    spanId: (++lastId).toString(16).padStart(16, "0"),
    startUs: now - ageDays * DAY_US,
    user: `user-${name}`,
    feature: `feature-${name}`,
    service,
  });

describe("Names in the local store", () => {
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("leave with the last of their calls, also from the file's bytes, and come back under new numbers", () => {
    const file = fresh();
    let store = new OwnedStore(file, { ...limits, retentionDays: 60 });
    store.write([named("old", 50), named("both", 50), named("both", 1), named("new", 1)]);
    spendOf(store);
    store.close();
    store = new OwnedStore(file, limits);
    store.close();
    assert.deepEqual(namesIn(file), { users: ["user-both", "user-new"], features: ["feature-both", "feature-new"] });
    assert.ok(!/(user|feature)-old/.test(readFileSync(file, "latin1")));
    store = new OwnedStore(file, limits);
    store.write([named("old", 2)]);
    assert.deepEqual(
      groupBy(spendOf(store), "feature")
        .map(({ key, calls }) => [key.value, calls])
        .sort(),
      [
        ["feature-both", 1],
        ["feature-new", 1],
        ["feature-old", 1],
      ],
    );
    store.close();
    const database = openDatabase(file);
    assert.equal(Number(database.get("SELECT id FROM user WHERE name = 'user-old'")?.["id"]), 4);
    database.close();
  });

  it("leave a store that receives little, too, on the day after theirs", () => {
    const store = new OwnedStore(fresh(), limits);
    store.write([named("old", 29)]);
    const [date, elapsed] = [Date.now, performance.now.bind(performance)];
    const daysLater = (days: number): void => {
      Date.now = () => date() + (days * DAY_US) / 1000;
      performance.now = () => elapsed() + (days * DAY_US) / 1000;
    };
    try {
      daysLater(3);
      store.sweepIfDue();
      assert.equal(store.status().spans, 1, "no newer call says that time has passed");
      store.write([call({ spanId: "9".repeat(16), startUs: Date.now() * 1000 })]);
      store.sweepIfDue();
      assert.equal(store.status().spans, 2, "it was looked at on this day");
      daysLater(4);
      store.sweepIfDue();
      assert.equal(store.status().spans, 1);
      assert.deepEqual(
        groupBy(store.spend({ fromUs: 0, toUs: now * 2, bucketUs: now * 2, filters: {} }, builtInPrices), "user").map(
          ({ key }) => key.value,
        ),
        [null],
      );
    } finally {
      Date.now = date;
      performance.now = elapsed;
      store.close();
    }
  });

  it("leave no traces on pages that were parted, after a sweep, a service or everything is cleared", () => {
    const file = fresh();
    let store = new OwnedStore(file, { ...limits, retentionDays: 60 });
    const batch = (name: string, ageDays: number, service?: string) =>
      Array.from({ length: 1500 }, (_, index) => named(`${(index * 7919) % 1500}-${name}`, ageDays, service));
    for (let round = 0; round < 3; round++)
      store.write([...batch(`gone${round}`, 50), ...batch(`left${round}`, 1), ...batch(`theirs${round}`, 1, "sample")]);
    store.close();
    const traces = (name: string): number => readFileSync(file, "latin1").split(`-${name}`).length - 1;
    assert.ok(traces("gone") > 4500);
    store = new OwnedStore(file, limits);
    store.sweep();
    assert.equal(traces("gone"), 0);
    assert.ok(traces("theirs") > 4500);
    store.clear("sample");
    assert.equal(traces("theirs"), 0);
    assert.ok(traces("left") > 4500);
    assert.equal(store.status().spans, 4500);
    store.write([named("next", 0)]);
    assert.equal(total(spendOf(store)).calls, 4501);
    store.clear();
    assert.equal(traces("left"), 0);
    store.write([named("last", 0)]);
    store.close();
    const database = openDatabase(file);
    assert.equal(Number(database.get("SELECT id FROM user WHERE name = 'user-last'")?.["id"]), 13_502);
    database.close();
  });

  it("leave when a service is cleared, those of other services stay", () => {
    const file = fresh();
    const store = new OwnedStore(file, limits);
    store.write([named("a", 1, "sample"), named("shared", 1, "sample"), named("shared", 9), named("b", 2)]);
    spendOf(store);
    store.clear("sample");
    assert.equal(total(spendOf(store)).calls, 2);
    store.write([named("c", 0)]);
    assert.deepEqual(
      groupBy(spendOf(store), "user")
        .map(({ key }) => key.value)
        .sort(),
      ["user-b", "user-c", "user-shared"],
    );
    store.close();
    assert.deepEqual(namesIn(file), {
      users: ["user-b", "user-c", "user-shared"],
      features: ["feature-b", "feature-c", "feature-shared"],
    });
  });

  it("are right after a batch that failed", () => {
    const store = new OwnedStore(fresh(), limits);
    store.write([named("first", 3)]);
    const broken = { ...named("second", 1), traceId: null as unknown as string };
    assert.throws(() => store.write([named("first", 1), broken]));
    store.write([named("third", 1), named("second", 1)]);
    assert.deepEqual(
      groupBy(spendOf(store), "user")
        .map(({ key, calls }) => [key.value, calls])
        .sort(),
      [
        ["user-first", 1],
        ["user-second", 1],
        ["user-third", 1],
      ],
    );
    store.close();
  });

  it("aren't read when a store opens", () => {
    const file = fresh();
    const store = new OwnedStore(file, limits);
    store.write(Array.from({ length: 500 }, (_, index) => named(String(index), 1)));
    store.close();
    const { iterate } = countedReads();
    const opened = new OwnedStore(file, limits);
    assert.ok(iterate.rows() < 50, `${iterate.rows()} rows read`);
    iterate.restore();
    assert.equal(total(spendOf(opened)).calls, 500);
    opened.close();
  });
});

/** Counts the rows that come out of the driver. */
function countedReads() {
  const database = new Database();
  const statement = database.prepare("SELECT 1");
  const prototype = Object.getPrototypeOf(statement) as { _getRow: (...args: unknown[]) => unknown };
  statement.finalize();
  database.close();
  const original = prototype._getRow;
  let rows = 0;
  prototype._getRow = function (...args) {
    rows++;
    return original.apply(this, args);
  };
  return { iterate: { rows: () => rows, restore: () => (prototype._getRow = original) } };
}
