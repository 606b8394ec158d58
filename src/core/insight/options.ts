import type { CellDimension } from "../telemetry/dimensions";

/** Dimensions that are filtered by a list of their values, in the order of the lists. */
export const listed = ["environment", "team", "model"] as const satisfies readonly CellDimension[];
export type ListedDimension = (typeof listed)[number];

/** Values to filter by; null is "not set". */
export type Options = Record<ListedDimension, (string | null)[]>;

export const optionsOf = <T>(values: (dimension: ListedDimension) => T): Record<ListedDimension, T> =>
  Object.fromEntries(listed.map((dimension) => [dimension, values(dimension)])) as Record<ListedDimension, T>;
