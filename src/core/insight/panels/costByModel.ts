import { REST, groupBy } from "../../telemetry/spend";
import { measureMember, memberOf } from "../groups";
import { chartPanel } from "./panel";

const MAX_SLICES = 7;

export const costByModel = chartPanel(
  { id: "cost-by-model", tab: "overview", title: "Cost by model", form: "pie", unit: "usd" },
  ({ model }) => {
    const groups = groupBy(model, "model").filter(({ costUsd }) => costUsd > 0);
    const shown = groups.slice(0, MAX_SLICES).filter(({ key }) => !key.isRest);
    const others = groups.filter((group) => !shown.includes(group));
    const slices = [
      ...shown,
      ...(others.length === 0 ? [] : [{ key: REST, costUsd: others.reduce((sum, { costUsd }) => sum + costUsd, 0) }]),
    ];
    return {
      axis: { kind: "members", members: slices.map(({ key }) => memberOf(key, "model")) },
      series: [{ ...measureMember("costUsd"), values: slices.map(({ costUsd }) => costUsd) }],
    };
  },
);
