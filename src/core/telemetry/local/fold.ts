import { modelName } from "../callPrice";
import { type CellDimension, cellDimensions, cellKeys } from "../dimensions";
import { type Key, MOST_VALUES, REST } from "../spend";
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

/**
 * Joins series into cells: of every dimension the largest values stand for themselves, the others are the rest. There
 * may be hundreds of thousands of series: nothing here is an object for each.
 */
export function cellsOf(scan: Scan, sums: SumTable): Cells {
  const choices = cellKeys((dimension) => choose(scan, sums, dimension));
  const cells: Keys[] = [];
  const cellOf = new Int32Array(scan.series.length).fill(-1);
  const numbers = new Map<number, number>();
  for (let id = 0; id < cellOf.length; id++) {
    if (scan.series[id] === undefined || sums.callsAt(id) === 0) continue;
    let place = 0;
    for (const dimension of cellDimensions) place = place * (MOST_VALUES + 1) + (choices[dimension].of[id] ?? 0);
    let number = numbers.get(place);
    if (number === undefined) {
      numbers.set(place, (number = cells.length));
      cells.push(cellKeys((dimension) => choices[dimension].keys[choices[dimension].of[id] ?? 0] ?? REST));
    }
    cellOf[id] = number;
  }
  const features = new Map(choices.feature.keys.map((key) => [key.value, key]));
  const { isCut } = choices.feature;
  const featureOf = ({ feature }: Series): Key =>
    features.get(feature) ?? (isCut ? REST : { value: feature, isRest: false });
  return { keys: cells, cellOf, featureOf };
}

/** The values of a dimension that stand for themselves, and which of them each series has. */
interface Choice {
  /** Without the rest. */
  keys: Key[];
  isCut: boolean;
  /** The place in `keys`, by the number of the series; what isn't in `keys` is the rest. */
  of: Uint8Array;
}

function choose({ series }: Scan, sums: SumTable, dimension: CellDimension): Choice {
  const numbers = new Map<string | null, number>();
  const cost: number[] = [];
  const input: number[] = [];
  const numberOf = new Uint32Array(series.length);
  series.forEach((one, id) => {
    if (one === undefined || sums.callsAt(id) === 0) return;
    const value = valueOf(one, dimension);
    let number = numbers.get(value);
    if (number === undefined) {
      numbers.set(value, (number = numbers.size));
      cost.push(0);
      input.push(0);
    }
    numberOf[id] = number;
    cost[number] = (cost[number] ?? 0) + sums.costAt(id);
    input[number] = (input[number] ?? 0) + sums.inputAt(id);
  });
  const largest = Uint32Array.from(cost.keys())
    .sort((a, b) => (cost[b] ?? 0) - (cost[a] ?? 0) || (input[b] ?? 0) - (input[a] ?? 0))
    .subarray(0, MOST_VALUES);
  const placeOf = new Uint8Array(numbers.size).fill(MOST_VALUES);
  largest.forEach((number, place) => (placeOf[number] = place));
  const keys: Key[] = [];
  for (const [value, number] of numbers) {
    const place = placeOf[number] ?? MOST_VALUES;
    if (place < MOST_VALUES) keys[place] = { value, isRest: false };
  }
  return {
    keys,
    isCut: numbers.size > MOST_VALUES,
    of: Uint8Array.from(numberOf, (number) => placeOf[number] ?? MOST_VALUES),
  };
}
