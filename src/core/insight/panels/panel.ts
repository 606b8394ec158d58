import type { PriceBook } from "../../pricing/price";
import type { Group, SpendCube } from "../../telemetry/spend";
import type { Cubes } from "../cubes";
import { bucketsOf } from "../groups";
import type { Axis, Chart, Panel, Table } from "../insight";

/** What panels are drawn from: folded cubes, prices, and the features by what they spend. */
export interface PanelSource extends Cubes {
  prices: PriceBook;
  features: readonly Group[];
}

/** A panel of the dashboard is a function. `registry.ts` lists all of them. */
export type PanelMaker<P extends Panel = Panel> = (source: PanelSource) => P;

/** A chart: what it is called and looks like, and a function that reads its figures. */
export function chartPanel(
  look: Pick<Chart, "id" | "tab" | "title" | "form" | "unit"> & { isWide?: boolean },
  figures: (source: PanelSource) => Pick<Chart, "axis" | "series"> & { note?: string | null },
): PanelMaker<Chart> {
  return (source) => ({ kind: "chart", isWide: false, note: null, ...look, ...figures(source) });
}

/** A table: what it is called, its columns, and a function that reads its rows. */
export function tablePanel(
  look: Pick<Table, "id" | "tab" | "title" | "columns"> & { note?: string },
  rows: (source: PanelSource) => Table["rows"],
): PanelMaker<Table> {
  return (source) => ({ kind: "table", note: null, ...look, rows: rows(source) });
}

export const timeAxis = (cube: SpendCube): Axis => ({
  kind: "time",
  times: bucketsOf(cube),
  bucketMs: cube.query.bucketUs / 1000,
});
