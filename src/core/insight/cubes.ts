import { type Key, type SpendCell, type SpendCube, addAmounts, keyText } from "../telemetry/spend";

/**
 * A cube folded to what panels look at, each once: thirty thousand cells are added up to some hundreds, and every
 * panel reads those. Dimensions that are folded away are `(not told apart)`, that is, null.
 */
export interface Cubes {
  /** By feature and time. */
  feature: SpendCube;
  /** By model and time. */
  model: SpendCube;
  /** By feature and model, without time. */
  pair: SpendCube;
  team: SpendCube;
  environment: SpendCube;
  /** Users, detail and range, of the cube itself. */
  whole: SpendCube;
}

type CellKey = "feature" | "model" | "team" | "environment";

export function cubesOf(whole: SpendCube): Cubes {
  return {
    whole,
    feature: folded(whole, ["feature"], true),
    model: folded(whole, ["model"], true),
    pair: folded(whole, ["feature", "model"], false),
    team: folded(whole, ["team"], false),
    environment: folded(whole, ["environment"], false),
  };
}

const NONE: Key = { value: null, isRest: false };

function folded(cube: SpendCube, kept: readonly CellKey[], keepsTime: boolean): SpendCube {
  const cells = new Map<string, SpendCell>();
  for (const cell of cube.cells) {
    const bucketUs = keepsTime ? cell.bucketUs : 0;
    let name = String(bucketUs);
    for (const dimension of kept) name += `\u0000${keyText(cell[dimension])}`;
    const sum = cells.get(name);
    if (sum !== undefined) addAmounts(sum, cell);
    else {
      const of = (dimension: CellKey): Key => (kept.includes(dimension) ? cell[dimension] : NONE);
      cells.set(name, {
        ...cell,
        bucketUs,
        feature: of("feature"),
        model: of("model"),
        team: of("team"),
        environment: of("environment"),
      });
    }
  }
  return { ...cube, cells: [...cells.values()] };
}
