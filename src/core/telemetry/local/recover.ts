import { TelemetryError } from "../store";
import { Connection } from "./connection";
import { refuseOtherTables } from "./database";
import { OwnedStore } from "./ownedStore";
import { SpanRows, type StoredSpan } from "./spanRows";

/** Nothing that was saved is dropped for its age. */
const FOR_EVER = { retentionDays: 36_500, maxBytes: Number.POSITIVE_INFINITY };
const BATCH = 2_000;
/** Past a damaged page: first a second ahead, then twice as far each time, up to an hour (microseconds). */
const FIRST_STEP = 1_000_000;
const LONGEST_STEP = 3_600_000_000;

export interface Recovered {
  /** Spans that were read and written. */
  spans: number;
  /** How often something could not be read. */
  gaps: number;
}

/**
 * Saves what can be read of a damaged store into a new one, row by row; what can't be read is stepped over.
 * @param from a private copy of the damaged file, with its log.
 * @param into a file that doesn't exist. @param name what the person called the damaged file
 * @throws what SQLite throws where nothing at all can be read.
 */
export function recoverStore(from: string, into: string, name: string): Recovered {
  const damaged = new Connection(from, { readOnly: true });
  const result: Recovered = { spans: 0, gaps: 0 };
  let batch: StoredSpan[] = [];
  try {
    damaged.get("PRAGMA locking_mode = EXCLUSIVE");
    refuseStrangers(damaged, name);
    const newest = newestOf(damaged);
    const store = new OwnedStore(into, FOR_EVER);
    const flush = (): void => {
      result.spans += store.write(batch).added;
      batch = [];
    };
    try {
      const rows = new SpanRows(damaged);
      let [next, step] = [0, FIRST_STEP];
      for (;;) {
        try {
          rows.each(next, (span) => {
            batch.push(span);
            if (span.startUs >= next) [next, step] = [span.startUs, FIRST_STEP];
            if (batch.length >= BATCH) flush();
          });
          break;
        } catch {
          result.gaps++;
          next += step;
          step = Math.min(step * 2, LONGEST_STEP);
          if (next > newest) break;
        }
      }
      flush();
    } finally {
      store.close();
    }
  } finally {
    damaged.close();
  }
  return result;
}

/** Tables that can't be read are what this is for; tables of another program are not. */
function refuseStrangers(damaged: Connection, name: string): void {
  try {
    refuseOtherTables(damaged, name);
  } catch (error) {
    if (error instanceof TelemetryError) throw error;
  }
}

/** The newest span's start; a time beyond all of them where that page can't be read. */
function newestOf(damaged: Connection): number {
  try {
    return Number(damaged.get("SELECT max(start) AS newest FROM span")?.["newest"] ?? 0);
  } catch {
    return Date.now() * 1000;
  }
}
