import type { Amounts } from "../spend";
import type { DayColumns } from "./dayColumns";
import { FAILED, LIMITED, UNREPORTED } from "./scan";

/** Of every call: calls, input, output, cached, reasoning tokens, reported USD. */
const FIGURES = 6;
/** Of few: errors, rate limits, calls priced here and their USD, calls of unknown cost. */
const MARKED_FIGURES = 5;

/** So many places that sums are added up in. Large tables are made in pieces, as they are touched. */
export interface SumTable {
  /** @param priced see `eachCall`. */
  add(place: number, day: DayColumns, at: number, mark: number, priced: number): void;
  callsAt(place: number): number;
  inputAt(place: number): number;
  /** USD, reported or priced here. */
  costAt(place: number): number;
  unpricedAt(place: number): number;
  at(place: number): Amounts;
  /** The places that have calls, in order. */
  each(run: (place: number, amounts: Amounts) => void): void;
}

/** Places of a piece, a power of two: a table of many thousand features by buckets is mostly empty. */
const PIECE_BITS = 12;
const PIECE = 1 << PIECE_BITS;

export function sumsOf(places: number): SumTable {
  const size = Math.ceil(places / PIECE);
  const pieces = new Array<Float64Array | undefined>(size);
  const markedPieces = new Array<Float64Array | undefined>(size);
  const figureAt = (place: number, figure: number): number =>
    pieces[Math.floor(place / PIECE)]?.[(place % PIECE) * FIGURES + figure] ?? 0;
  const markedAt = (place: number, figure: number): number =>
    markedPieces[Math.floor(place / PIECE)]?.[(place % PIECE) * MARKED_FIGURES + figure] ?? 0;
  const amountsAt = (place: number): Amounts => {
    const number = Math.floor(place / PIECE);
    const piece = pieces[number];
    const marked = markedPieces[number];
    const from = (place % PIECE) * FIGURES;
    const markedFrom = (place % PIECE) * MARKED_FIGURES;
    const pricedHereUsd = marked?.[markedFrom + 3] ?? 0;
    return {
      calls: piece?.[from] ?? 0,
      errors: marked?.[markedFrom] ?? 0,
      rateLimited: marked?.[markedFrom + 1] ?? 0,
      inputTokens: piece?.[from + 1] ?? 0,
      outputTokens: piece?.[from + 2] ?? 0,
      cachedTokens: piece?.[from + 3] ?? 0,
      reasoningTokens: piece?.[from + 4] ?? 0,
      costUsd: (piece?.[from + 5] ?? 0) + pricedHereUsd,
      pricedHereUsd,
      pricedHereCalls: marked?.[markedFrom + 2] ?? 0,
      unpricedCalls: marked?.[markedFrom + 4] ?? 0,
    };
  };
  const addMarked = (place: number, mark: number, priced: number): void => {
    const piece = (markedPieces[place >>> PIECE_BITS] ??= new Float64Array(PIECE * MARKED_FIGURES));
    const from = (place & (PIECE - 1)) * MARKED_FIGURES;
    if ((mark & FAILED) !== 0) piece[from] = (piece[from] ?? 0) + 1;
    if ((mark & LIMITED) !== 0) piece[from + 1] = (piece[from + 1] ?? 0) + 1;
    if ((mark & UNREPORTED) === 0) return;
    if (Number.isNaN(priced)) {
      piece[from + 4] = (piece[from + 4] ?? 0) + 1;
    } else {
      piece[from + 2] = (piece[from + 2] ?? 0) + 1;
      piece[from + 3] = (piece[from + 3] ?? 0) + priced;
    }
  };
  return {
    add(place, day, at, mark, priced) {
      const piece = (pieces[place >>> PIECE_BITS] ??= new Float64Array(PIECE * FIGURES));
      const from = (place & (PIECE - 1)) * FIGURES;
      piece[from] = (piece[from] ?? 0) + 1;
      piece[from + 1] = (piece[from + 1] ?? 0) + (day.input[at] ?? 0);
      piece[from + 2] = (piece[from + 2] ?? 0) + (day.output[at] ?? 0);
      piece[from + 3] = (piece[from + 3] ?? 0) + (day.cached[at] ?? 0);
      piece[from + 4] = (piece[from + 4] ?? 0) + (day.reasoning[at] ?? 0);
      piece[from + 5] = (piece[from + 5] ?? 0) + (day.cost[at] ?? 0);
      if (mark !== 0) addMarked(place, mark, priced);
    },
    callsAt: (place) => figureAt(place, 0),
    inputAt: (place) => figureAt(place, 1),
    costAt: (place) => figureAt(place, 5) + markedAt(place, 3),
    unpricedAt: (place) => markedAt(place, 4),
    at: amountsAt,
    each(run) {
      pieces.forEach((piece, number) => {
        if (piece === undefined) return;
        for (let offset = 0; offset < PIECE; offset++) {
          const place = number * PIECE + offset;
          if ((piece[offset * FIGURES] ?? 0) > 0) run(place, amountsAt(place));
        }
      });
    },
  };
}
