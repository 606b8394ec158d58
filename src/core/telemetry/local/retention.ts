import type { Connection } from "./connection";
import { DAY_US, type Days } from "./days";
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
  users.dropBefore(day);
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
  users.dropUnused();
  database.exec("COMMIT");
  series.forget(gone);
  days.forgetColumns();
}
