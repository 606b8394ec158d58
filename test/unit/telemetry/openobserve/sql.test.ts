import * as assert from "node:assert/strict";
import { Database } from "node-sqlite3-wasm";
import { PriceBook } from "../../../../src/core/pricing/price";
import { priceHere } from "../../../../src/core/telemetry/callPrice";
import { MOST_STEPS, stepOf } from "../../../../src/core/telemetry/latency";
import { priceSql } from "../../../../src/core/telemetry/openobserve/priceSql";
import { sums } from "../../../../src/core/telemetry/openobserve/rowSql";
import { toAmounts } from "../../../../src/core/telemetry/openobserve/rows";
import { stepSql } from "../../../../src/core/telemetry/openobserve/sql";
import { noAmounts } from "../../../../src/core/telemetry/spend";

/** A call as `callsOf` has it; what isn't given is nothing. */
const usual = {
  model: "plain" as string | null,
  cost: null as number | null,
  tokens_in: 0,
  tokens_out: 0,
  tokens_cached: 0,
  tokens_reasoning: 0,
  failed: 0,
  limited: 0,
  open: 0,
  ts: 0,
};
type Call = typeof usual;

/** Runs in SQLite what is arithmetic alone, and reads the same in OpenObserve's dialect. */
function ask(columns: string, calls: readonly Partial<Call>[]): Record<string, unknown>[] {
  const database = new Database();
  try {
    const names = Object.keys(usual) as (keyof Call)[];
    database.run(`CREATE TABLE s (${names.join(", ")})`);
    for (const call of calls)
      database.run(
        `INSERT INTO s VALUES (${names.map(() => "?").join(", ")})`,
        names.map((name) => ({ ...usual, ...call })[name]),
      );
    return database.all(`SELECT ${columns} FROM s`);
  } finally {
    database.close();
  }
}

const rate = { input: 2, cachedInput: 0.5, output: 8 };
const book = new PriceBook(
  { models: { plain: rate, embedding: { input: 0.02 } } },
  {
    source: "test",
    vendors: {},
    rows: { long: { ...rate, model: "long", above: { ...rate, input: 4, inputTokens: 1000 } } },
  },
);
const priced = ["plain", "embedding", "long", "unheard-of"];

describe("Prices as SQL", () => {
  const calls: Partial<Call>[] = priced.flatMap((model) =>
    [0, 999, 1000, 1001].flatMap((tokens_in) =>
      [0, 7].flatMap((tokens_out) =>
        [0, 500, 5000].map((tokens_cached) => ({ model, tokens_in, tokens_out, tokens_cached })),
      ),
    ),
  );

  it("are those that every call is priced at elsewhere", () => {
    const answered = ask(`${priceSql(priced, book)} AS cost`, calls).map(({ cost }) => cost);
    calls.forEach((call, at) => {
      const { model = null, tokens_in: input = 0, tokens_out: output = 0, tokens_cached: cached = 0 } = call;
      const wanted = priceHere(book, model, { input, output, cached });
      const cost = answered[at];
      const isSame = typeof cost === "number" && wanted !== null ? Math.abs(cost - wanted) < 1e-12 : cost === wanted;
      assert.ok(isSame, `${JSON.stringify(call)}: ${String(cost)} is not ${String(wanted)}`);
    });
  });

  it("are unknown where no model has one", () => {
    assert.deepEqual(ask(`${priceSql(["unheard-of"], book)} AS cost`, [{ model: "unheard-of", tokens_in: 5 }]), [
      { cost: null },
    ]);
  });
});

describe("Sums as SQL", () => {
  const sum = (calls: readonly Partial<Call>[], filter = "", prefix = "") => {
    const [row = {}] = ask(sums(priceSql(priced, book), filter, prefix), calls);
    return toAmounts(row, prefix);
  };

  it("take a reported cost as it is, and price a call without one here", () => {
    const amounts = sum([
      { cost: 0.5, tokens_in: 1_000_000, tokens_out: 10, tokens_cached: 5, tokens_reasoning: 4 },
      { tokens_in: 500_000, failed: 1, limited: 1 },
    ]);
    assert.deepEqual(amounts, {
      ...noAmounts(),
      calls: 2,
      errors: 1,
      rateLimited: 1,
      inputTokens: 1_500_000,
      outputTokens: 10,
      cachedTokens: 5,
      reasoningTokens: 4,
      costUsd: 1.5,
      pricedHereUsd: 1,
      pricedHereCalls: 1,
    });
  });

  it("know which calls nobody knows the cost of", () => {
    const unpriced = (call: Partial<Call>): number => sum([call]).unpricedCalls;
    assert.equal(unpriced({ model: "unheard-of", tokens_in: 5 }), 1);
    assert.equal(unpriced({}), 1);
    // A call that failed without usage cost nothing; one whose span says that nobody knows may have.
    assert.equal(unpriced({ failed: 1 }), 0);
    assert.equal(unpriced({ failed: 1, open: 1 }), 1);
    assert.equal(unpriced({ model: "unheard-of", failed: 1, tokens_in: 5 }), 1);
    assert.equal(unpriced({ model: "unheard-of", tokens_in: 5, cost: 0.1 }), 0);
  });

  it("tell the calls before an edge apart", () => {
    const calls = [
      { cost: 1, ts: 99 },
      { cost: 2, ts: 100 },
    ];
    assert.equal(sum(calls, " FILTER (WHERE s.ts < 100)", "old_").costUsd, 1);
  });
});

describe("Steps of time as SQL", () => {
  it("are those of the local store", () => {
    const times = [0, 999, 1000, 1001, 1050, 1051, 250_000, 1_500_000, 60_000_000, 3_600_000_000];
    const steps = ask(
      `${stepSql("s.ts")} AS step`,
      times.map((ts) => ({ ts })),
    ).map(({ step }) => Number(step));
    assert.deepEqual(steps, times.map(stepOf));
    assert.ok(Math.max(...steps) < MOST_STEPS);
  });
});
