import { type Amounts, noAmounts } from "../spend";
import type { DayColumns } from "./dayColumns";

/** Sums of calls, of one place: calls, input, output, cached, reasoning tokens, reported USD. */
export interface Sums {
  calls: number;
  input: number;
  output: number;
  cached: number;
  reasoning: number;
  cost: number;
}

const FIGURES = 6;

/** So many places that sums are added up in. Large tables are made in pieces, as they are touched. */
export interface SumTable {
  add(place: number, day: DayColumns, at: number): void;
  callsAt(place: number): number;
  at(place: number): Sums;
  /** The places that have calls, in order. */
  each(run: (place: number, sums: Sums) => void): void;
}

/** Places of a piece, a power of two: a table of many thousand features by buckets is mostly empty. */
const PIECE_BITS = 12;
const PIECE = 1 << PIECE_BITS;

export function sumsOf(places: number): SumTable {
  const pieces: (Float64Array | undefined)[] = new Array<Float64Array | undefined>(Math.ceil(places / PIECE));
  const sumsAt = (place: number): Sums => {
    const piece = pieces[Math.floor(place / PIECE)];
    const from = (place % PIECE) * FIGURES;
    return {
      calls: piece?.[from] ?? 0,
      input: piece?.[from + 1] ?? 0,
      output: piece?.[from + 2] ?? 0,
      cached: piece?.[from + 3] ?? 0,
      reasoning: piece?.[from + 4] ?? 0,
      cost: piece?.[from + 5] ?? 0,
    };
  };
  return {
    add(place, day, at) {
      const piece = (pieces[place >>> PIECE_BITS] ??= new Float64Array(PIECE * FIGURES));
      const from = (place & (PIECE - 1)) * FIGURES;
      piece[from] = (piece[from] ?? 0) + 1;
      piece[from + 1] = (piece[from + 1] ?? 0) + (day.input[at] ?? 0);
      piece[from + 2] = (piece[from + 2] ?? 0) + (day.output[at] ?? 0);
      piece[from + 3] = (piece[from + 3] ?? 0) + (day.cached[at] ?? 0);
      piece[from + 4] = (piece[from + 4] ?? 0) + (day.reasoning[at] ?? 0);
      piece[from + 5] = (piece[from + 5] ?? 0) + (day.cost[at] ?? 0);
    },
    callsAt: (place) => pieces[Math.floor(place / PIECE)]?.[(place % PIECE) * FIGURES] ?? 0,
    at: sumsAt,
    each(run) {
      pieces.forEach((piece, number) => {
        if (piece === undefined) return;
        for (let offset = 0; offset < PIECE; offset++) {
          const place = number * PIECE + offset;
          if ((piece[offset * FIGURES] ?? 0) > 0) run(place, sumsAt(place));
        }
      });
    },
  };
}

/** The sums as amounts; what the calls have in common says whether they failed. */
export function toAmounts(
  { calls, input, output, cached, reasoning, cost }: Sums,
  isError: boolean,
  isRateLimited: boolean,
): Amounts {
  return {
    ...noAmounts(),
    calls,
    errors: isError ? calls : 0,
    rateLimited: isRateLimited ? calls : 0,
    inputTokens: input,
    outputTokens: output,
    cachedTokens: cached,
    reasoningTokens: reasoning,
    costUsd: cost,
  };
}
