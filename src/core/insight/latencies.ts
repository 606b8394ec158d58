import { percentile } from "../telemetry/latency";
import { type Key, type LatencyCell, type SpendDetail, keyText } from "../telemetry/spend";

/** Percentiles of features, in milliseconds; null without calls whose time is known. */
export class Latencies {
  private readonly cells = new Map<string, LatencyCell[]>();

  constructor(detail: SpendDetail | null) {
    for (const cell of detail?.latency ?? []) {
      const name = nameOf(cell.feature, cell.of);
      const known = this.cells.get(name);
      if (known === undefined) this.cells.set(name, [cell]);
      else known.push(cell);
    }
  }

  /** @param share 0.5 for the median, 0.95 for p95. */
  of(feature: Key, of: LatencyCell["of"], share: number): number | null {
    const us = percentile(this.cells.get(nameOf(feature, of)) ?? [], share);
    return us === null ? null : us / 1000;
  }
}

const nameOf = (key: Key, of: LatencyCell["of"]): string => `${of} ${keyText(key)}`;
