import { type Dimension, dimensions } from "../../telemetry/dimensions";
import { groupBy } from "../../telemetry/spend";
import { columnOf, knownCost, nameColumn, nameOf, ratio, targetOf } from "../groups";
import type { Table } from "../insight";
import { type PanelMaker, tablePanel } from "./panel";

type Plain = Exclude<Dimension, "feature" | "model">;

/** A table for each dimension that has no panel of its own. */
export const costByDimension: readonly PanelMaker<Table>[] = dimensions
  .filter((dimension): dimension is Plain => dimension !== "feature" && dimension !== "model")
  .map((dimension) =>
    tablePanel(
      {
        id: `by-${dimension}`,
        tab: "overview",
        title: `Cost by ${dimension}`,
        columns: [
          nameColumn(dimension),
          columnOf("costUsd"),
          { title: "Share", unit: "share" },
          columnOf("calls"),
          columnOf("inputTokens"),
          columnOf("outputTokens"),
          columnOf("errors", "share"),
        ],
      },
      (source) => {
        const groups = groupBy(dimension === "user" ? source.whole : source[dimension], dimension);
        const all = groups.reduce((sum, { costUsd }) => sum + costUsd, 0);
        return groups.map((group) => {
          const cost = knownCost(group);
          return {
            target: targetOf(group.key, dimension),
            trace: null,
            cells: [
              nameOf(group.key, dimension),
              cost,
              cost === null ? null : ratio(cost, all),
              group.calls,
              group.inputTokens,
              group.outputTokens,
              ratio(group.errors, group.calls),
            ],
          };
        });
      },
    ),
  );
