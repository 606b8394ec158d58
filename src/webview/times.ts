import type { Axis } from "../core/insight/insight";

const DAY_MS = 86_400_000;
const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => new Intl.DateTimeFormat("en-US", options);
const day = format({ month: "short", day: "numeric", timeZone: "UTC" });
const clock = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayAndClock = format({ month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const seconds = format({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const full = format({
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** Time of day, to the second, in the person's own zone. */
export const clockText = (ms: number): string => seconds.format(ms);
export const fullTimeText = (ms: number): string => full.format(ms);

/** Labels of an axis. Days are UTC's, as the buckets are; hours are the person's own. */
export function axisLabels(axis: Axis): string[] {
  if (axis.kind === "members") return axis.members.map(({ name }) => name);
  const { times, bucketMs } = axis;
  if (bucketMs >= DAY_MS) return times.map((ms) => day.format(ms));
  const isLong = (times.at(-1) ?? 0) - (times[0] ?? 0) > 1.5 * DAY_MS;
  return times.map((ms) => (isLong ? dayAndClock : clock).format(ms));
}

/** How wide the buckets of an axis are, in words. */
export function bucketText(axis: Axis): string {
  if (axis.kind === "members") return "";
  const minutes = axis.bucketMs / 60_000;
  if (minutes >= 1440) return minutes === 1440 ? "by day, UTC" : `by ${minutes / 1440} days, UTC`;
  if (minutes >= 60) return minutes === 60 ? "by hour" : `by ${minutes / 60} hours`;
  return minutes === 1 ? "by minute" : `by ${minutes} minutes`;
}
