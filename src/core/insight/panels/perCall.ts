import type { SpendCell } from "../../telemetry/spend";
import { bucketsOf, memberOf, overTime, ratio } from "../groups";
import type { Chart } from "../insight";
import { topFeatures } from "./byFeature";
import { type PanelMaker, chartPanel, timeAxis } from "./panel";

const MAX_LINES = 6;

/** A figure for each call, as lines of the most expensive features; a bucket without calls has none. */
const perCall = (
  look: Pick<Chart, "id" | "title" | "unit">,
  part: (cell: SpendCell) => number,
  whole: (cell: SpendCell) => number,
): PanelMaker<Chart> =>
  chartPanel({ ...look, tab: "efficiency", form: "lines" }, ({ feature: cube, features }) => {
    const { shown, note } = topFeatures(features, MAX_LINES, "values");
    const [parts, wholes] = [part, whole].map((figure) => overTime(cube, "feature", shown.length, figure, shown));
    const series = shown.map(({ key }, index) => ({
      ...memberOf(key, "feature"),
      values: bucketsOf(cube).map((_, at) => ratio(parts?.[index]?.values[at] ?? 0, wholes?.[index]?.values[at] ?? 0)),
    }));
    return { axis: timeAxis(cube), series, note };
  });

export const tokensPerCall = perCall(
  { id: "tokens-per-call", title: "Tokens per call over time, by feature", unit: "tokens" },
  ({ inputTokens, outputTokens }) => inputTokens + outputTokens,
  ({ calls }) => calls,
);

export const costPerCall = perCall(
  { id: "cost-per-call", title: "Cost per call over time, by feature", unit: "usd" },
  ({ costUsd }) => costUsd,
  ({ calls, unpricedCalls }) => calls - unpricedCalls,
);
