import { measureMember, totalOverTime } from "../groups";
import { chartPanel, timeAxis } from "./panel";

export const tokensOverTime = chartPanel(
  {
    id: "tokens-over-time",
    tab: "overview",
    title: "Token usage over time",
    form: "lines",
    unit: "tokens",
    isWide: true,
  },
  ({ model }) => ({
    axis: timeAxis(model),
    series: [
      { ...measureMember("inputTokens"), values: totalOverTime(model, ({ inputTokens }) => inputTokens) },
      { ...measureMember("outputTokens"), values: totalOverTime(model, ({ outputTokens }) => outputTokens) },
    ],
  }),
);
