import { modelName } from "../../telemetry/callPrice";
import { dimensionTable } from "../../telemetry/dimensions";
import { columnOf, nameOf } from "../groups";
import { tablePanel } from "./panel";

export const costliestCalls = tablePanel(
  {
    id: "costliest",
    tab: "efficiency",
    title: "Most expensive single calls",
    columns: [
      { title: "When", unit: "time" },
      { title: dimensionTable.feature.title, unit: "text" },
      { title: dimensionTable.model.title, unit: "text" },
      columnOf("costUsd"),
      columnOf("inputTokens"),
      columnOf("outputTokens"),
      { title: "Latency", unit: "ms" },
      { title: "Trace", unit: "trace" },
    ],
  },
  ({ whole }) =>
    (whole.detail?.costliest ?? []).map((call) => ({
      target: null,
      trace: { id: call.traceId, startMs: call.startUs / 1000 },
      cells: [
        call.startUs / 1000,
        nameOf({ value: call.feature, isRest: false }, "feature"),
        nameOf({ value: modelName(call.model), isRest: false }, "model"),
        call.costUsd,
        call.inputTokens,
        call.outputTokens,
        call.durationUs / 1000,
        call.traceId,
      ],
    })),
);
