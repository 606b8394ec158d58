import { memberOf, overTime } from "../groups";
import { chartPanel, timeAxis } from "./panel";

const MAX_LINES = 6;

export const costOverTime = chartPanel(
  { id: "cost-over-time", tab: "overview", title: "LLM cost over time", form: "stacked", unit: "usd", isWide: true },
  ({ model }) => ({
    axis: timeAxis(model),
    series: overTime(model, "model", MAX_LINES, ({ costUsd }) => costUsd).map(({ key, values }) => ({
      ...memberOf(key, "model"),
      values,
    })),
  }),
);
