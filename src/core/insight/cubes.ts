import { type CellDimension, cellDimensions, cellKeys } from "../telemetry/dimensions";
import { type Key, type SpendCell, type SpendCube, addAmounts } from "../telemetry/spend";

/**
 * A cube folded to what panels look at, each once: thirty thousand cells are added up to some hundreds, and every
 * panel reads those. Dimensions that are folded away are null.
 */
export interface Cubes extends Record<CellDimension, SpendCube> {
  /** By feature and model, without time. */
  pair: SpendCube;
  /** Users, detail and range, of the cube itself. */
  whole: SpendCube;
}

/** What is drawn over time: these are folded by it too. */
const overTime: readonly CellDimension[] = ["feature", "model"];

export function cubesOf(whole: SpendCube): Cubes {
  const times = numbered(whole.cells.map(({ bucketUs }) => bucketUs));
  const keys = cellKeys((dimension) =>
    numbered(whole.cells.map(({ [dimension]: { value, isRest } }) => (isRest ? true : value))),
  );
  const folded = (kept: readonly CellDimension[], keepsTime = false): SpendCube => ({
    ...whole,
    cells: fold(whole.cells, kept, keepsTime, [
      ...(keepsTime ? [times] : []),
      ...kept.map((dimension) => keys[dimension]),
    ]),
  });
  return {
    whole,
    ...cellKeys((dimension) => folded([dimension], overTime.includes(dimension))),
    pair: folded(["feature", "model"]),
  };
}

/** What cells have of a kind, as numbers from 0: every fold compares them. */
interface Numbered {
  of: Uint32Array;
  count: number;
}

function numbered(values: readonly (string | number | boolean | null)[]): Numbered {
  const numbers = new Map<string | number | boolean | null, number>();
  const of = new Uint32Array(values.length);
  values.forEach((value, at) => {
    let number = numbers.get(value);
    if (number === undefined) numbers.set(value, (number = numbers.size));
    of[at] = number;
  });
  return { of, count: numbers.size };
}

const NONE: Key = { value: null, isRest: false };

/** Adds up the cells that agree in every dimension that is kept. */
function fold(
  cells: readonly SpendCell[],
  kept: readonly CellDimension[],
  keepsTime: boolean,
  apart: readonly Numbered[],
): SpendCell[] {
  const sums = new Map<number, SpendCell>();
  cells.forEach((cell, at) => {
    let place = 0;
    for (const { of, count } of apart) place = place * count + (of[at] ?? 0);
    const sum = sums.get(place);
    if (sum !== undefined) addAmounts(sum, cell);
    else {
      const first = { ...cell, bucketUs: keepsTime ? cell.bucketUs : 0 };
      for (const dimension of cellDimensions) if (!kept.includes(dimension)) first[dimension] = NONE;
      sums.set(place, first);
    }
  });
  return [...sums.values()];
}
