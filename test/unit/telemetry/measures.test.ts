import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Database } from "node-sqlite3-wasm";
import { z } from "zod";
import { defaultLimits } from "../../../src/core/telemetry/defaults";
import { OwnedStore } from "../../../src/core/telemetry/local/ownedStore";
import { type Measure, derived, measureNames, measures } from "../../../src/core/telemetry/measures";
import { measuresOf } from "../../../src/core/telemetry/measureTable";
import { sqlOf } from "../../../src/core/telemetry/openobserve/rowSql";
import { type Amounts, total } from "../../../src/core/telemetry/spend";
import { builtInPrices } from "../support";
import { llmSpans } from "./spans";

/** The table with one measure more, as somebody would add it. */
const more = {
  ...measures,
  audioUsd: {
    unit: "usd",
    title: "Audio cost",
    shortTitle: "Audio",
    partOf: "costUsd",
    columns: [],
    sqlName: "audio",
    sqlLacks: "pricedHereUsd",
    jsonPlace: 11,
    add: (sum: Record<"audioUsd", number>, one: Readonly<Record<"audioUsd", number>>) =>
      void (sum.audioUsd += one.audioUsd),
  },
} as const;

describe("A measure that is added to the table", () => {
  const all = measuresOf(more);
  const one = { ...all.zero(), calls: 1, audioUsd: 0.25 };

  it("is in the zero and in sums", () => {
    const sum = all.zero();
    assert.equal(sum.audioUsd, 0);
    all.add(sum, one);
    all.add(sum, one);
    assert.deepEqual(sum, { ...all.zero(), calls: 2, audioUsd: 0.5 });
    assert.equal(all.zero().audioUsd, 0, "a zero is nobody else's");
  });

  it("is in what crosses, and can't be left out there", () => {
    const schema = z.object(all.schema);
    assert.deepEqual(schema.parse(one), one);
    const { audioUsd: _, ...without } = one;
    assert.equal(schema.safeParse(without).success, false);
  });

  it("is in the JSON at its place, rounded as dollars are", () => {
    const json = all.toJson({ ...one, audioUsd: 1 / 3 });
    assert.deepEqual(Object.keys(json), [...Object.keys(derived.toJson(derived.zero())), "audioUsd"]);
    assert.equal(json.audioUsd, 0.333333333);
  });

  it("is asked for in SQL and read back", () => {
    const sql = sqlOf(more);
    const of = { ...all.from(() => "0"), calls: "1", pricedHereUsd: "s.here", audioUsd: "s.audio" };
    const database = new Database();
    try {
      database.exec("CREATE TABLE s(audio, here, ts); INSERT INTO s VALUES (1, 0.5, 1), (2, 0.25, 9)");
      const ask = (columns: string) => database.all(`SELECT ${columns} FROM s`)[0] ?? {};
      const read = (row: Record<string, unknown>, prefix = "") =>
        all.fromRow((column) => Number(row[`${prefix}${column}`]));
      const row = ask(`${sql.sums(of, "", "")}, ${sql.sums(of, " FILTER (WHERE s.ts < 5)", "old_")}`);
      assert.deepEqual(read(row), { ...all.zero(), calls: 2, costUsd: 0.75, pricedHereUsd: 0.75, audioUsd: 3.75 });
      assert.deepEqual(read(row, "old_"), { ...all.zero(), calls: 1, costUsd: 0.5, pricedHereUsd: 0.5, audioUsd: 1.5 });
      assert.deepEqual(
        [sql.sumColumns(of)["audio"], sql.callColumns(of)["audio"]],
        ["COALESCE(SUM(s.audio), 0)", "s.audio"],
      );
      assert.equal(sql.names.at(-1), "audio");
    } finally {
      database.close();
    }
  });

  it("doesn't compile where it is forgotten, or where it adds up another", () => {
    type More = keyof typeof more;
    const forgotten = derived.zero();
    // @ts-expect-error what sums the table's measures can't do without one
    const sums: Record<More, number> = forgotten;
    const of = derived.from(() => "1");
    // @ts-expect-error nor can its SQL
    sqlOf(more).sums(of, "", "");
    // @ts-expect-error it adds up itself
    measuresOf({ ...more, audioUsd: { ...more.audioUsd, add: measures.calls.add } });
    // @ts-expect-error it is part of a measure that there is
    measuresOf({ ...more, audioUsd: { ...more.audioUsd, partOf: "costEur" } });
    assert.equal("audioUsd" in sums, false);
  });
});

describe("The table of measures", () => {
  it("gives every measure names of its own", () => {
    const unique = (values: readonly unknown[]): void => assert.equal(new Set(values).size, values.length);
    const entries = measureNames.map((name) => measures[name]);
    unique(entries.map(({ sqlName }) => sqlName));
    unique(entries.flatMap(({ columns }) => columns));
    const places = entries.flatMap(({ jsonPlace }) => (jsonPlace === null ? [] : [jsonPlace]));
    assert.deepEqual(
      places.sort((a, b) => a - b),
      places.map((_, index) => index + 1),
    );
  });

  it("prints as it always has", () => {
    const amounts = Object.fromEntries(measureNames.map((name, at) => [name, at + 1 / 3])) as Amounts;
    assert.deepEqual(Object.entries(derived.toJson(amounts)), [
      ["costUsd", 7.333333333],
      ["inputTokens", 3 + 1 / 3],
      ["outputTokens", 4 + 1 / 3],
      ["calls", 1 / 3],
      ["errors", 1 + 1 / 3],
      ["unpricedCalls", 10 + 1 / 3],
      ["cachedTokens", 5 + 1 / 3],
      ["rateLimited", 2 + 1 / 3],
      ["pricedHereUsd", 8.333333333],
      ["pricedHereCalls", 9 + 1 / 3],
    ]);
  });

  it("adds up every measure, each by itself", () => {
    for (const name of measureNames) {
      const sum = derived.zero();
      derived.add(sum, { ...derived.zero(), [name]: 3 });
      derived.add(sum, { ...derived.zero(), [name]: 4 });
      assert.deepEqual(sum, { ...derived.zero(), [name]: 7 });
    }
  });

  it("is what spans report: each column of a measure reaches its sum in the local store", async () => {
    const at = Date.now() - 60_000;
    const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-measures-"));
    const reported = measureNames.filter((name) => measures[name].columns.length > 0);
    try {
      for (let choice = 0; reported.some((name) => measures[name].columns.length > choice); choice++) {
        const named = reported.filter((name) => measures[name].columns.length > choice);
        const attributes = Object.fromEntries(named.map((name, index) => [measures[name].columns[choice], 11 + index]));
        const store = new OwnedStore(path.join(folder, `${choice}.sqlite`), defaultLimits);
        store.write(
          llmSpans([
            { at, attributes: attributes as Record<string, number> },
            { at: at + 1, attributes: attributes as Record<string, number> },
          ]),
        );
        const query = { fromUs: 0, toUs: (at + 10) * 1000, bucketUs: (at + 10) * 1000, filters: {} };
        const sum = total(await store.spend(query, builtInPrices));
        store.close();
        const expected = Object.fromEntries(named.map((name, index) => [name, 2 * (11 + index)]));
        const found = Object.fromEntries(named.map((name: Measure) => [name, sum[name]]));
        assert.deepEqual(found, expected, `names ${choice}`);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
