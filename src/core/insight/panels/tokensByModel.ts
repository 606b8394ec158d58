import { groupBy } from "../../telemetry/spend";
import { measureMember, memberOf } from "../groups";
import { chartPanel } from "./panel";

const MAX_MODELS = 7;

export const tokensByModel = chartPanel(
  { id: "tokens-by-model", tab: "overview", title: "Token usage by model", form: "grouped", unit: "tokens" },
  ({ model }) => {
    const groups = groupBy(model, "model").sort(
      (a, b) =>
        Number(a.key.isRest) - Number(b.key.isRest) || b.inputTokens + b.outputTokens - a.inputTokens - a.outputTokens,
    );
    const shown = groups.slice(0, MAX_MODELS);
    return {
      axis: { kind: "members", members: shown.map(({ key }) => memberOf(key, "model")) },
      series: [
        { ...measureMember("inputTokens"), values: shown.map(({ inputTokens }) => inputTokens) },
        { ...measureMember("outputTokens"), values: shown.map(({ outputTokens }) => outputTokens) },
      ],
      note:
        groups.length > shown.length ? `The ${shown.length} models with the most tokens, of ${groups.length}.` : null,
    };
  },
);
