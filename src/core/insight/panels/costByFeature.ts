import { keyText } from "../../telemetry/spend";
import { columnOf, knownCost, nameColumn, nameOf, overTime, ratio, targetOf } from "../groups";
import { Latencies } from "../latencies";
import { tablePanel } from "./panel";

export const costByFeature = tablePanel(
  {
    id: "by-feature",
    tab: "overview",
    title: "Cost by feature",
    columns: [
      nameColumn("feature"),
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
  },
  ({ feature: cube, features }) => {
    const all = features.reduce((sum, { costUsd }) => sum + costUsd, 0);
    const latencies = new Latencies(cube.detail);
    const trends = new Map(
      overTime(cube, "feature", features.length, ({ costUsd }) => costUsd, features).map(({ key, values }) => [
        keyText(key),
        values,
      ]),
    );
    return features.map((group) => {
      const { key, calls, inputTokens, outputTokens, cachedTokens, errors, unpricedCalls } = group;
      const cost = knownCost(group);
      return {
        target: targetOf(key, "feature"),
        trace: null,
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
    });
  },
);
