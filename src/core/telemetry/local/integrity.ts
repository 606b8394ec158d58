import { leftOut } from "./writeAheadLog";
import { rmSync } from "node:fs";
import path from "node:path";
import { Connection } from "./connection";
import { layOut } from "./privateView";
import { makeTemporaryFolder } from "./temporaryFolder";

/** Of the database's pages, kept in memory while it is checked. */
const CHECK_CACHE_KIB = 2048;

/**
 * Whether the last transaction in the log isn't whole, which SQLite leaves out. A power cut can do that to one whose
 * sender has no confirmation yet, but to no earlier one, and the death of a process to none: all else is damage.
 * @param isAfterKill the last owner was killed, and the machine has not been started again since
 * @throws an error of damage (see `isDamage`).
 */
export function isLogTorn(file: string, isAfterKill: boolean): boolean {
  const { transactions, hasBlanks } = leftOut(file);
  if (transactions > 1 || (isAfterKill && (transactions === 1 || hasBlanks)))
    throw new Error(`malformed: a damaged log, with ${transactions} transactions behind the damage`);
  return transactions === 1 || hasBlanks;
}

/** How many calls the files hold as they lie there, read by another connection; null where they are damaged. */
export function callsOnDisk(file: string): number | null {
  const folder = makeTemporaryFolder("look");
  try {
    const view = path.join(folder, "spans.sqlite");
    layOut(file, view);
    isLogTorn(view, true);
    const database = new Connection(view, { readOnly: true });
    try {
      database.get("PRAGMA locking_mode = EXCLUSIVE");
      checkTables(database);
      return Number(database.get("SELECT count(*) AS calls FROM span")?.["calls"]);
    } finally {
      database.close();
    }
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Reads something of every table, and every page: damage shows at once, and not as another figure in an answer.
 * @throws where SQLite finds damage (see `isDamage`).
 */
export function checkTables(database: Connection): void {
  for (const table of ["series", "user", "span", "day"]) database.get(`SELECT * FROM ${table} LIMIT 1`);
  const before = Number(database.get("PRAGMA cache_size")?.["cache_size"]);
  // The check reads every page of the file once: keeping them would take the whole cache, and help nobody.
  database.get(`PRAGMA cache_size = ${-CHECK_CACHE_KIB}`);
  const problem = database.get("PRAGMA quick_check(1)")?.["quick_check"];
  database.get(`PRAGMA cache_size = ${before}`);
  if (problem !== "ok") throw new Error(`malformed: ${String(problem)}`);
}

/** Whether SQLite says that the file itself is broken. */
export const isDamage = (error: unknown): boolean =>
  error instanceof Error &&
  /malformed|not a database|no such table|no such column|disk image|has no column/i.test(error.message);
