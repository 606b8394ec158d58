import type { Series } from "../insight";
import { figureMember, splitCost, totalOverTime } from "../groups";
import { chartPanel, timeAxis } from "./panel";

export const inputVersusOutput = chartPanel(
  {
    id: "input-output-cost",
    tab: "overview",
    title: "Input vs. output cost over time",
    form: "grouped",
    unit: "usd",
  },
  ({ model, prices }) => {
    const splits = new Map(model.cells.map((cell) => [cell, splitCost(cell, prices)]));
    const unsplit = totalOverTime(model, (cell) => (splits.get(cell) === null ? cell.costUsd : 0));
    const isSplit = unsplit.every((cost) => cost === 0);
    const series: Series[] = [
      { ...figureMember("input", "input"), values: totalOverTime(model, (cell) => splits.get(cell)?.input ?? 0) },
      { ...figureMember("output", "output"), values: totalOverTime(model, (cell) => splits.get(cell)?.output ?? 0) },
    ];
    if (!isSplit) series.push({ id: "unsplit", name: "not split", role: "unsplit", target: null, values: unsplit });
    return {
      axis: timeAxis(model),
      series,
      note: `Spans report one cost, which is split in proportion to your prices.${isSplit ? "" : " The cost of models without a price is not split."}`,
    };
  },
);
