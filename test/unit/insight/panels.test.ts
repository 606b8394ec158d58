import * as assert from "node:assert/strict";
import { toInsight } from "../../../src/core/insight/build";
import type { Chart, Insight, Selection, Table } from "../../../src/core/insight/insight";
import {
  type CallSpend,
  type LatencyCell,
  type SpendCube,
  groupBy,
  noAmounts,
} from "../../../src/core/telemetry/spend";
import { stepOf } from "../../../src/core/telemetry/latency";
import { PriceBook } from "../../../src/core/pricing/price";
import { assets } from "../support";
import { HOUR_US, REST, cell, cubeOf, key } from "./cubes";

/** Per million: 2 USD for input, 1 cached, 8 for output. */
const prices = new PriceBook({ models: { m: { input: 2, cachedInput: 1, output: 8 } } }, assets.catalogue);
const selection: Selection = { range: { last: "24h" }, filters: [] };

const call: CallSpend = {
  traceId: "a".repeat(32),
  spanId: "b".repeat(16),
  startUs: 90_000_000,
  durationUs: 1_500_000,
  firstTokenUs: null,
  model: "m",
  feature: "chat",
  team: null,
  environment: null,
  service: null,
  file: null,
  function: null,
  line: null,
  inputTokens: 10,
  outputTokens: 5,
  costUsd: 0.25,
  isPricedHere: false,
  isError: false,
  isRateLimited: false,
};

/** 99 calls took 100 ms, one ten seconds; first tokens came after 50 ms and, once of ten times, after two seconds. */
const took = (feature: string, of: LatencyCell["of"], ms: number, calls: number): LatencyCell => ({
  feature: key(feature),
  of,
  step: stepOf(ms * 1000),
  calls,
});

const cube = cubeOf(
  2,
  [
    // 12 USD by 4 calls, of which one has no known price.
    cell(
      0,
      { feature: key("chat"), model: "m", team: "docs" },
      {
        calls: 4,
        unpricedCalls: 1,
        errors: 3,
        rateLimited: 1,
        inputTokens: 4000,
        outputTokens: 1000,
        cachedTokens: 1000,
        reasoningTokens: 250,
        costUsd: 12,
      },
    ),
    cell(
      1,
      { feature: key("chat"), model: "m", team: "docs" },
      { calls: 2, inputTokens: 200, outputTokens: 100, costUsd: 3 },
    ),
    cell(
      1,
      { feature: key("plan"), model: "m", team: "labs" },
      { calls: 10, errors: 1, inputTokens: 1000, outputTokens: 9000, costUsd: 5 },
    ),
    cell(1, { feature: REST, model: "m" }, { calls: 1, inputTokens: 1, outputTokens: 1, costUsd: 100 }),
  ],
  {
    before: [{ feature: key("chat"), ...noAmounts(), calls: 3, inputTokens: 2100, outputTokens: 550, costUsd: 10 }],
    latency: [
      took("chat", "duration", 100, 90),
      took("chat", "duration", 10_000, 10),
      took("chat", "firstToken", 50, 90),
      took("chat", "firstToken", 2000, 10),
    ],
    sites: [],
    newest: [call],
    costliest: [call],
  },
);

describe("Figures of panels", () => {
  const insightOf = (answer: SpendCube): Insight => toInsight(answer, prices, selection, 0);
  const insight = insightOf(cube);
  const panel = (id: string): Chart | Table =>
    insight.panels.find((one) => one.id === id) ?? assert.fail(`there is no panel ${id}`);
  const chart = (id: string): Chart => {
    const found = panel(id);
    return found.kind === "chart" ? found : assert.fail(`${id} is a table`);
  };
  /** The values of a line or of a bar's colour. */
  const values = (id: string, name: string): (number | null)[] =>
    chart(id).series.find((one) => one.name === name)?.values ?? assert.fail(`${id} has no ${name}`);
  /** The values of a feature, by the names of the bars. */
  const bars = (id: string, feature: string): Record<string, number | null> => {
    const { axis, series } = chart(id);
    const at = axis.kind === "members" ? axis.members.findIndex(({ name }) => name === feature) : -1;
    return Object.fromEntries(series.map((one) => [one.name, one.values[at] ?? null]));
  };
  /** A row, by the titles of the columns. */
  const row = (id: string, name: string): Record<string, unknown> => {
    const found = panel(id);
    if (found.kind !== "table") return assert.fail(`${id} is a chart`);
    const cells = found.rows.find((one) => one.cells.includes(name))?.cells ?? assert.fail(`${id} has no ${name}`);
    return Object.fromEntries(found.columns.map(({ title }, at) => [title, cells[at]]));
  };
  const near = (value: unknown, wanted: number, share = 1e-9): void =>
    assert.ok(
      typeof value === "number" && Math.abs(value - wanted) <= wanted * share,
      `${String(value)} is not ${wanted}`,
    );

  it("divide the cost by the calls that have one", () => {
    assert.deepEqual(values("cost-per-call", "chat"), [4, 1.5]);
    assert.deepEqual(values("cost-per-call", "plan"), [null, 0.5]);
    assert.deepEqual([row("by-feature", "chat")["$/call"], row("by-feature", "plan")["$/call"]], [3, 0.5]);
  });

  it("count the tokens of both directions for each call", () => {
    assert.deepEqual(values("tokens-per-call", "chat"), [1250, 150]);
    assert.deepEqual(values("tokens-per-call", "plan"), [null, 1000]);
  });

  it("divide a reported cost between input and output as the prices say", () => {
    // 3,000 × 2 + 1,000 × 1 against 1,000 × 8; in the second hour 1,201 × 2 against 9,101 × 8.
    near(values("input-output-cost", "input")[0], (12 * 7) / 15);
    near(values("input-output-cost", "output")[0], (12 * 8) / 15);
    near(values("input-output-cost", "input")[1], (108 * 2402) / 75_210);
  });

  it("relate output to input, and reasoning to output", () => {
    near(bars("output-to-input", "chat")["output / input"], 1100 / 4200);
    assert.equal(bars("output-to-input", "plan")["output / input"], 9);
    near(bars("reasoning-share", "chat")["reasoning"], 250 / 1100);
  });

  it("show the cached share of input, and what it saved", () => {
    const { "Cached share": share, Saved: saved } = row("cache", "chat");
    near(share, 1000 / 4200);
    near(saved, 0.001);
    near(row("by-feature", "chat")["Cached"], 1000 / 4200);
  });

  it("keep the median and p95 apart, and the call and its first token", () => {
    const times = bars("latency", "chat");
    near(times["p50"], 100, 0.026);
    near(times["p95"], 10_000, 0.026);
    near(times["first token p50"], 50, 0.026);
    near(times["first token p95"], 2000, 0.026);
    near(row("by-feature", "chat")["p95"], 10_000, 0.026);
    near(row("by-feature", "chat")["TTFT p95"], 2000, 0.026);
    near(insight.features.find(({ name }) => name === "chat")?.p95Ms, 10_000, 0.026);
  });

  it("tell refusals for the rate from other errors, and relate them to calls", () => {
    assert.deepEqual(values("errors", "429 (rate limit)"), [1, 0]);
    assert.deepEqual(values("errors", "other errors"), [2, 1]);
    assert.deepEqual([row("by-feature", "chat")["Errors"], row("by-team", "labs")["Errors"]], [3 / 6, 1 / 10]);
  });

  it("compare each with what it was in the period before", () => {
    const changes = Object.fromEntries(insight.tiles.map(({ id, change }) => [id, change]));
    near(changes["cost"], 120 / 10 - 1);
    near(changes["input"], 5201 / 2100 - 1);
    near(changes["output"], 10_101 / 550 - 1);
    near(changes["calls"], 17 / 3 - 1);
    const feature = (name: string): number | null | undefined =>
      insight.features.find((one) => one.name === name)?.change;
    near(feature("chat"), 0.5);
    // There is nothing to compare with: no change, and no fall to nothing either.
    assert.equal(feature("plan"), null);
  });

  it("share out what all spend", () => {
    near(row("by-feature", "chat")["Share"], 15 / 120);
    near(insight.features.find(({ name }) => name === "plan")?.share, 5 / 120);
  });

  it("show times in milliseconds", () => {
    assert.deepEqual([insight.fromMs, insight.toMs, insight.newestMs], [0, 7_200_000, 7_199_999]);
    const [newest] = insight.newest;
    assert.deepEqual([newest?.startMs, newest?.latencyMs], [90_000, 1500]);
    assert.deepEqual([row("costliest", "chat")["When"], row("costliest", "chat")["Latency"]], [90_000, 1500]);
    assert.deepEqual(insight.timeline.axis, { kind: "time", times: [0, 3_600_000], bucketMs: HOUR_US / 1000 });
  });

  it("put what stands for many behind all that stand for themselves", () => {
    assert.deepEqual(
      groupBy(cube, "feature").map(({ key: { value } }) => value),
      ["chat", "plan", null],
    );
    assert.deepEqual(
      insight.features.map(({ name }) => name),
      ["chat", "plan", "all others"],
    );
  });

  it("know no cost of a feature of which no call has a price", () => {
    const [feature] = insightOf(
      cubeOf(1, [cell(0, { feature: key("odd") }, { calls: 2, unpricedCalls: 2, inputTokens: 5 })]),
    ).features;
    assert.deepEqual([feature?.costUsd, feature?.change, feature?.isLowerBound], [null, null, true]);
  });
});
