import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { queryOf, toInsight } from "../../../src/core/insight/build";
import { ageText, axisTexts, changeText, exactText, figureText, dollars } from "../../../src/core/figures";
import {
  type Chart,
  type Insight,
  type Selection,
  type Table,
  insight as insightSchema,
} from "../../../src/core/insight/insight";
import { LocalStore } from "../../../src/core/telemetry/local/localStore";
import { type SpendCube, groupBy, total } from "../../../src/core/telemetry/spend";
import { csvOf, tableOf } from "../../../src/webview/csv";
import { assets, builtInPrices } from "../support";
import { callsOf, requestOf, span } from "../telemetry/spans";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 20, 12, 20);
const hostile = `<img src=x onerror="alert(1)">`;
const day: Selection = { range: { last: "24h" }, filters: [] };
const call = (
  at: number,
  feature: string,
  usd: number | null,
  more: Record<string, string | number | string[]> = {},
  given: { durationMs?: number; error?: boolean } = {},
) =>
  span({
    at,
    ...given,
    attributes: {
      feature,
      "gen_ai.usage.input_tokens": 1000,
      "gen_ai.usage.output_tokens": 200,
      ...(usd === null ? {} : { "gen_ai.usage.cost_usd": usd }),
      ...more,
    },
  });

const spans = [
  ...Array.from({ length: 20 }, (_, index) =>
    call(
      NOW - HOUR - index * 60_000,
      "summary",
      0.01,
      {
        user_id: `u${index % 3}`,
        team: "docs",
        environment: "prod",
        "code.file.path": "app/summary.py",
        "code.function.name": "summarize",
        "code.line.number": 42,
        "gen_ai.latency.ttft_ms": 300,
        "gen_ai.usage.cache_read.input_tokens": 500,
        "gen_ai.response.finish_reasons": ["stop"],
      },
      { durationMs: 1000 + index * 100 },
    ),
  ),
  call(NOW - 2 * HOUR, hostile, 0.25, {
    team: hostile,
    environment: hostile,
    user_id: hostile,
    "code.file.path": hostile,
  }),
  // Priced here; unknown; a reasoning model; a refusal for its rate.
  call(NOW - 3 * HOUR, "open", null),
  call(NOW - 3 * HOUR, "odd", null, { "gen_ai.request.model": "nobody-knows" }),
  call(NOW - 4 * HOUR, "planner", 0.5, { "gen_ai.request.model": "o1", "gen_ai.usage.reasoning.output_tokens": 150 }),
  span({
    at: NOW - 4 * HOUR,
    error: true,
    attributes: { feature: "summary", "error.type": "RateLimitError", "http.response.status_code": 429 },
  }),
  // The day before: half of it.
  ...Array.from({ length: 10 }, (_, index) => call(NOW - 30 * HOUR - index * 1000, "summary", 0.01)),
];

describe("Insight", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-insight-"));
  const store = new LocalStore(path.join(folder, "spans.sqlite"), {
    catalogue: assets.catalogue,
    limits: { retentionDays: 36_500, maxBytes: 1e12 },
  });
  let cube: SpendCube;
  let insight: Insight;
  const chart = (id: string): Chart =>
    insight.panels.find((panel): panel is Chart => panel.kind === "chart" && panel.id === id) ??
    assert.fail(`no chart ${id}`);
  const table = (id: string): Table =>
    insight.panels.find((panel): panel is Table => panel.kind === "table" && panel.id === id) ??
    assert.fail(`no table ${id}`);
  const sum = (values: readonly (number | null)[]): number =>
    values.reduce<number>((all, value) => all + (value ?? 0), 0);
  const same = (a: number, b: number, what: string): void =>
    assert.ok(Math.abs(a - b) < 1e-9, `${what}: ${a} is not ${b}`);

  before(async () => {
    await store.ready();
    store.write(callsOf(requestOf(spans)));
    cube = await store.spend(queryOf(day, NOW * 1000), builtInPrices);
    insight = toInsight(cube, builtInPrices, day, NOW);
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("crosses to the view as it is", () => {
    assert.deepEqual(insightSchema.parse(structuredClone(insight)), insight);
  });

  it("has the store's sums in its tiles, and what they are against the day before", () => {
    const all = total(cube);
    const tiles = Object.fromEntries(insight.tiles.map(({ id, value, change }) => [id, { value, change }]));
    same(tiles["cost"]?.value ?? 0, 20 * 0.01 + 0.25 + 0.5 + 0.0045, "cost");
    assert.deepEqual(
      [tiles["input"]?.value, tiles["output"]?.value, tiles["calls"]?.value],
      [all.inputTokens, all.outputTokens, 25],
    );
    same(tiles["cost"]?.change ?? 0, 0.9545 / 0.1 - 1, "change of cost");
    same(tiles["calls"]?.change ?? 0, 25 / 10 - 1, "change of calls");
  });

  it("shows the same money in every panel", () => {
    const all = total(cube).costUsd;
    for (const id of ["cost-over-time", "cost-by-model", "input-output-cost"])
      same(sum(chart(id).series.flatMap(({ values }) => values)), all, id);
    same(sum(insight.timeline.series.flatMap(({ values }) => values)), all, "timeline");
    for (const id of ["by-feature", "by-team", "by-environment", "by-user"]) {
      same(sum(table(id).rows.map(({ cells }) => cells[1] as number | null)), all, id);
      same(sum(table(id).rows.map(({ cells }) => cells[2] as number | null)), 1, `shares of ${id}`);
    }
    same(sum(insight.features.map(({ costUsd }) => costUsd)), all, "features");
    same(
      sum(insight.features.flatMap(({ models }) => models.map(({ costUsd }) => costUsd))),
      all,
      "models of features",
    );
    same(sum(insight.features.flatMap(({ trend }) => trend)), all, "trends");
  });

  it("shows the same tokens, errors and reasons in every panel", () => {
    const all = total(cube);
    same(sum(chart("tokens-by-model").series[0]?.values ?? []), all.inputTokens, "input by model");
    same(sum(chart("tokens-over-time").series[1]?.values ?? []), all.outputTokens, "output over time");
    same(sum(chart("errors").series.flatMap(({ values }) => values)), all.errors, "errors");
    same(sum(chart("finish-reasons").series.flatMap(({ values }) => values)), all.calls, "finish reasons");
    same(sum(table("cache").rows.map(({ cells }) => cells[2] as number)), 10_000, "cached tokens");
    // gpt-4o: 2.50 for input, 1.25 for cached input, per million.
    same(sum(table("cache").rows.map(({ cells }) => cells[3] as number | null)), (10_000 * 1.25) / 1e6, "saved");
  });

  it("shows an unknown price as unknown, and says how many calls have one", () => {
    const odd = insight.features.find(({ name }) => name === "odd");
    assert.deepEqual([odd?.costUsd, odd?.share, odd?.isLowerBound], [null, null, true]);
    assert.equal(insight.tiles[0]?.isLowerBound, true);
    assert.match(
      insight.notices.find(({ kind }) => kind === "unpriced")?.text ?? "",
      /^1 call has no known price .*\(nobody-knows\)/,
    );
    assert.match(insight.notices.find(({ kind }) => kind === "pricedHere")?.text ?? "", /^1 call/);
    assert.equal(insight.newest.find(({ feature }) => feature === "odd")?.costUsd, null);
    assert.equal(figureText(null, "usd"), "–");
  });

  it("tells where a feature's calls are, how long they take, and how the newest went", () => {
    const summary = insight.features.find(({ name }) => name === "summary");
    assert.deepEqual(
      summary?.sites.map(({ file, function: name, line, calls }) => [file, name, line, calls]),
      [["app/summary.py", "summarize", 42, 20]],
    );
    // 19 of 21 calls of 1,000 to 2,900 ms lie under 2,800; one more took 1,200.
    assert.ok(Math.abs((summary?.p95Ms ?? 0) - 2800) < 2800 * 0.03, `p95 ${summary?.p95Ms ?? 0}`);
    assert.deepEqual([summary?.errors, summary?.calls], [1, 21]);
    const latency = chart("latency");
    const at = latency.axis.kind === "members" ? latency.axis.members.findIndex(({ name }) => name === "summary") : -1;
    assert.ok(Math.abs((latency.series[2]?.values[at] ?? 0) - 300) < 9, "first token");
    assert.deepEqual(
      insight.newest.map(({ startMs }) => startMs),
      [...insight.newest].map(({ startMs }) => startMs).sort((a, b) => b - a),
    );
    assert.equal(insight.newest.length, 25);
    assert.equal(table("costliest").rows[0]?.cells[3], 0.5);
  });

  it("keeps hostile names as they are, and never makes a formula of one", () => {
    assert.ok(insight.features.some(({ name }) => name === hostile));
    assert.ok(insight.options.team.includes(hostile));
    const formula: Table = {
      ...table("by-user"),
      rows: [{ target: null, trace: null, cells: ['=HYPERLINK("x"),\n', 1, 1, 1, 1, 1, 0] }],
    };
    assert.match(csvOf(formula), /"'=HYPERLINK\(""x""\),\n",1,/);
    const guarded = ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "\t1", " =1", '"=1', "'=1", "\u00a0=1", "\uff1d1"];
    const plain = ["gpt-4o", "a=1", "5", " x", "naïve", ""];
    const csv = csvOf({
      ...table("by-user"),
      rows: [...guarded, ...plain].map((name) => ({ target: null, trace: null, cells: [name, -1.5, 1, 1, 1, 1, 0] })),
    });
    for (const name of guarded) assert.ok(csv.includes(`"'${name.replaceAll('"', '""')}",-1.5,`), JSON.stringify(name));
    for (const name of plain) assert.ok(csv.includes(`\n${name},-1.5,`), name);
    for (const panel of insight.panels) {
      const { head, rows } = tableOf(panel);
      for (const row of rows) assert.equal(row.length, head.length, panel.id);
    }
  });

  it("never shows a cost that nobody knows as nothing", async () => {
    const selection: Selection = { range: { last: "24h" }, filters: [{ dimension: "feature", value: "odd" }] };
    const { tiles, panels } = toInsight(
      await store.spend(queryOf(selection, NOW * 1000), builtInPrices),
      builtInPrices,
      selection,
      NOW,
    );
    assert.deepEqual([tiles[0]?.id, tiles[0]?.value, tiles[0]?.change], ["cost", null, null]);
    const spent = panels.find((panel): panel is Table => panel.id === "by-feature");
    assert.deepEqual(spent?.rows[0]?.cells.slice(1, 3), [null, null]);
  });

  it("filters as it is told", async () => {
    const selection: Selection = {
      range: { last: "24h" },
      filters: [
        { dimension: "feature", value: "summary" },
        { dimension: "team", value: "docs" },
      ],
    };
    const filtered = toInsight(
      await store.spend(queryOf(selection, NOW * 1000), builtInPrices),
      builtInPrices,
      selection,
      NOW,
    );
    assert.deepEqual([filtered.calls, filtered.features.length], [20, 1]);
    assert.equal(groupBy(cube, "feature").length, 5);
  });

  it("begins a range that ends now with a whole bucket, so that the next question is the same", () => {
    const [first, second] = [queryOf(day, NOW * 1000), queryOf(day, NOW * 1000 + 60_000_000)];
    assert.equal(first.fromUs, second.fromUs);
    assert.equal(first.fromUs % first.bucketUs, 0);
    assert.deepEqual(queryOf({ range: { fromMs: 5000, toMs: 4000 }, filters: [] }, 0).toUs, 5_001_000);
  });
});

describe("Figures", () => {
  it("read", () => {
    assert.deepEqual([0, 702.18, 1234.5, 12_345.6, 0.0061, 0.24, 0.00000042, 0.0000000001, 0.0215].map(dollars), [
      "$0",
      "$702.18",
      "$1,234.50",
      "$12,346",
      "$0.0061",
      "$0.24",
      "<$0.000001",
      "<$0.000001",
      "$0.0215",
    ]);
    assert.deepEqual(
      [21_400_000, 13_305, 132_400, 0.5].map((value) => figureText(value, "tokens")),
      ["21.4 M", "13,305", "132 k", "0.5"],
    );
    assert.deepEqual(
      [0, 0.2, 320, 1234, 11_200, 200_000].map((value) => figureText(value, "ms")),
      ["0 ms", "<1 ms", "320 ms", "1.2 s", "11 s", "3.3 min"],
    );
    assert.deepEqual([0.18, -0.012, 0.001, 38].map(changeText), ["+18 %", "−1 %", "±0 %", "+3,800 %"]);
    assert.deepEqual([0, 12_400, 200_000, 7_200_000, 300_000_000].map(ageText), [
      "now",
      "12 s ago",
      "3 min ago",
      "2 h ago",
      "3 days ago",
    ]);
    assert.equal(exactText(0.0000125, "usd"), "$0.0000125");
  });

  it("never make two labels of an axis the same", () => {
    for (const values of [
      [0, 0.00001, 0.00002],
      [61_000_000, 61_040_000, 61_080_000],
      [1000, 1010, 1020],
      [12_345, 12_345.2, 12_345.4],
    ]) {
      for (const unit of ["usd", "tokens", "ms", "share"] as const)
        assert.equal(
          new Set(axisTexts(values, unit)).size,
          3,
          `${values.join()} ${unit}: ${axisTexts(values, unit).join()}`,
        );
    }
  });
});
