const UNITS: Record<string, number> = { m: 60_000_000, h: 3_600_000_000, d: 86_400_000_000, w: 604_800_000_000 };

/** A length of time such as `15m`, `24h`, `7d` or `2w`, in microseconds; null where it is none. */
export function durationUs(text: string): number | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([mhdw])$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit ?? ""];
  return number === undefined || factor === undefined || Number(number) <= 0 ? null : Number(number) * factor;
}

/** An ISO 8601 time in microseconds since 1970; without a zone it is UTC. Null where it is none. */
export function isoUs(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)) return null;
  const time = Date.parse(/T/.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(time) ? null : time * 1000;
}

/** Buckets that make a readable chart of the range: at most 50 of them, of a usual width. In microseconds. */
export function bucketFor(fromUs: number, toUs: number): number {
  const widths = [1, 5, 15, 60, 180, 360, 720, 1440].map((minutes) => minutes * 60_000_000);
  return widths.find((width) => (toUs - fromUs) / width <= 50) ?? 86_400_000_000;
}
