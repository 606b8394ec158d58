/** An hour and a day, in microseconds. Days are UTC's. */
export const HOUR_US = 3_600_000_000;
export const DAY_US = 24 * HOUR_US;

export const floorTo = (timeUs: number, widthUs: number): number => Math.floor(timeUs / widthUs) * widthUs;
const ceilTo = (timeUs: number, widthUs: number): number => Math.ceil(timeUs / widthUs) * widthUs;

export interface Piece {
  table: "span" | "hour" | "day";
  fromUs: number;
  toUs: number;
}

/**
 * Cuts a range into pieces that the coarsest table can answer exactly: whole days from the sums by day, whole hours
 * from those by hour, the rest from single spans.
 * @param coarsest the widest sums that may be used, for the sake of the buckets asked for.
 */
export function cut(fromUs: number, toUs: number, coarsest: Piece["table"]): Piece[] {
  if (toUs <= fromUs) return [];
  const width = coarsest === "day" ? DAY_US : HOUR_US;
  const [start, end] = [ceilTo(fromUs, width), floorTo(toUs, width)];
  if (coarsest === "span") return [{ table: "span", fromUs, toUs }];
  const finer = coarsest === "day" ? "hour" : "span";
  if (start >= end) return cut(fromUs, toUs, finer);
  return [...cut(fromUs, start, finer), { table: coarsest, fromUs: start, toUs: end }, ...cut(end, toUs, finer)];
}
