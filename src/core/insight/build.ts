import { counted } from "../figures";
import type { PriceBook } from "../pricing/price";
import { modelName } from "../telemetry/callPrice";
import { bucketFor, durationUs } from "../telemetry/range";
import { SAMPLE_SERVICE } from "../telemetry/sampleService";
import {
  type Amounts,
  type CallSpend,
  type Filters,
  type SpendCube,
  type SpendQuery,
  addAmounts,
  groupBy,
  noAmounts,
  total,
} from "../telemetry/spend";
import { cubesOf } from "./cubes";
import { change, featuresOf } from "./features";
import { bucketsOf, knownCost, memberOf, nameOf, overTime } from "./groups";
import type { Call, Chart, Insight, Notice, Selection, Tile } from "./insight";
import { optionsOf } from "./options";
import type { PanelMaker } from "./panels/panel";
import { panels as allPanels } from "./panels/registry";

/** Lines that a chart over time has, beside the one for all others. */
const MAX_LINES = 6;
const MAX_RANGE_US = 366 * 86_400_000_000;

/** The question that a selection asks. A range that ends now begins with a whole bucket, so that the next refresh asks the same. */
export function queryOf({ range, filters }: Selection, nowUs: number): SpendQuery {
  const chosen: Filters = {};
  for (const { dimension, value } of filters)
    Object.assign(chosen, { [dimension]: [...(chosen[dimension] ?? []), value] });
  if (!("last" in range)) {
    const [fromUs, toUs] = [range.fromMs * 1000, Math.max(range.toMs, range.fromMs + 1) * 1000];
    return { fromUs, toUs, bucketUs: bucketFor(fromUs, toUs), filters: chosen, withDetail: true };
  }
  const length = Math.min(durationUs(range.last) ?? 86_400_000_000, MAX_RANGE_US);
  const bucketUs = bucketFor(0, length);
  return {
    fromUs: Math.floor((nowUs - length) / bucketUs) * bucketUs,
    toUs: nowUs,
    bucketUs,
    filters: chosen,
    withDetail: true,
  };
}

/** All that is drawn, out of one answer of a store. @param answeredMs when it answered, milliseconds since 1970. */
export function toInsight(
  cube: SpendCube,
  prices: PriceBook,
  selection: Selection,
  answeredMs: number,
  panels: readonly PanelMaker[] = allPanels,
): Insight {
  const cubes = cubesOf(cube);
  const source = { ...cubes, prices, features: groupBy(cubes.feature, "feature") };
  const all = total(cubes.model);
  return {
    selection,
    fromMs: cube.query.fromUs / 1000,
    toMs: cube.query.toUs / 1000,
    answeredMs,
    newestMs: cube.newestUs === null ? null : cube.newestUs / 1000,
    calls: all.calls,
    tiles: tilesOf(all, beforeOf(cube)),
    timeline: timelineOf(cubes.feature),
    features: featuresOf(cubes),
    newest: (cube.detail?.newest ?? []).map(toCall),
    panels: panels.map((draw) => draw(source)),
    notices: noticesOf(cubes.model, all),
    options: optionsOf((dimension) =>
      groupBy(cubes[dimension], dimension).flatMap(({ key }) => (key.isRest ? [] : [key.value])),
    ),
  };
}

function beforeOf({ detail }: SpendCube): Amounts | null {
  if (detail === null || detail.before === null) return null;
  const sum = noAmounts();
  for (const one of detail.before) addAmounts(sum, one);
  return sum;
}

const tilesOf = (all: Amounts, before: Amounts | null): Tile[] => [
  {
    id: "cost",
    title: "Total LLM Cost",
    value: knownCost(all),
    unit: "usd",
    change: knownCost(all) === null ? null : change(all.costUsd, before === null ? null : knownCost(before)),
    isSpend: true,
    isLowerBound: all.unpricedCalls > 0,
  },
  {
    id: "input",
    title: "Total Input Tokens",
    value: all.inputTokens,
    unit: "tokens",
    change: change(all.inputTokens, before?.inputTokens ?? null),
    isSpend: true,
    isLowerBound: false,
  },
  {
    id: "output",
    title: "Total Output Tokens",
    value: all.outputTokens,
    unit: "tokens",
    change: change(all.outputTokens, before?.outputTokens ?? null),
    isSpend: true,
    isLowerBound: false,
  },
  {
    id: "calls",
    title: "Total LLM Calls",
    value: all.calls,
    unit: "calls",
    change: change(all.calls, before?.calls ?? null),
    isSpend: false,
    isLowerBound: false,
  },
];

const timelineOf = (cube: SpendCube): Chart => ({
  kind: "chart",
  id: "timeline",
  tab: "overview",
  title: "Cost over time by feature",
  form: "stacked",
  unit: "usd",
  axis: { kind: "time", times: bucketsOf(cube), bucketMs: cube.query.bucketUs / 1000 },
  series: overTime(cube, "feature", MAX_LINES, ({ costUsd }) => costUsd).map(({ key, values }) => ({
    ...memberOf(key, "feature"),
    values,
  })),
  note: null,
  isWide: true,
});

const toCall = (call: CallSpend): Call => ({
  traceId: call.traceId,
  spanId: call.spanId,
  startMs: call.startUs / 1000,
  latencyMs: call.durationUs / 1000,
  feature: nameOf({ value: call.feature, isRest: false }, "feature"),
  model: nameOf({ value: modelName(call.model), isRest: false }, "model"),
  inputTokens: call.inputTokens,
  outputTokens: call.outputTokens,
  costUsd: call.costUsd,
  isPricedHere: call.isPricedHere,
  isError: call.isError,
  isRateLimited: call.isRateLimited,
  isSample: call.service === SAMPLE_SERVICE,
  site: call.file === null ? null : { file: call.file, function: call.function, line: call.line },
});

const calls = (count: number): string => counted(count, "call");

function noticesOf(cube: SpendCube, { unpricedCalls, pricedHereCalls }: Amounts): Notice[] {
  const unknown = groupBy(cube, "model").filter((group) => group.unpricedCalls > 0);
  const models =
    unknown
      .slice(0, 3)
      .map(({ key }) => nameOf(key, "model"))
      .join(", ") + (unknown.length > 3 ? ` and ${unknown.length - 3} more` : "");
  return [
    ...cube.warnings.map((text): Notice => ({ kind: "partial", text })),
    ...(cube.partial && cube.warnings.length === 0
      ? [
          {
            kind: "partial" as const,
            text: "The source could not read the whole range; the figures cover only part of it.",
          },
        ]
      : []),
    ...(unpricedCalls > 0
      ? [
          {
            kind: "unpriced" as const,
            text: `${calls(unpricedCalls)} ${unpricedCalls === 1 ? "has" : "have"} no known price and ${unpricedCalls === 1 ? "is" : "are"} excluded from the total (${models}). Add the price to your pricing table.`,
          },
        ]
      : []),
    ...(pricedHereCalls > 0
      ? [
          {
            kind: "pricedHere" as const,
            text: `${calls(pricedHereCalls)} without a reported cost ${pricedHereCalls === 1 ? "is" : "are"} priced here, from your pricing table.`,
          },
        ]
      : []),
    ...(cube.detail?.newest.some(({ service }) => service === SAMPLE_SERVICE) === true
      ? [{ kind: "sample" as const, text: "Some of these calls are sample traffic." }]
      : []),
  ];
}
