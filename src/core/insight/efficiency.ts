import type { PriceBook } from "../pricing/price";
import { modelName } from "../telemetry/callPrice";
import { dimensionTable } from "../telemetry/dimensions";
import { measures } from "../telemetry/measures";
import { type Group, type SpendCell, type SpendCube, groupBy, keyText } from "../telemetry/spend";
import type { Cubes } from "./cubes";
import { bucketsOf, columnOf, nameOf, overTime, ratio, savedByCache, seriesOf, targetOf } from "./groups";
import type { Axis, Chart, Panel, Series, Table } from "./insight";
import { Latencies } from "./latencies";
import { timeAxis } from "./overview";

/** Features whose lines or bars a chart shows. */
const MOST_FEATURES = 6;
const MOST_BARS = 10;

/** The panels of the tab "Token efficiency". */
export function efficiencyPanels({ feature: cube, pair }: Cubes, prices: PriceBook): Panel[] {
  const features = groupBy(cube, "feature");
  return [
    perCall(
      cube,
      features,
      "tokens-per-call",
      "Tokens per call over time, by feature",
      "tokens",
      ({ inputTokens, outputTokens }) => inputTokens + outputTokens,
      ({ calls }) => calls,
    ),
    perCall(
      cube,
      features,
      "cost-per-call",
      "Cost per call over time, by feature",
      "usd",
      ({ costUsd }) => costUsd,
      ({ calls, unpricedCalls }) => calls - unpricedCalls,
    ),
    byFeature(features, "output-to-input", "Output tokens per input token, by feature", "ratio", [
      ["output / input", ({ outputTokens, inputTokens }) => ratio(outputTokens, inputTokens)],
    ]),
    cache(pair, features, prices),
    byFeature(features, "reasoning-share", "Reasoning share of output, by feature", "share", [
      [seriesOf("reasoningTokens"), ({ reasoningTokens, outputTokens }) => ratio(reasoningTokens, outputTokens)],
    ]),
    latency(cube, features),
    finishReasons(cube),
    errors(cube),
    costliest(cube),
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
  tab: "efficiency",
  title,
  form,
  unit,
  axis,
  series,
  note: null,
  isWide: false,
  ...more,
});

/** A figure for each call, as lines of the most expensive features; a bucket without calls has none. */
function perCall(
  cube: SpendCube,
  features: readonly Group[],
  id: string,
  title: string,
  unit: Chart["unit"],
  part: (cell: SpendCell) => number,
  whole: (cell: SpendCell) => number,
): Chart {
  const shown = features.filter(({ key }) => !key.isRest).slice(0, MOST_FEATURES);
  const [parts, wholes] = [
    overTime(cube, "feature", shown.length, part, shown),
    overTime(cube, "feature", shown.length, whole, shown),
  ];
  const series = shown.map(({ key }, index) => ({
    name: nameOf(key, "feature"),
    target: targetOf(key, "feature"),
    values: bucketsOf(cube).map((_, at) => ratio(parts[index]?.values[at] ?? 0, wholes[index]?.values[at] ?? 0)),
  }));
  const note =
    features.length > shown.length ? `The ${shown.length} features that spend most, of ${features.length}.` : null;
  return chart(id, title, "lines", unit, timeAxis(cube), series, { note });
}

/** A figure of each feature, side by side. */
function byFeature(
  features: readonly Group[],
  id: string,
  title: string,
  unit: Chart["unit"],
  figures: [string, (group: Group) => number | null][],
): Chart {
  const shown = features.slice(0, MOST_BARS);
  const axis: Axis = {
    kind: "names",
    names: shown.map(({ key }) => nameOf(key, "feature")),
    targets: shown.map(({ key }) => targetOf(key, "feature")),
  };
  const note =
    features.length > shown.length ? `The ${shown.length} features that spend most, of ${features.length}.` : null;
  return chart(
    id,
    title,
    "grouped",
    unit,
    axis,
    figures.map(([name, figure]) => ({ name, target: null, values: shown.map(figure) })),
    { note },
  );
}

function cache(cube: SpendCube, features: readonly Group[], prices: PriceBook): Table {
  const saved = new Map<string, number | null>();
  for (const cell of cube.cells) {
    const name = keyText(cell.feature);
    const [sum, more] = [saved.get(name), cell.cachedTokens === 0 ? 0 : savedByCache(cell, prices)];
    saved.set(name, sum === null || more === null ? null : (sum ?? 0) + more);
  }
  return {
    kind: "table",
    id: "cache",
    tab: "efficiency",
    title: "Cached share of input, and what it saved",
    columns: [
      { title: dimensionTable.feature.title, unit: "text" },
      { title: "Cached share", unit: "share" },
      { title: measures.cachedTokens.title, unit: measures.cachedTokens.unit },
      { title: "Saved", unit: "usd" },
    ],
    rows: features.map((group) => ({
      target: targetOf(group.key, "feature"),
      traceId: null,
      cells: [
        nameOf(group.key, "feature"),
        ratio(group.cachedTokens, group.inputTokens),
        group.cachedTokens,
        saved.get(keyText(group.key)) ?? null,
      ],
    })),
    note: "Against the full price of input in your pricing table. A dash: a model's price is unknown.",
  };
}

function latency(cube: SpendCube, features: readonly Group[]): Chart {
  const latencies = new Latencies(cube.detail);
  return byFeature(features, "latency", "Latency and time to first token, by feature", "ms", [
    ["p50", ({ key }) => latencies.of(key, "duration", 0.5)],
    ["p95", ({ key }) => latencies.of(key, "duration", 0.95)],
    ["first token p50", ({ key }) => latencies.of(key, "firstToken", 0.5)],
    ["first token p95", ({ key }) => latencies.of(key, "firstToken", 0.95)],
  ]);
}

function finishReasons(cube: SpendCube): Chart {
  const reasons = cube.detail?.finishReasons ?? [];
  return chart(
    "finish-reasons",
    "Finish reasons",
    "pie",
    "calls",
    {
      kind: "names",
      names: reasons.map(({ reason }) => reason ?? "(none reported)"),
      targets: reasons.map(() => null),
    },
    [{ name: seriesOf("calls"), target: null, values: reasons.map(({ calls }) => calls) }],
  );
}

function errors(cube: SpendCube): Chart {
  const sum = (figure: (cell: SpendCell) => number): number[] =>
    overTime(cube, "feature", 0, figure)[0]?.values ?? bucketsOf(cube).map(() => 0);
  return chart("errors", "Errors and 429s over time", "stacked", "calls", timeAxis(cube), [
    { name: "429 (rate limit)", target: null, values: sum(({ rateLimited }) => rateLimited) },
    { name: "other errors", target: null, values: sum((cell) => Math.max(0, cell.errors - cell.rateLimited)) },
  ]);
}

const costliest = (cube: SpendCube): Table => ({
  kind: "table",
  id: "costliest",
  tab: "efficiency",
  title: "Most expensive single calls",
  columns: [
    { title: "When", unit: "time" },
    { title: dimensionTable.feature.title, unit: "text" },
    { title: dimensionTable.model.title, unit: "text" },
    columnOf("costUsd"),
    columnOf("inputTokens"),
    columnOf("outputTokens"),
    { title: "Latency", unit: "ms" },
    { title: "Trace", unit: "text" },
  ],
  rows: (cube.detail?.costliest ?? []).map((call) => ({
    target: null,
    traceId: call.traceId,
    cells: [
      call.startUs / 1000,
      nameOf({ value: call.feature, isRest: false }, "feature"),
      nameOf({ value: modelName(call.model), isRest: false }, "model"),
      call.costUsd,
      call.inputTokens,
      call.outputTokens,
      call.durationUs / 1000,
      call.traceId,
    ],
  })),
  note: null,
});
