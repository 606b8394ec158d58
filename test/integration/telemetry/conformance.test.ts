import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Dimension, dimensions } from "../../../src/core/telemetry/dimensions";
import { LocalStore } from "../../../src/core/telemetry/local/localStore";
import { OpenObserveClient } from "../../../src/core/telemetry/openobserve/client";
import { OpenObserveStore } from "../../../src/core/telemetry/openobserve/openObserveStore";
import { type SpendDetail, type SpendQuery, groupBy, total } from "../../../src/core/telemetry/spend";
import type { RemoteId } from "../../../src/core/telemetry/sources/sources";
import type { TelemetryStore } from "../../../src/core/telemetry/store";
import type { TracesRequest } from "../../openobserve/otlp";
import { Standin, dataset, versions } from "../../openobserve/standin";
import { assets, builtInPrices } from "../../unit/support";
import { callsOf, requestOf, span } from "../../unit/telemetry/spans";

const HOUR = 3_600_000;
const FROM = Date.UTC(2026, 10, 20, 6, 30);
const TO = FROM + 50 * HOUR;
const hostile = `it's <b>"odd"</b> \\ ; DROP TABLE "llm"; -- \${x} %_ \u202e é🙂`;
const usage = (input: number, output: number, more: Record<string, string | number | boolean | string[]> = {}) => ({
  "gen_ai.usage.input_tokens": input,
  "gen_ai.usage.output_tokens": output,
  ...more,
});

/** Cases that both stores must take in the same way. */
const cases: TracesRequest[] = [
  requestOf([
    span({
      at: FROM,
      durationMs: 2500,
      attributes: usage(1000, 200, {
        feature: "first",
        user_id: "u1",
        "gen_ai.usage.cost_usd": 0.0045,
        "gen_ai.usage.reasoning.output_tokens": 120,
        "gen_ai.latency.ttft_ms": 432.1,
        "gen_ai.response.finish_reasons": ["length"],
        "code.file.path": "app/first.py",
        "code.function.name": "first",
        "code.line.number": 12,
      }),
    }),
    span({ at: TO - 1, attributes: usage(10, 2, { feature: "last", "gen_ai.usage.cost_usd": 0.0000000125 }) }),
    span({ at: FROM - 1, attributes: usage(9999, 9999, { feature: "first", "gen_ai.usage.cost_usd": 1 }) }),
    span({ at: TO, attributes: usage(9999, 9999, { feature: "after", "gen_ai.usage.cost_usd": 1 }) }),
    span({
      at: FROM + HOUR,
      attributes: usage(500, 50, {
        feature: hostile,
        user_id: hostile,
        team: hostile,
        environment: hostile,
        "gen_ai.response.model": hostile,
      }),
    }),
    // Priced here: a snapshot, cached tokens, figures as text, a long prompt of a model that costs more for it.
    span({
      at: FROM + 2 * HOUR,
      attributes: usage(2000, 100, {
        feature: "open",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.cache_read.input_tokens": 1500,
        user_id: "u2",
      }),
    }),
    span({
      at: FROM + 2 * HOUR,
      attributes: {
        feature: "open",
        "gen_ai.usage.prompt_tokens": "300",
        "gen_ai.usage.completion_tokens": "30",
        "gen_ai.usage.cost_usd": "",
      },
    }),
    span({
      at: FROM + 3 * HOUR,
      attributes: usage(300_000, 1000, { feature: "open", "gen_ai.request.model": "gpt-5.5" }),
    }),
    span({
      at: FROM + 3 * HOUR,
      attributes: usage(700, 70, {
        feature: "tuned",
        "gen_ai.request.model": "ft:gpt-4o:acme::abc",
        "gen_ai.usage.cost_usd": 0,
      }),
    }),
    // Nothing is known of its cost: no usage, and no error.
    span({
      at: FROM + 4 * HOUR,
      attributes: {
        feature: "stream",
        "gen_ai.response.time_to_first_chunk": 0.25,
        "gen_ai.response.finish_reasons": ["stop", "stop"],
        "code.filepath": hostile,
      },
    }),
    span({ at: FROM - HOUR, attributes: usage(2000, 100, { feature: "open" }) }),
    span({
      at: FROM + 4 * HOUR,
      error: true,
      attributes: { feature: "limited", "error.type": "RateLimitError", "http.response.status_code": 429 },
    }),
    // A stream that broke was billed, nobody knows how much.
    span({
      at: FROM + 4 * HOUR,
      error: true,
      attributes: {
        feature: "broken",
        "error.type": "APIConnectionError",
        "gen_ai.usage.cost_usd": 0,
        "prompt_cost.unpriced": true,
      },
    }),
    span({
      at: FROM + 5 * HOUR,
      attributes: usage(5, 5, { feature: "odd figures", "gen_ai.usage.cost_usd": "NaN", "gen_ai.usage.cost": -3 }),
    }),
    // No calls: an agent's frame that repeats the usage, an HTTP request.
    span({
      at: FROM + 5 * HOUR,
      attributes: usage(4000, 400, { "gen_ai.operation.name": "invoke_agent", feature: "agent" }),
    }),
    span({
      at: FROM + 5 * HOUR,
      attributes: {
        "gen_ai.operation.name": "-",
        "gen_ai.request.model": "-",
        "gen_ai.provider.name": "-",
        "http.request.method": "GET",
      },
    }),
    // Older names.
    span({
      at: FROM + 6 * HOUR,
      attributes: usage(100, 10, {
        "gen_ai.provider.name": "-",
        "gen_ai.system": "openai",
        "deployment.environment.name": "staging",
      }),
    }),
  ]),
  // Prices that aren't linear, beside calls that they would hide behind in a sum: an embedding with output tokens, more
  // cached tokens than input, a prompt just above and just below the length from which it costs more.
  requestOf(
    [0, 10, 70, 400].flatMap((minute) =>
      [
        usage(1000, 0, { "gen_ai.request.model": "text-embedding-3-small" }),
        usage(1000, 5, { "gen_ai.request.model": "text-embedding-3-small" }),
        usage(1000, 0, { "gen_ai.usage.cache_read.input_tokens": 4000 }),
        usage(9000, 100, { "gen_ai.usage.cache_read.input_tokens": 0 }),
        usage(271_999, 10, { "gen_ai.request.model": "gpt-5.5" }),
        usage(272_001, 10, { "gen_ai.request.model": "gpt-5.5" }),
      ].map((attributes) =>
        span({ at: FROM + 12 * HOUR + minute * 60_000, attributes: { ...attributes, feature: "odd", user_id: "odd" } }),
      ),
    ),
  ),
  requestOf(
    [span({ at: FROM + 7 * HOUR, attributes: usage(50, 5, { team: "platform", "gen_ai.usage.cost": 0.25 }) })],
    { "service.name": "app", "deployment.environment": "prod" },
  ),
  // One call, three spans; the inner ones first, as they end first.
  requestOf([
    span({
      trace: "b".repeat(32),
      id: "2".repeat(16),
      parent: "1".repeat(16),
      at: FROM + 8 * HOUR + 5,
      attributes: usage(100, 10),
    }),
    span({
      trace: "b".repeat(32),
      id: "3".repeat(16),
      parent: "2".repeat(16),
      at: FROM + 8 * HOUR + 6,
      attributes: usage(100, 10),
    }),
  ]),
  requestOf([
    span({
      trace: "b".repeat(32),
      id: "1".repeat(16),
      at: FROM + 8 * HOUR,
      attributes: usage(100, 10, { feature: "wrapped", "gen_ai.usage.cost_usd": 0.5 }),
    }),
  ]),
  // The wrapper's span starts before the range: its inner span is no call of the range.
  requestOf([
    span({ trace: "c".repeat(32), id: "4".repeat(16), at: FROM - 5, attributes: usage(100, 10) }),
    span({
      trace: "c".repeat(32),
      id: "5".repeat(16),
      parent: "4".repeat(16),
      at: FROM + 5,
      attributes: usage(100, 10),
    }),
  ]),
  // Sent twice, the second time late.
  ...[1, 2].map(() =>
    requestOf([
      span({
        trace: "d".repeat(32),
        id: "6".repeat(16),
        at: FROM + 9 * HOUR,
        attributes: usage(100, 10, { feature: "twice", "gen_ai.usage.cost_usd": 0.125 }),
      }),
    ]),
  ),
  // More users and features than fit.
  requestOf(
    Array.from({ length: 120 }, (_, index) =>
      span({
        at: FROM + 10 * HOUR + index * 60_000,
        attributes: usage(10, 1, {
          feature: `feature ${index}`,
          user_id: `user ${index}`,
          "gen_ai.usage.cost_usd": (index + 1) / 1000,
        }),
      }),
    ),
  ),
];

const queries: Record<string, SpendQuery> = {
  "by hour": { fromUs: FROM * 1000, toUs: TO * 1000, bucketUs: HOUR * 1000, filters: {} },
  "by day": { fromUs: FROM * 1000, toUs: TO * 1000, bucketUs: 24 * HOUR * 1000, filters: {} },
  "by 5 minutes": { fromUs: FROM * 1000, toUs: (FROM + 3 * HOUR) * 1000, bucketUs: 300_000_000, filters: {} },
  "of one feature": { fromUs: FROM * 1000, toUs: TO * 1000, bucketUs: HOUR * 1000, filters: { feature: ["open"] } },
  "of a hostile name": {
    fromUs: FROM * 1000,
    toUs: TO * 1000,
    bucketUs: HOUR * 1000,
    filters: { team: [hostile], model: [hostile] },
  },
  "of no team, and a model": {
    fromUs: FROM * 1000,
    toUs: TO * 1000,
    bucketUs: HOUR * 1000,
    filters: { team: [null], model: ["gpt-4o"] },
  },
  "of users": {
    fromUs: FROM * 1000,
    toUs: TO * 1000,
    bucketUs: HOUR * 1000,
    filters: { user: ["user 3", hostile, null] },
  },
  "where nothing is": { fromUs: 1_000_000, toUs: 2_000_000, bucketUs: HOUR * 1000, filters: {} },
};

const rounded = (figure: number): number => Math.round(figure * 1e8) / 1e8;
const figures = <T extends object>(one: T) =>
  Object.fromEntries(
    Object.entries(one).map(([name, value]) => [name, typeof value === "number" ? rounded(value) : (value as unknown)]),
  );

const sorted = <T extends object>(items: readonly T[]) =>
  items.map(figures).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** The detail in an order that does not depend on the store; keys of objects too. */
function plain(detail: SpendDetail | null) {
  if (detail === null) return null;
  const ordered = <T extends object>(items: readonly T[]) =>
    sorted(items.map((item) => Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))));
  // Which of two calls at the same time is the last in a list of the newest is no matter.
  return {
    before: detail.before && ordered(detail.before),
    latency: ordered(detail.latency),
    finishReasons: ordered(detail.finishReasons),
    sites: ordered(detail.sites),
    newest: detail.newest.map(({ startUs }) => startUs),
    costliest: ordered(detail.costliest),
  };
}

async function answers(store: TelemetryStore, query: SpendQuery) {
  const cube = await store.spend({ ...query, withDetail: true }, builtInPrices);
  const buckets = new Map<number, number>();
  for (const { bucketUs, costUsd } of cube.cells)
    buckets.set(bucketUs, rounded((buckets.get(bucketUs) ?? 0) + costUsd));
  const byKey = (dimension: Dimension) =>
    groupBy(cube, dimension)
      .map(figures)
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return {
    total: figures(total(cube)),
    partial: cube.partial,
    newestUs: cube.newestUs,
    detail: plain(cube.detail),
    buckets: [...buckets].filter(([, cost]) => cost > 0).sort(([a], [b]) => a - b),
    ...Object.fromEntries(dimensions.map((dimension) => [dimension, byKey(dimension)])),
  };
}

describe("Stores agree to the cent", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-store-"));
  // The cases are of a fixed time, which the usual retention would have swept away one day.
  const limits = { retentionDays: 36_500, maxBytes: 1e12 };
  const local = new LocalStore(path.join(folder, "spans.sqlite"), { catalogue: assets.catalogue, limits });
  const recorded = new LocalStore(path.join(folder, "recorded.sqlite"), { catalogue: assets.catalogue, limits });
  const standins: Standin[] = [];
  const open = ({ url }: Standin, stream: string): OpenObserveStore =>
    new OpenObserveStore(
      new OpenObserveClient({ url, organization: "default", authorization: Standin.authorization }),
      stream,
    );

  /** Servers of every source that is no local store: each holds the stream "cases". */
  const servers: Record<RemoteId, { name: string; open: (stream: string) => TelemetryStore }[]> = {
    openobserve: versions.map((version, index) => ({
      name: `OpenObserve ${version}`,
      open: (stream) => open(standins[index] as Standin, stream),
    })),
  };

  before(async () => {
    for (const [store, requests] of [
      [local, cases],
      [recorded, dataset.requests],
    ] as const) {
      await store.ready();
      for (const request of requests) store.write(callsOf(request));
    }
    for (const version of versions) {
      const standin = await Standin.start(version);
      standins.push(standin);
      for (const request of cases) await standin.ingest(request, "cases");
      for (const request of dataset.requests) await standin.ingest(request);
    }
  });
  after(async () => {
    await local.close();
    await recorded.close();
    for (const standin of standins) standin.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [name, query] of Object.entries(queries)) {
    it(`on the cases, ${name}`, async () => {
      const expected = await answers(local, query);
      for (const { name: server, open: opened } of Object.values(servers).flat())
        assert.deepEqual(await answers(opened("cases"), query), expected, server);
    });
  }

  it("on the recorded data, whose reported cost is known", async () => {
    const query = { fromUs: dataset.start * 1e6, toUs: dataset.end * 1e6, bucketUs: HOUR * 1000, filters: {} };
    const expected = await answers(recorded, query);
    const { costUsd, pricedHereUsd, calls, unpricedCalls, pricedHereCalls, errors } = expected.total as Record<
      string,
      number
    >;
    // 13.835533 is the real server's own sum (exchange search-totals), 328 its number of calls without inner spans.
    assert.equal(rounded((costUsd ?? 0) - (pricedHereUsd ?? 0)), 13.835533);
    // 12 calls of an automatic instrumentation, one whose cost is an empty text, and a fine-tune of cost 0, which has a price in the catalogue.
    assert.deepEqual(
      { calls, unpricedCalls, pricedHereCalls, errors },
      { calls: 328, unpricedCalls: 0, pricedHereCalls: 14, errors: 9 },
    );
    for (const [index, version] of versions.entries())
      assert.deepEqual(await answers(open(standins[index] as Standin, "llm"), query), expected, version);
  });

  it("on calls that only one by one have a price, by minute, hour, six hours and month", async () => {
    const oneByOne = async (store: TelemetryStore, bucketUs: number) => {
      const query = { fromUs: FROM * 1000, toUs: TO * 1000, bucketUs, filters: { feature: ["odd"] } };
      const { calls, costUsd, pricedHereCalls, unpricedCalls } = total(await store.spend(query, builtInPrices));
      return { calls, costUsd: rounded(costUsd), pricedHereCalls, unpricedCalls };
    };
    // Of each four: 1000 × $0.02, 1000 cached × $1.25, 9000 × $2.50 + 100 × $10; the long prompts as the catalogue has them.
    const price = builtInPrices.find("gpt-5.5").price;
    const above = price?.above ?? assert.fail("gpt-5.5 costs more above a length");
    const one = (tokens: number, { input, output }: { input: number; output: number | null }): number =>
      tokens * input + 10 * (output ?? 0);
    const [low, high] = [271_999, 272_001].map((tokens) =>
      one(tokens, tokens > above.inputTokens ? above : (price ?? assert.fail())),
    );
    const costUsd = rounded((4 * (20 + 1250 + 23_500 + (low ?? 0) + (high ?? 0))) / 1e6);
    for (const minutes of [1, 60, 360, 43_200]) {
      const expected = { calls: 24, costUsd, pricedHereCalls: 20, unpricedCalls: 4 };
      assert.deepEqual(await oneByOne(local, minutes * 60_000_000), expected, `${minutes} minutes`);
      for (const [index, version] of versions.entries())
        assert.deepEqual(
          await oneByOne(open(standins[index] as Standin, "cases"), minutes * 60_000_000),
          expected,
          `${version}, ${minutes} minutes`,
        );
    }
  });

  it("on figures that can be added up by hand", async () => {
    const cube = await local.spend(queries["by hour"] as SpendQuery, builtInPrices);
    const spent = Object.fromEntries(
      groupBy(cube, "feature").map(({ key, costUsd }) => [
        key.value ?? (key.isRest ? "rest" : "not set"),
        rounded(costUsd),
      ]),
    );
    assert.equal(spent["wrapped"], 0.5);
    assert.equal(spent["twice"], 0.125);
    assert.equal(spent["feature 119"], 0.12);
    const all = cube.cells
      .filter(({ feature }) => feature.isRest || feature.value?.startsWith("feature "))
      .reduce((sum, { costUsd }) => sum + costUsd, 0);
    assert.ok(all >= (120 * 121) / 2000, "the rest holds what the list doesn't");
    assert.equal(groupBy(cube, "feature").length, 51);
    assert.equal(groupBy(cube, "user").length, 51);
  });

  it("asks OpenObserve three times at first, then only for what is new", async () => {
    const standin = standins[0] as Standin;
    const store = open(standin, "llm");
    const query = { fromUs: dataset.start * 1e6, toUs: dataset.end * 1e6, bucketUs: HOUR * 1000, filters: {} };
    await standin.takeSearches();
    const first = await answers(store, query);
    assert.equal((await standin.takeSearches()).length, 3);
    assert.deepEqual(await answers(store, query), first);
    const searches = await standin.takeSearches();
    assert.equal(searches.length, 2);
    for (const sql of searches) assert.match(sql, new RegExp(`>= ${(dataset.end - 3600) * 1e6}`));
  });

  it("keeps what it knows of each selection, as two open views ask in turn", async () => {
    const standin = standins[0] as Standin;
    const store = open(standin, "llm");
    const range = { fromUs: dataset.start * 1e6, toUs: dataset.end * 1e6 };
    const views: SpendQuery[] = [
      { ...range, bucketUs: HOUR * 1000, filters: {} },
      { ...range, bucketUs: 2 * HOUR * 1000, filters: {} },
    ];
    const first = [await answers(store, views[0] as SpendQuery), await answers(store, views[1] as SpendQuery)];
    for (let round = 0; round < 3; round++)
      for (const [at, view] of views.entries()) {
        await standin.takeSearches();
        assert.deepEqual(await answers(store, view), first[at]);
        assert.equal((await standin.takeSearches()).length, 2);
      }
    // Another filter each time: what is kept stays bounded.
    for (const value of ["a", "b", "c", "d", "e"])
      await store.spend({ ...range, bucketUs: HOUR * 1000, filters: { feature: [value] } }, builtInPrices);
    await standin.takeSearches();
    assert.deepEqual(await answers(store, views[0] as SpendQuery), first[0]);
    assert.equal((await standin.takeSearches()).length, 3);
  });
});
