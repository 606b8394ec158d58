import * as assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Connection } from "../../../../src/core/telemetry/local/connection";
import { upgradeTables } from "../../../../src/core/telemetry/local/layout";
import { ReadOnlyStore } from "../../../../src/core/telemetry/local/readOnlyStore";
import { OwnedStore } from "../../../../src/core/telemetry/local/ownedStore";
import { groupBy, total } from "../../../../src/core/telemetry/spend";
import { builtInPrices } from "../../support";
import { call, openDatabase } from "./calls";

const HOUR_US = 3_600_000_000;
const START_US = Date.UTC(2026, 10, 20, 6) * 1000;
const limits = { retentionDays: 36_500, maxBytes: 1e12 };
const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-layout-"));

/** A store as version 2 wrote it: two series that only the prompt's length told apart, one without calls, a sealed day. */
function oldStore(file: string): void {
  const database = openDatabase(file);
  database.exec(`BEGIN;
CREATE TABLE series(id INTEGER PRIMARY KEY, model, provider, feature, team, environment, file, function, line, service, finish, failed, limited, state);
CREATE TABLE user(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE span(start INTEGER, id BLOB, trace BLOB, parent BLOB, hour INTEGER, series INTEGER, user INTEGER, counted INTEGER, input INTEGER, output INTEGER, cached INTEGER, reasoning INTEGER, cost REAL, duration INTEGER, first_token INTEGER, PRIMARY KEY(start, id, trace)) WITHOUT ROWID;
CREATE INDEX span_id ON span(hour, trace, id);
CREATE INDEX span_parent ON span(hour, trace, parent) WHERE parent IS NOT NULL;
CREATE TABLE day(day INTEGER PRIMARY KEY, calls INTEGER NOT NULL, columns BLOB NOT NULL);
PRAGMA user_version = 2;
INSERT INTO user VALUES (1, 'anna'), (2, 'gone');
INSERT INTO series VALUES (1, 'gpt-5.5', 'openai', 'long', NULL, NULL, NULL, NULL, NULL, 'app', 'stop', 0, 0, 'openLong'),
  (2, 'gpt-5.5', 'openai', 'long', NULL, NULL, NULL, NULL, NULL, 'app', 'stop', 0, 0, 'open'),
  (3, 'gpt-4o', 'openai', 'paid', NULL, NULL, NULL, NULL, NULL, 'app', 'stop', 0, 0, 'reported'),
  (4, 'gpt-4o', 'openai', 'unused', NULL, NULL, NULL, NULL, NULL, 'app', 'stop', 0, 0, 'reported');
INSERT INTO day VALUES (${Math.floor(START_US / (24 * HOUR_US))}, 1, zeroblob(61));
COMMIT`);
  const insert = database.prepare("INSERT INTO span VALUES (?, ?, ?, NULL, ?, ?, ?, 1, ?, 10, 0, 0, ?, 1000, NULL)");
  [
    [1, 300_000, 0],
    [2, 1000, 0],
    [3, 500, 0.25],
  ].forEach(([series = 0, input = 0, cost = 0], index) => {
    const id = Buffer.from(String(index + 1).repeat(16), "hex");
    const at = START_US + index;
    insert.run([at, id, Buffer.alloc(16, 1), Math.floor(at / HOUR_US), series, 1, input, cost]);
  });
  insert.finalize();
  database.close();
}

function figuresOf(file: string) {
  const store = new OwnedStore(file, limits);
  assert.equal(store.notice, null, "nothing is set aside");
  store.write([call({ spanId: "3".repeat(16), traceId: "01".repeat(16), startUs: START_US + 2, user: "anna" })]);
  store.write([call({ spanId: "9".repeat(16), startUs: START_US + 9, feature: "paid", user: "anna", costUsd: 0.5 })]);
  const query = { fromUs: START_US, toUs: START_US + HOUR_US, bucketUs: HOUR_US, filters: {} };
  const cube = store.spend(query, builtInPrices);
  const { spans } = store.status();
  store.close();
  return {
    spans,
    users: groupBy(cube, "user").map(({ key, calls }) => [key.value, calls]),
    features: groupBy(cube, "feature").map(({ key, calls, costUsd }) => [
      key.value,
      calls,
      Math.round(costUsd * 1e9) / 1e9,
    ]),
  };
}

describe("Layout of the local store", () => {
  after(() => rmSync(folder, { recursive: true, force: true }));
  const price = builtInPrices.find("gpt-5.5").price ?? assert.fail();
  const above = price.above ?? assert.fail();
  const long = (300_000 * above.input + 10 * (above.output ?? 0) + 1000 * price.input + 10 * (price.output ?? 0)) / 1e6;
  const expected = {
    spans: 4,
    users: [["anna", 4]],
    features: [
      ["long", 2, Math.round(long * 1e9) / 1e9],
      ["paid", 2, 0.75],
    ],
  };

  it("takes a store of version 2 over in place", () => {
    const file = path.join(folder, "old.sqlite");
    oldStore(file);
    assert.deepEqual(figuresOf(file), expected);
    const database = openDatabase(file);
    assert.equal(database.get("PRAGMA user_version")?.["user_version"], 3);
    assert.deepEqual(database.all("SELECT name FROM sqlite_schema WHERE name LIKE 'old_%' OR name = 'gone'"), []);
    database.close();
  });

  it("reads a store of version 2 without touching it", async () => {
    const only = mkdtempSync(path.join(folder, "read-"));
    const file = path.join(only, "old.sqlite");
    oldStore(file);
    const before = readFileSync(file);
    const query = { fromUs: START_US, toUs: START_US + HOUR_US, bucketUs: HOUR_US, filters: {} };
    const cube = await new ReadOnlyStore(file).spend(query, builtInPrices);
    assert.equal(total(cube).calls, 3);
    assert.ok(readFileSync(file).equals(before));
    assert.deepEqual(readdirSync(only), ["old.sqlite"]);
  });

  it("takes over a store of which all is in the log, as one was left whose log was never emptied", async () => {
    const made = path.join(folder, "made.sqlite");
    oldStore(made);
    // The same content, as it lies in the log of a process that was killed.
    const file = path.join(folder, "log-only.sqlite");
    const source = openDatabase(made);
    const database = openDatabase(file);
    database.get("PRAGMA locking_mode = EXCLUSIVE");
    database.get("PRAGMA journal_mode = WAL");
    const objects = source.all("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL");
    database.exec(`BEGIN; ${objects.map(({ sql }) => String(sql)).join("; ")}; PRAGMA user_version = 2; COMMIT`);
    for (const table of ["series", "user", "span"])
      for (const row of source.all(`SELECT * FROM ${table}`)) {
        const values = Object.values(row);
        database.run(`INSERT INTO ${table} VALUES (${values.map(() => "?").join(", ")})`, values);
      }
    source.close();
    const killed = path.join(folder, "killed.sqlite");
    for (const ending of ["", "-wal"]) copyFileSync(`${file}${ending}`, `${killed}${ending}`);
    database.close();
    assert.equal(readFileSync(killed).readUInt32BE(60), 0, "its header doesn't know the version");
    const query = { fromUs: START_US, toUs: START_US + HOUR_US, bucketUs: HOUR_US, filters: {} };
    assert.equal(total(await new ReadOnlyStore(killed).spend(query, builtInPrices)).calls, 3);
    assert.deepEqual(figuresOf(killed), expected);
  });

  it("leaves a store whole wherever the upgrade is interrupted", () => {
    // A step is a row read or a statement run: the process ends before each in turn, and leaves what the disk has then.
    for (let step = 0; ; step++) {
      const file = path.join(folder, `cut-${step}.sqlite`);
      oldStore(file);
      const ended = upgradeUntil(file, step);
      assert.deepEqual(figuresOf(`${file}.left`), expected, `interrupted at step ${step}`);
      if (!ended) {
        assert.ok(step > 5, "the upgrade has steps");
        return;
      }
    }
  });
});

/** Upgrades until a number of statements have run, and keeps the files as they are then. @returns whether it came to that. */
function upgradeUntil(file: string, steps: number): boolean {
  const database = new Connection(file);
  database.get("PRAGMA locking_mode = EXCLUSIVE");
  database.get("PRAGMA journal_mode = WAL");
  const keep = (): void => {
    for (const ending of ["", "-wal"])
      if (existsSync(`${file}${ending}`)) copyFileSync(`${file}${ending}`, `${file}.left${ending}`);
  };
  let left = steps;
  const cut = (): void => {
    if (left-- > 0) return;
    if (!existsSync(`${file}.left`)) keep();
    throw new Error("interrupted");
  };
  const handler = {
    get(target: Connection, name: string | symbol): unknown {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (name === "exec" && args[0] !== "ROLLBACK") cut();
        const result = (value as (...given: unknown[]) => unknown).apply(target, args) as { run?: unknown };
        if (name !== "prepare") return result;
        return new Proxy(result, {
          get(statement: object, method) {
            if (method === "run") cut();
            const found = Reflect.get(statement, method, statement) as unknown;
            return typeof found === "function" ? (found.bind(statement) as unknown) : found;
          },
        });
      };
    },
  };
  try {
    upgradeTables(new Proxy(database, handler));
    keep();
    return false;
  } catch (error) {
    assert.match(String(error), /interrupted/);
    return true;
  } finally {
    database.close();
  }
}
