import { figureMember, totalOverTime } from "../groups";
import { chartPanel, timeAxis } from "./panel";

export const errors = chartPanel(
  { id: "errors", tab: "efficiency", title: "Errors and 429s over time", form: "stacked", unit: "calls" },
  ({ feature: cube }) => ({
    axis: timeAxis(cube),
    series: [
      {
        ...figureMember("rateLimited", "429 (rate limit)"),
        values: totalOverTime(cube, ({ rateLimited }) => rateLimited),
      },
      {
        ...figureMember("otherErrors", "other errors"),
        values: totalOverTime(cube, (cell) => Math.max(0, cell.errors - cell.rateLimited)),
      },
    ],
  }),
);
