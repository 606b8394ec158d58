import { measures } from "../../telemetry/measures";
import { keyText } from "../../telemetry/spend";
import { nameColumn, nameOf, ratio, savedByCache, targetOf } from "../groups";
import { tablePanel } from "./panel";

export const cacheSavings = tablePanel(
  {
    id: "cache",
    tab: "efficiency",
    title: "Cached share of input, and what it saved",
    columns: [
      nameColumn("feature"),
      { title: "Cached share", unit: "share" },
      { title: measures.cachedTokens.title, unit: measures.cachedTokens.unit },
      { title: "Saved", unit: "usd" },
    ],
    note: "Compared with the full input price in your pricing table. A dash: a model's price is unknown.",
  },
  ({ pair, features, prices }) => {
    const saved = new Map<string, number | null>();
    for (const cell of pair.cells) {
      const id = keyText(cell.feature);
      const [sum, more] = [saved.get(id), cell.cachedTokens === 0 ? 0 : savedByCache(cell, prices)];
      saved.set(id, sum === null || more === null ? null : (sum ?? 0) + more);
    }
    return features.map((group) => ({
      target: targetOf(group.key, "feature"),
      trace: null,
      cells: [
        nameOf(group.key, "feature"),
        ratio(group.cachedTokens, group.inputTokens),
        group.cachedTokens,
        saved.get(keyText(group.key)) ?? null,
      ],
    }));
  },
);
