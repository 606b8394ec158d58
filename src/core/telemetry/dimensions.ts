/**
 * What spend can be split and filtered by, each dimension once. Types, filters, keys of cells, SQL, names in views and on
 * the command line derive from this table.
 */
export interface DimensionEntry {
  /** As a heading. */
  title: string;
  /** Within a sentence: `All teams`. */
  plural: string;
  /** What people read where a call has none. */
  unset: string;
  /** Columns of a span that say it, best first (see `columns.ts`). */
  columns: readonly string[];
  /** Its column in the SQL of OpenObserve's calls. */
  sqlName: string;
  /** Whether cells are told apart by it. Users are too many for a cube, and are added up beside it. */
  isInCube: boolean;
}

export const dimensionTable = {
  feature: {
    title: "Feature",
    plural: "features",
    unset: "(no feature)",
    columns: ["feature"],
    sqlName: "feature",
    isInCube: true,
  },
  model: {
    title: "Model",
    plural: "models",
    unset: "(model unknown)",
    columns: ["gen_ai_response_model", "gen_ai_request_model", "llm_model_name", "_o2_llm_model_name"],
    sqlName: "model",
    isInCube: true,
  },
  team: {
    title: "Team",
    plural: "teams",
    unset: "(no team)",
    columns: ["team"],
    sqlName: "team",
    isInCube: true,
  },
  environment: {
    title: "Environment",
    plural: "environments",
    unset: "(no environment)",
    columns: [
      "environment",
      "deployment_environment_name",
      "deployment_environment",
      "service_deployment_environment_name",
      "service_deployment_environment",
    ],
    sqlName: "environment",
    isInCube: true,
  },
  user: {
    title: "User",
    plural: "users",
    unset: "(no user)",
    columns: ["user_id"],
    sqlName: "user_key",
    isInCube: false,
  },
} as const satisfies Record<string, DimensionEntry>;

export type Dimension = keyof typeof dimensionTable;
/** Those of a cell. */
export type CellDimension = {
  [N in Dimension]: (typeof dimensionTable)[N]["isInCube"] extends true ? N : never;
}[Dimension];

/** What a table of dimensions gives: all that treats every dimension alike. */
export function dimensionsOf<Name extends string, InCube extends Name>(table: Readonly<Record<Name, DimensionEntry>>) {
  const names = Object.keys(table) as Name[];
  const inCube = names.filter((name): name is InCube => table[name].isInCube);
  const valuesOf =
    <N extends Name>(of: readonly N[]) =>
    <T>(value: (name: N) => T): Record<N, T> =>
      Object.fromEntries(of.map((name) => [name, value(name)])) as Record<N, T>;
  return {
    names,
    inCube,
    /** A value for each dimension, by its name; `cellKeys` for those of a cell. */
    from: valuesOf(names),
    cellKeys: valuesOf(inCube),
  };
}

const derived = dimensionsOf<Dimension, CellDimension>(dimensionTable);
export const dimensions: readonly Dimension[] = derived.names;
export const cellDimensions: readonly CellDimension[] = derived.inCube;
export const { cellKeys } = derived;
export const dimensionColumns = derived.from((name): readonly string[] => dimensionTable[name].columns);
