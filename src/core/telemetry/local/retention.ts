import type { Connection } from "./connection";
import { DAY_US, type Days } from "./days";
import { readMeta, writeMeta } from "./meta";
import type { Names } from "./names";
import type { SeriesBook } from "./series";

export interface Kept {
  database: Connection;
  series: SeriesBook;
  users: Names;
  days: Days;
}

/** Removes the calls before a day, and with them the names of series and users that have no later ones. */
export function dropDaysBefore({ database, series, users, days }: Kept, day: number): void {
  const before = day * DAY_US;
  if (database.get("SELECT 1 AS found FROM span WHERE start < ? LIMIT 1", [before]) === null) return;
  database.exec("BEGIN IMMEDIATE");
  database.run("DELETE FROM span WHERE start < ?", [before]);
  days.unsealBefore(day);
  const gone = series.names.dropBefore(day);
  noteLeft(database, gone.length + users.dropBefore(day).length);
  database.exec("COMMIT");
  series.forget(gone);
  days.dropBefore(day);
}

/** Removes the calls that a service (`service.name`) has sent, and the names that no other call has. */
export function dropService({ database, series, users, days }: Kept, service: string): void {
  database.exec("BEGIN IMMEDIATE");
  database.run("DELETE FROM span WHERE series IN (SELECT id FROM series WHERE service = ?)", [service]);
  days.unsealAll();
  const gone = series.names.dropUnused();
  noteLeft(database, gone.length + users.dropUnused().length);
  database.exec("COMMIT");
  series.forget(gone);
  days.forgetColumns();
}

function noteLeft(database: Connection, names: number): void {
  if (names > 0) writeMeta(database, "names_left", 1);
}

/**
 * Writes the tables of names again, after names have left: pages that were parted when more names came keep copies of
 * names that deleting doesn't overwrite. It takes about a second for 200,000 names, and is done once a sweep.
 * @returns whether there was something to do; the old pages are overwritten when the log is moved into the database.
 */
export function rewriteNames({ database, series, users }: Kept): boolean {
  if (readMeta(database, "names_left") !== 1) return false;
  database.exec("BEGIN IMMEDIATE");
  series.names.rewrite();
  users.rewrite();
  writeMeta(database, "names_left", 0);
  database.exec("COMMIT");
  return true;
}
