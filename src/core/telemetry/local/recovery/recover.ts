import { randomBytes } from "node:crypto";
import { renameSync, rmSync } from "node:fs";
import { TelemetryError } from "../../store";
import { newStore } from "../database";
import { foreign } from "../storeFile";
import { cellsOf, isNode } from "./cells";
import { Pages } from "./pages";
import { RecoveredRows } from "./rows";

export interface Recovered {
  /** Spans that were read and written. */
  spans: number;
  /** Spans of which the names (model, feature, user…) could not be read. */
  withoutNames: number;
  /** Pages that were damaged or missing, and had rows or may have had some. */
  damagedPages: number;
}

/**
 * Saves what can be read of a damaged store into a new one: page by page, so that no damage costs more than itself.
 * @param from the damaged file, with its log beside it; nobody writes to it meanwhile.
 * @param into a file that doesn't exist; it appears whole or not at all.
 * @param on `name`: what the person called the damaged file; `isMarked`: its header says that it is a store, which a
 *   damaged header can't; `progress`: called now and then with the share that is done, 0 to 1.
 * @throws TelemetryError `not-a-store` where it holds nothing of a store, `nothing-recovered` where all is lost.
 */
export function recoverStore(
  from: string,
  into: string,
  on: { name: string; isMarked: boolean; progress?: (done: number) => void },
): Recovered {
  const pages = new Pages(from);
  const unfinished = `${into}.part-${randomBytes(6).toString("hex")}`;
  try {
    const database = newStore(unfinished);
    let result: Recovered;
    try {
      result = readAll(pages, new RecoveredRows(database), on.progress);
    } finally {
      database.close();
    }
    if (result.spans === 0 && !on.isMarked) throw foreign(on.name, "is no database");
    if (result.spans === 0 && result.damagedPages > 0) throw nothingLeft(on.name);
    renameSync(unfinished, into);
    return result;
  } finally {
    pages.close();
    for (const ending of ["", "-wal"]) rmSync(`${unfinished}${ending}`, { force: true });
  }
}

function readAll(pages: Pages, rows: RecoveredRows, progress: (done: number) => void = () => undefined): Recovered {
  let damagedPages = pages.damagedInLog + (pages.hasHeader ? 0 : 1);
  for (let number = 1; number <= pages.count; number++) {
    if (!readPage(pages, number, rows) && (number > 1 || pages.hasHeader)) damagedPages++;
    if (number % 64 === 0) progress(number / pages.count);
  }
  progress(1);
  return { ...rows.finish(), damagedPages };
}

/** @returns whether the page was whole, or had no rows. */
function readPage(pages: Pages, number: number, rows: RecoveredRows): boolean {
  if (pages.isFree(number)) return true;
  const page = pages.read(number);
  if (page === null || !isNode(page, number)) return pages.holdsRows(number) === false;
  let isWhole = true;
  for (const cell of cellsOf(pages, number, page)) if (cell === null || !rows.take(cell)) isWhole = false;
  return isWhole;
}

const nothingLeft = (name: string): TelemetryError =>
  new TelemetryError(
    "nothing-recovered",
    `Nothing could be recovered from ${name}: none of its pages holds a call that can be read.`,
    "Use a backup, if there is one (prompt-cost store backup makes them).",
  );
