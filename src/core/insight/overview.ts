import type { PriceBook } from "../pricing/price";
import { type Dimension, dimensionTable, dimensions } from "../telemetry/dimensions";
import { type SpendCube, groupBy, keyText } from "../telemetry/spend";
import type { Cubes } from "./cubes";
import { bucketsOf, columnOf, knownCost, nameOf, overTime, ratio, seriesOf, splitCost, targetOf } from "./groups";
import type { Axis, Chart, Panel, Series, Table } from "./insight";
import { Latencies } from "./latencies";

const MOST_LINES = 6;
const MOST_SLICES = 7;

/** The panels of the tab "LLM Cost Overview". */
export function overviewPanels(cubes: Cubes, prices: PriceBook): Panel[] {
  const { feature, model } = cubes;
  return [
    costOverTime(model),
    costByModel(model),
    inputAgainstOutput(model, prices),
    tokensByModel(model),
    tokensOverTime(model),
    featureTable(feature),
    ...dimensions.flatMap((dimension) =>
      dimension === "feature" || dimension === "model"
        ? []
        : [spendTable(dimension === "user" ? cubes.whole : cubes[dimension], dimension)],
    ),
  ];
}

const chart = (
  id: string,
  title: string,
  form: Chart["form"],
  unit: Chart["unit"],
  axis: Axis,
  series: Series[],
  more: Partial<Chart> = {},
): Chart => ({
  kind: "chart",
  id,
  tab: "overview",
  title,
  form,
  unit,
  axis,
  series,
  note: null,
  isWide: false,
  ...more,
});

export const timeAxis = (cube: SpendCube): Axis => ({
  kind: "time",
  times: bucketsOf(cube),
  bucketMs: cube.query.bucketUs / 1000,
});

const costOverTime = (cube: SpendCube): Chart =>
  chart(
    "cost-over-time",
    "LLM cost over time",
    "stacked",
    "usd",
    timeAxis(cube),
    overTime(cube, "model", MOST_LINES, ({ costUsd }) => costUsd).map(({ key, values }) => ({
      name: nameOf(key, "model"),
      values,
      target: targetOf(key, "model"),
    })),
    { isWide: true },
  );

function costByModel(cube: SpendCube): Chart {
  const groups = groupBy(cube, "model").filter(({ costUsd }) => costUsd > 0);
  const shown = groups.slice(0, MOST_SLICES).filter(({ key }) => !key.isRest);
  const others = groups.filter((group) => !shown.includes(group));
  const slices = shown.map(({ key, costUsd }) => ({
    name: nameOf(key, "model"),
    target: targetOf(key, "model"),
    costUsd,
  }));
  if (others.length > 0)
    slices.push({ name: "all others", target: null, costUsd: others.reduce((sum, { costUsd }) => sum + costUsd, 0) });
  return chart(
    "cost-by-model",
    "Cost by model",
    "pie",
    "usd",
    { kind: "names", names: slices.map(({ name }) => name), targets: slices.map(({ target }) => target) },
    [{ name: seriesOf("costUsd"), values: slices.map(({ costUsd }) => costUsd), target: null }],
  );
}

function inputAgainstOutput(cube: SpendCube, prices: PriceBook): Chart {
  const buckets = bucketsOf(cube);
  const place = new Map(buckets.map((ms, index) => [ms, index]));
  const [input, output, neither] = [buckets.map(() => 0), buckets.map(() => 0), buckets.map(() => 0)];
  for (const cell of cube.cells) {
    const at = place.get(cell.bucketUs / 1000) ?? -1;
    const split = splitCost(cell, prices);
    if (at < 0) continue;
    input[at] = (input[at] ?? 0) + (split?.input ?? 0);
    output[at] = (output[at] ?? 0) + (split?.output ?? 0);
    if (split === null) neither[at] = (neither[at] ?? 0) + cell.costUsd;
  }
  const isSplit = neither.every((cost) => cost === 0);
  const series = [
    { name: "input", values: input, target: null },
    { name: "output", values: output, target: null },
    ...(isSplit ? [] : [{ name: "can't be told", values: neither, target: null }]),
  ];
  const note = `Spans report one cost: it is divided in the proportion of your prices.${isSplit ? "" : " Models without a price can't be divided."}`;
  return chart("input-output-cost", "Input vs. output cost over time", "grouped", "usd", timeAxis(cube), series, {
    note,
  });
}

function tokensByModel(cube: SpendCube): Chart {
  const groups = groupBy(cube, "model").sort(
    (a, b) =>
      Number(a.key.isRest) - Number(b.key.isRest) || b.inputTokens + b.outputTokens - a.inputTokens - a.outputTokens,
  );
  const shown = groups.slice(0, MOST_SLICES);
  const axis: Axis = {
    kind: "names",
    names: shown.map(({ key }) => nameOf(key, "model")),
    targets: shown.map(({ key }) => targetOf(key, "model")),
  };
  const note =
    groups.length > shown.length ? `The ${shown.length} models with the most tokens, of ${groups.length}.` : null;
  return chart(
    "tokens-by-model",
    "Token usage by model",
    "grouped",
    "tokens",
    axis,
    [
      { name: seriesOf("inputTokens"), values: shown.map(({ inputTokens }) => inputTokens), target: null },
      { name: seriesOf("outputTokens"), values: shown.map(({ outputTokens }) => outputTokens), target: null },
    ],
    { note },
  );
}

function tokensOverTime(cube: SpendCube): Chart {
  const sum = (figure: "inputTokens" | "outputTokens"): number[] =>
    overTime(cube, "feature", 0, (cell) => cell[figure])[0]?.values ?? bucketsOf(cube).map(() => 0);
  return chart(
    "tokens-over-time",
    "Token usage over time",
    "lines",
    "tokens",
    timeAxis(cube),
    [
      { name: seriesOf("inputTokens"), values: sum("inputTokens"), target: null },
      { name: seriesOf("outputTokens"), values: sum("outputTokens"), target: null },
    ],
    { isWide: true },
  );
}

function featureTable(cube: SpendCube): Table {
  const groups = groupBy(cube, "feature");
  const all = groups.reduce((sum, { costUsd }) => sum + costUsd, 0);
  const latencies = new Latencies(cube.detail);
  const trends = new Map(
    overTime(cube, "feature", groups.length, ({ costUsd }) => costUsd, groups).map(({ key, values }) => [
      keyText(key),
      values,
    ]),
  );
  return {
    kind: "table",
    id: "by-feature",
    tab: "overview",
    title: "Cost by feature",
    columns: [
      { title: dimensionTable.feature.title, unit: "text" },
      columnOf("costUsd"),
      { title: "Share", unit: "share" },
      columnOf("calls"),
      { title: "$/call", unit: "usd" },
      columnOf("inputTokens"),
      columnOf("outputTokens"),
      columnOf("cachedTokens", "share"),
      { title: "p95", unit: "ms" },
      { title: "TTFT p95", unit: "ms" },
      columnOf("errors", "share"),
      { title: "Trend", unit: "trend" },
    ],
    rows: groups.map((group) => {
      const { key, calls, inputTokens, outputTokens, cachedTokens, errors, unpricedCalls } = group;
      const cost = knownCost(group);
      return {
        target: targetOf(key, "feature"),
        traceId: null,
        cells: [
          nameOf(key, "feature"),
          cost,
          cost === null ? null : ratio(cost, all),
          calls,
          cost === null ? null : ratio(cost, calls - unpricedCalls),
          inputTokens,
          outputTokens,
          ratio(cachedTokens, inputTokens),
          latencies.of(key, "duration", 0.95),
          latencies.of(key, "firstToken", 0.95),
          ratio(errors, calls),
          trends.get(keyText(key)) ?? [],
        ],
      };
    }),
    note: null,
  };
}

function spendTable(cube: SpendCube, dimension: Exclude<Dimension, "feature" | "model">): Table {
  const groups = groupBy(cube, dimension);
  const all = groups.reduce((sum, { costUsd }) => sum + costUsd, 0);
  return {
    kind: "table",
    id: `by-${dimension}`,
    tab: "overview",
    title: `Cost by ${dimension}`,
    columns: [
      { title: dimensionTable[dimension].title, unit: "text" },
      columnOf("costUsd"),
      { title: "Share", unit: "share" },
      columnOf("calls"),
      columnOf("inputTokens"),
      columnOf("outputTokens"),
      columnOf("errors", "share"),
    ],
    rows: groups.map((group) => {
      const cost = knownCost(group);
      return {
        target: targetOf(group.key, dimension),
        traceId: null,
        cells: [
          nameOf(group.key, dimension),
          cost,
          cost === null ? null : ratio(cost, all),
          group.calls,
          group.inputTokens,
          group.outputTokens,
          ratio(group.errors, group.calls),
        ],
      };
    }),
    note: null,
  };
}
