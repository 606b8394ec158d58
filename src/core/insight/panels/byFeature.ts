import type { Group } from "../../telemetry/spend";
import { figureMember, measureMember, memberOf, ratio } from "../groups";
import type { Chart, Member } from "../insight";
import { Latencies } from "../latencies";
import { type PanelMaker, type PanelSource, chartPanel } from "./panel";

const MAX_BARS = 10;

/** The features that spend most, and a note where there are more. @param kept `values` leaves out the sum of all others. */
export function topFeatures(
  features: readonly Group[],
  most: number,
  kept: "all" | "values",
): { shown: Group[]; note: string | null } {
  const shown = features.filter(({ key }) => kept === "all" || !key.isRest).slice(0, most);
  const note =
    features.length > shown.length ? `The ${shown.length} features that spend most, of ${features.length}.` : null;
  return { shown, note };
}

type Figures = readonly (readonly [Member, (group: Group) => number | null])[];

/** Figures of each feature, side by side. */
const byFeature = (
  look: Pick<Chart, "id" | "title" | "unit">,
  figures: (source: PanelSource) => Figures,
): PanelMaker<Chart> =>
  chartPanel({ ...look, tab: "efficiency", form: "grouped" }, (source) => {
    const { shown, note } = topFeatures(source.features, MAX_BARS, "all");
    return {
      axis: { kind: "members", members: shown.map(({ key }) => memberOf(key, "feature")) },
      series: figures(source).map(([member, figure]) => ({ ...member, values: shown.map(figure) })),
      note,
    };
  });

export const outputPerInput = byFeature(
  { id: "output-to-input", title: "Output tokens per input token, by feature", unit: "ratio" },
  () => [
    [figureMember("ratio", "output / input"), ({ outputTokens, inputTokens }) => ratio(outputTokens, inputTokens)],
  ],
);

export const reasoningShare = byFeature(
  { id: "reasoning-share", title: "Reasoning share of output, by feature", unit: "share" },
  () => [
    [measureMember("reasoningTokens"), ({ reasoningTokens, outputTokens }) => ratio(reasoningTokens, outputTokens)],
  ],
);

export const latency = byFeature(
  { id: "latency", title: "Latency and time to first token, by feature", unit: "ms" },
  ({ feature }) => {
    const latencies = new Latencies(feature.detail);
    return [
      [figureMember("p50", "p50"), ({ key }) => latencies.of(key, "duration", 0.5)],
      [figureMember("p95", "p95"), ({ key }) => latencies.of(key, "duration", 0.95)],
      [figureMember("firstTokenP50", "first token p50"), ({ key }) => latencies.of(key, "firstToken", 0.5)],
      [figureMember("firstTokenP95", "first token p95"), ({ key }) => latencies.of(key, "firstToken", 0.95)],
    ];
  },
);
