/** An hour, a quarter of a day and a day, in microseconds. Days are UTC's. */
export const HOUR_US = 3_600_000_000;
export const QUARTER_US = 6 * HOUR_US;
export const DAY_US = 24 * HOUR_US;

export const floorTo = (timeUs: number, widthUs: number): number => Math.floor(timeUs / widthUs) * widthUs;
const ceilTo = (timeUs: number, widthUs: number): number => Math.ceil(timeUs / widthUs) * widthUs;

export interface Piece {
  table: "span" | "hour" | "quarter" | "day";
  fromUs: number;
  toUs: number;
}

/** Tables of sums, the widest first. */
const widths = [
  ["day", DAY_US],
  ["quarter", QUARTER_US],
  ["hour", HOUR_US],
] as const;

/**
 * Cuts a range into pieces that the coarsest table can answer exactly: whole days from the sums by day, then whole
 * quarters and hours, the rest from single spans.
 * @param widestUs the widest sums that may be used, for the sake of the buckets asked for.
 */
export function cut(fromUs: number, toUs: number, widestUs: number): Piece[] {
  if (toUs <= fromUs) return [];
  const [table, width] = widths.find(([, one]) => one <= widestUs) ?? (["span", 0] as const);
  if (table === "span") return [{ table, fromUs, toUs }];
  const [start, end] = [ceilTo(fromUs, width), floorTo(toUs, width)];
  if (start >= end) return cut(fromUs, toUs, width - 1);
  return [...cut(fromUs, start, width - 1), { table, fromUs: start, toUs: end }, ...cut(end, toUs, width - 1)];
}

/** The widest sums out of which buckets of this width can be made. */
export const widestFor = (bucketUs: number): number => widths.find(([, width]) => bucketUs % width === 0)?.[1] ?? 0;
