/** How a figure reads, wherever it stands: lens, hover, views, command line. */

export const units = ["usd", "tokens", "calls", "ms", "share", "ratio"] as const;
/** What a figure counts: costs are USD, latencies milliseconds, a share is of 1. */
export type Unit = (typeof units)[number];

const number = (value: number, digits: number, atLeast = 0): string =>
  new Intl.NumberFormat("en-US", { maximumFractionDigits: digits, minimumFractionDigits: atLeast }).format(value);

/** A whole number with separators: `2,041`. */
export const whole = (value: number): string => number(value, 0);

/** The form of a noun that follows a number. @param plural where it doesn't just take an `s` */
export const nounOf = (count: number, noun: string, plural = `${noun}s`): string => (count === 1 ? noun : plural);

/** So many of something: `1 call`, `2,041 calls`. @param plural where the noun doesn't just take an `s` */
export const counted = (count: number, noun: string, plural?: string): string =>
  `${whole(count)} ${nounOf(count, noun, plural)}`;

/**
 * USD that read: `$702.18`, `$0.0215`, `$0.0061`, `$0.000012`. Cents from ten cents to ten thousand dollars, whole
 * dollars above, and below ten cents four decimals or the first two significant figures. `$0` is nothing at all.
 */
export function dollars(usd: number): string {
  const size = Math.abs(usd);
  const sign = usd < 0 ? "−" : "";
  if (size === 0) return "$0";
  if (size < 0.000001) return `${sign}<$0.000001`;
  if (size < 0.01) {
    const digits = Math.max(4, 1 - Math.floor(Math.log10(size)));
    return `${sign}$${size.toFixed(digits).replace(/(\.\d{4}\d*?)0+$/, "$1")}`;
  }
  if (size < 0.1) return `${sign}$${size.toFixed(4)}`;
  // What rounds to ten thousand reads as ten thousand.
  const digits = size < 9_999.995 ? 2 : 0;
  return `${sign}$${number(size, digits, digits)}`;
}

/** A count that reads: `2,041`, `21.4 M`. */
export function countText(count: number): string {
  const size = Math.abs(count);
  for (const [factor, name] of [
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
  ] as const)
    if (size >= factor) return `${number(count / factor, 1, 1)} ${name}`;
  return size >= 100_000
    ? `${number(count / 1000, 0)} k`
    : number(count, size < 10 && !Number.isInteger(count) ? 1 : 0);
}

/** A latency that reads: `320 ms`, `1.2 s`, `3.4 min`. */
export function msText(ms: number): string {
  if (ms === 0) return "0 ms";
  if (ms < 1) return "<1 ms";
  if (ms < 1000) return `${number(ms, 0)} ms`;
  if (ms < 90_000) return `${number(ms / 1000, ms < 10_000 ? 1 : 0)} s`;
  return `${number(ms / 60_000, 1)} min`;
}

export const shareText = (share: number): string =>
  share > 0 && share < 0.01 ? `${number(share * 100, 1)} %` : `${number(share * 100, 0)} %`;

/** `+18 %`, `−1 %`; a change too small to show is `±0 %`. */
export function changeText(change: number): string {
  const percent = Math.round(change * 100);
  return percent === 0 ? "±0 %" : `${percent > 0 ? "+" : "−"}${number(Math.abs(percent), 0)} %`;
}

/** A figure in words of its unit; an unknown one is a dash. */
export function figureText(value: number | null, unit: Unit): string {
  if (value === null || Number.isNaN(value)) return "–";
  switch (unit) {
    case "usd":
      return dollars(value);
    case "ms":
      return msText(value);
    case "share":
      return shareText(value);
    case "ratio":
      return number(value, value < 10 ? 2 : 0);
    default:
      return countText(value);
  }
}

/** The figure in full, for hovers and tables. */
export function exactText(value: number | null, unit: Unit): string {
  if (value === null || Number.isNaN(value)) return "unknown";
  switch (unit) {
    case "usd":
      return `$${number(value, 9, 2)}`;
    case "ms":
      return `${number(value, 1)} ms`;
    case "share":
      return `${number(value * 100, 2)} %`;
    case "ratio":
      return number(value, 4);
    default:
      return number(value, 1);
  }
}

/** Labels of an axis, of which no two are the same. */
export function axisTexts(values: readonly number[], unit: Unit): string[] {
  const short = values.map((value) => figureText(value, unit));
  if (new Set(short).size === values.length) return short;
  for (let digits = 0; digits <= 12; digits++) {
    const texts = values.map((value) =>
      unit === "usd"
        ? `$${number(value, digits, digits)}`
        : unit === "share"
          ? `${number(value * 100, digits, digits)} %`
          : unit === "ms"
            ? `${number(value / 1000, digits, digits)} s`
            : number(value, digits),
    );
    if (new Set(texts).size === values.length) return texts;
  }
  return short;
}

/** How long ago, in a word: `now`, `12 s ago`, `3 min ago`. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 2) return "now";
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h ago`;
  return `${counted(Math.round(seconds / 86_400), "day")} ago`;
}
