import { modelName } from "../callPrice";
import { type CellDimension, cellKeys } from "../dimensions";
import { type Amounts, type Key, MOST_VALUES, addAmounts } from "../spend";
import type { Scan } from "./scan";
import type { Series } from "./series";
import type { SumTable } from "./sums";

type Keys = Record<CellDimension, Key>;

/** What a series has of a dimension, as people say it. */
export const valueOf = (series: Series, dimension: CellDimension): string | null =>
  dimension === "model" ? modelName(series.model) : series[dimension];

export interface Cells {
  /** The keys of each cell. */
  keys: Keys[];
  /** The cell of a series, by the series' number; -1 for series without calls. */
  cellOf: Int32Array;
  /** The keys of a series, whether it has calls or not. */
  featureOf: (series: Series) => Key;
}

/** Joins series into cells: of every dimension the largest values stand for themselves, the others are the rest. */
export function cellsOf(scan: Scan, sums: SumTable): Cells {
  const used = scan.series.flatMap((one, id) =>
    one !== undefined && sums.callsAt(id) > 0 ? [{ id, one, amounts: sums.at(id) }] : [],
  );
  const keyOf = cellKeys((dimension) => {
    const read = (one: Series): string | null => valueOf(one, dimension);
    const spent = new Map<string | null, Amounts>();
    for (const { one, amounts } of used) {
      const sum = spent.get(read(one));
      if (sum === undefined) spent.set(read(one), { ...amounts });
      else addAmounts(sum, amounts);
    }
    const isCut = spent.size > MOST_VALUES;
    const largest = new Set(
      [...spent]
        .sort(([, a], [, b]) => b.costUsd - a.costUsd || b.inputTokens - a.inputTokens)
        .slice(0, MOST_VALUES)
        .map(([key]) => key),
    );
    return (one: Series): Key =>
      !isCut || largest.has(read(one)) ? { value: read(one), isRest: false } : { value: null, isRest: true };
  });
  const cells: Keys[] = [];
  const numbers = new Map<string, number>();
  const cellOf = new Int32Array(scan.series.length).fill(-1);
  for (const { id, one } of used) {
    const keys = cellKeys((dimension) => keyOf[dimension](one));
    const name = JSON.stringify(Object.values(keys));
    let number = numbers.get(name);
    if (number === undefined) {
      numbers.set(name, (number = cells.length));
      cells.push(keys);
    }
    cellOf[id] = number;
  }
  return { keys: cells, cellOf, featureOf: keyOf.feature };
}
