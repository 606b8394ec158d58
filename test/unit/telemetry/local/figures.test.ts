import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import type { LlmSpan } from "../../../../src/core/telemetry/llmSpan";
import { OwnedStore } from "../../../../src/core/telemetry/local/ownedStore";
import { type SpendCube, total } from "../../../../src/core/telemetry/spend";
import { builtInPrices } from "../../support";
import { MINUTE_US, call, openDatabase } from "./calls";

const HOUR_US = 60 * MINUTE_US;
const START_US = Date.UTC(2026, 10, 20, 6) * 1000;
const limits = { retentionDays: 36_500, maxBytes: 1e12 };
const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-figures-"));
let files = 0;
const fresh = (): string => path.join(folder, `${++files}.sqlite`);

const ask = (store: OwnedStore, bucketUs = HOUR_US, withDetail = false): SpendCube =>
  store.spend(
    { fromUs: START_US - HOUR_US, toUs: START_US + 30 * 24 * HOUR_US, bucketUs, filters: {}, withDetail },
    builtInPrices,
  );
const rounded = (usd: number): number => Math.round(usd * 1e9) / 1e9;

describe("Figures of the local store", () => {
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("takes the right one of two calls that start in the same microsecond out of the sums, also once sealed", () => {
    const file = fresh();
    let store = new OwnedStore(file, limits);
    const trace = "a".repeat(32);
    // The outer span arrives last, as it ends last; another call of the same series and user has the same start.
    store.write([call({ traceId: trace, spanId: "2".repeat(16), parentSpanId: "1".repeat(16), costUsd: 0.0005 })]);
    store.write([call({ spanId: "3".repeat(16), costUsd: 0.2603 })]);
    store.write([call({ traceId: trace, spanId: "1".repeat(16), startUs: START_US - 1, costUsd: 0.0005 })]);
    assert.equal(rounded(total(ask(store)).costUsd), 0.2608);
    store.close();
    store = new OwnedStore(file, limits);
    assert.equal(rounded(total(ask(store)).costUsd), 0.2608);
    store.close();
  });

  it("shows each call with its own ids, where calls share a start and all figures", () => {
    const store = new OwnedStore(fresh(), limits);
    const spans = Array.from({ length: 8 }, (_, index) =>
      call({
        spanId: `${index % 2 === 0 ? "5" : "6"}`.repeat(16),
        traceId: String(index + 1).repeat(32),
        costUsd: 0.5,
      }),
    );
    store.write(spans);
    const shown = (ask(store, HOUR_US, true).detail?.newest ?? []).map(({ traceId, spanId }) => `${traceId} ${spanId}`);
    assert.deepEqual(shown.sort(), spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`).sort());
    store.close();
  });

  it("adds up what the rows say, whatever order spans arrive in, with resends and restarts between", () => {
    const given = fc.record({
      trace: fc.integer({ min: 1, max: 3 }),
      id: fc.integer({ min: 1, max: 6 }),
      parent: fc.option(fc.integer({ min: 1, max: 6 })),
      // Few starts, on both sides of a day's end.
      at: fc.constantFrom(0, 0, 1, 18 * HOUR_US - 1, 18 * HOUR_US),
      cents: fc.integer({ min: 1, max: 9 }),
      restart: fc.boolean(),
      question: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(given, { minLength: 1, maxLength: 14 }), (steps) => {
        const file = fresh();
        let store = new OwnedStore(file, limits);
        const rows = new Map<string, LlmSpan>();
        for (const { trace, id, parent, at, cents, restart, question } of steps) {
          const span = call({
            traceId: String(trace).repeat(32),
            spanId: String(id).repeat(16),
            parentSpanId: parent === null || parent >= id ? null : String(parent).repeat(16),
            startUs: START_US + at,
            costUsd: cents / 100,
          });
          const name = `${span.startUs} ${span.spanId} ${span.traceId}`;
          if (!rows.has(name)) rows.set(name, span);
          store.write([span]);
          if (question) ask(store);
          if (!restart) continue;
          store.close();
          store = new OwnedStore(file, limits);
        }
        const all = [...rows.values()];
        const hour = ({ startUs }: LlmSpan): number => Math.floor(startUs / HOUR_US);
        const counted = all.filter(
          (one) =>
            !all.some(
              (other) =>
                other.traceId === one.traceId &&
                other.spanId === one.parentSpanId &&
                (hour(other) === hour(one) || hour(other) === hour(one) - 1),
            ),
        );
        const expected = [counted.length, rounded(counted.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0))];
        const check = (): void => {
          const { calls, costUsd } = total(ask(store));
          assert.deepEqual([calls, rounded(costUsd)], expected);
          assert.equal(store.status().spans, counted.length);
        };
        check();
        store.close();
        store = new OwnedStore(file, limits);
        check();
        store.close();
        rmSync(file);
      }),
      { numRuns: 25 },
    );
  });

  for (const [name, spoil] of Object.entries({
    "were changed": "UPDATE day SET columns = zeroblob(length(columns))",
    "are cut short": "UPDATE day SET columns = substr(columns, 1, 50)",
    "miss a row": `DELETE FROM span WHERE cost = 0.25`,
    "have another cost": `UPDATE span SET cost = 0.125 WHERE cost = 0.25`,
    "count another call": `UPDATE span SET counted = 0 WHERE cost = 0.25`,
  })) {
    it(`makes a sealed day again from its rows where its columns ${name}`, () => {
      const file = fresh();
      let store = new OwnedStore(file, limits);
      store.write([call({ spanId: "1".repeat(16), costUsd: 0.25 }), call({ spanId: "2".repeat(16), costUsd: 0.5 })]);
      store.close();
      const database = openDatabase(file);
      assert.equal(database.all("SELECT day FROM day").length, 1, "the day was sealed");
      database.exec(spoil);
      const [row] = database.all("SELECT count(*) AS calls, sum(cost) AS cost FROM span WHERE counted = 1");
      database.close();
      for (let opening = 0; opening < 2; opening++) {
        store = new OwnedStore(file, limits);
        const { calls, costUsd } = total(ask(store));
        assert.deepEqual([calls, costUsd], [row?.["calls"], row?.["cost"]]);
        store.close();
      }
    });
  }

  it("gives the same totals by minute, hour, six hours and month, for prices that aren't linear", () => {
    const given = fc.record({
      model: fc.constantFrom("text-embedding-3-small", "gpt-4o", "gpt-5.5", "no such model"),
      input: fc.constantFrom(0, 3, 1000, 271_999, 272_000, 300_000),
      output: fc.constantFrom(0, 0, 7, 500),
      cached: fc.constantFrom(0, 2, 1500, 400_000),
      minute: fc.integer({ min: 0, max: 2000 }),
      reported: fc.option(fc.constant(0.01)),
    });
    fc.assert(
      fc.property(fc.array(given, { minLength: 1, maxLength: 40 }), (calls) => {
        const file = fresh();
        const store = new OwnedStore(file, limits);
        const spans = calls.map(({ model, input, output, cached, minute, reported }, index) =>
          call({
            spanId: (index + 1).toString(16).padStart(16, "0"),
            startUs: START_US + minute * MINUTE_US,
            model,
            inputTokens: input,
            outputTokens: output,
            cachedTokens: cached,
            costUsd: reported,
          }),
        );
        store.write(spans);
        let [cost, unpriced] = [0, 0];
        for (const { model, inputTokens, outputTokens, cachedTokens, costUsd } of spans) {
          const [input, output, cached] = [inputTokens ?? 0, outputTokens ?? 0, cachedTokens ?? 0];
          const price = builtInPrices.find(model ?? "").price;
          const amounts = price?.above && input > price.above.inputTokens ? price.above : price;
          if (costUsd !== null) cost += costUsd;
          else if (amounts === null || input + output === 0 || (amounts.output === null && output > 0)) unpriced++;
          else
            cost +=
              ((input - Math.min(cached, input)) * amounts.input +
                Math.min(cached, input) * amounts.cachedInput +
                output * (amounts.output ?? 0)) /
              1e6;
        }
        for (const width of [MINUTE_US, HOUR_US, 6 * HOUR_US, 720 * HOUR_US]) {
          const cube = ask(store, width, true);
          const { costUsd, unpricedCalls } = total(cube);
          assert.deepEqual([rounded(costUsd), unpricedCalls], [rounded(cost), unpriced]);
          const shown = cube.detail?.newest ?? [];
          assert.equal(rounded(shown.reduce((sum, one) => sum + (one.costUsd ?? 0), 0)), rounded(cost));
          assert.equal(rounded(cube.users.reduce((sum, one) => sum + one.costUsd, 0)), rounded(cost));
        }
        store.close();
        rmSync(file);
      }),
      { numRuns: 40 },
    );
  });
});
