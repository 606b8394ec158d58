import type { Unit } from "../figures";
import { modelName, priceHere } from "../telemetry/callPrice";
import type { PriceBook } from "../pricing/price";
import {
  type Amounts,
  type Group,
  type Key,
  REST,
  type SpendCell,
  type SpendCube,
  groupBy,
  keyText,
} from "../telemetry/spend";
import { type CellDimension, type Dimension, dimensionTable } from "../telemetry/dimensions";
import { type Measure, measures } from "../telemetry/measures";
import type { Column, Member, Target } from "./insight";

/** What people read for a value: names of spans as they are, and words for what has none. */
export function nameOf({ value, isRest }: Key, dimension: Dimension): string {
  if (isRest) return "all others";
  return value ?? dimensionTable[dimension].unset;
}

/** A table's column of a measure. @param unit where the column shows a share of it, say. */
export const columnOf = (name: Measure, unit: Unit = measures[name].unit): Column => ({
  title: measures[name].shortTitle,
  unit,
});

/** The first column of a table by a dimension. */
export const nameColumn = (dimension: Dimension): Column => ({ title: dimensionTable[dimension].title, unit: "name" });

/** A value of a dimension, as a line, a bar or a slice. */
export const memberOf = (key: Key, dimension: Dimension): Member => ({
  id: keyText(key),
  name: nameOf(key, dimension),
  role: key.isRest ? "others" : "value",
  target: targetOf(key, dimension),
});

/** A figure of all calls, as a line or as the colour of bars; there is nothing to filter by. */
export const figureMember = (id: string, name: string): Member => ({ id, name, role: "value", target: null });

export const measureMember = (name: Measure): Member => figureMember(name, measures[name].shortTitle.toLowerCase());

export const targetOf = ({ value, isRest }: Key, dimension: Dimension): Target | null =>
  isRest ? null : { dimension, value };

/** The cost, where anything is known of it: null when all that could cost something has no known price. */
export const knownCost = ({ costUsd, unpricedCalls }: Pick<Amounts, "costUsd" | "unpricedCalls">): number | null =>
  unpricedCalls > 0 && costUsd === 0 ? null : costUsd;

export const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

/** Starts of the range's buckets, in milliseconds, oldest first. */
export function bucketsOf({ query: { fromUs, toUs, bucketUs } }: SpendCube): number[] {
  const first = Math.floor(fromUs / bucketUs);
  return Array.from(
    { length: Math.max(1, Math.ceil(toUs / bucketUs) - first) },
    (_, index) => ((first + index) * bucketUs) / 1000,
  );
}

/** A figure of all calls over time, by bucket. */
export function totalOverTime(cube: SpendCube, figure: (cell: SpendCell) => number): number[] {
  const buckets = bucketsOf(cube);
  const indexes = new Map(buckets.map((ms, index) => [ms, index]));
  const values = buckets.map(() => 0);
  for (const cell of cube.cells) {
    const at = indexes.get(cell.bucketUs / 1000);
    if (at !== undefined) values[at] = (values[at] ?? 0) + figure(cell);
  }
  return values;
}

export interface TimeLine {
  key: Key;
  values: number[];
}

/** A figure over time for each value of a dimension, the largest first; what lies beyond `most` lines is one line. */
export function overTime(
  cube: SpendCube,
  dimension: CellDimension,
  most: number,
  figure: (cell: SpendCell) => number,
  groups: readonly Group[] = groupBy(cube, dimension),
): TimeLine[] {
  const buckets = bucketsOf(cube);
  const place = new Map(buckets.map((ms, index) => [ms, index]));
  const named = groups.filter(({ key }) => !key.isRest);
  const shown = named.slice(0, named.length > most || named.length < groups.length ? most : named.length);
  const lines: TimeLine[] = shown.map(({ key }) => ({ key, values: buckets.map(() => 0) }));
  const numbers = new Map(shown.map(({ key }, index) => [key.value, index]));
  let rest: TimeLine | null = null;
  for (const cell of cube.cells) {
    const index = cell[dimension].isRest ? undefined : numbers.get(cell[dimension].value);
    const line = index === undefined ? (rest ??= { key: REST, values: buckets.map(() => 0) }) : lines[index];
    const at = place.get(cell.bucketUs / 1000);
    if (line !== undefined && at !== undefined) line.values[at] = (line.values[at] ?? 0) + figure(cell);
  }
  return rest === null ? lines : [...lines, rest];
}

/** What a cell's input and its output cost, by the proportion that the pricing table gives; null where it knows no price. */
export function splitCost(cell: SpendCell, prices: PriceBook): { input: number; output: number } | null {
  const model = cell.model.isRest ? null : modelName(cell.model.value);
  const part = (input: number, cached: number, output: number): number | null =>
    priceHere(prices, model, { input, cached, output }, 0);
  const [input, output] = [part(cell.inputTokens, cell.cachedTokens, 0), part(0, 0, cell.outputTokens)];
  if (input === null || output === null || input + output === 0) return null;
  return { input: (cell.costUsd * input) / (input + output), output: (cell.costUsd * output) / (input + output) };
}

/** What the cached tokens of a cell saved against the full price of input, in USD; null without a price. */
export function savedByCache(cell: SpendCell, prices: PriceBook): number | null {
  const model = cell.model.isRest ? null : modelName(cell.model.value);
  const full = priceHere(prices, model, { input: cell.cachedTokens, cached: 0, output: 0 }, 0);
  const paid = priceHere(prices, model, { input: cell.cachedTokens, cached: cell.cachedTokens, output: 0 }, 0);
  return full === null || paid === null ? null : full - paid;
}
