import type { Connection } from "./connection";

/**
 * Figures that the store keeps about itself: for its clock (see `sweepClock.ts`) in microseconds, UTC; `names_left`, 1
 * while tables of names may hold traces of names that have left.
 */
export type MetaName = "last_start_us" | "agreed_us" | "names_left";

export const META_SCHEMA = "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID";

export function readMeta(database: Connection, name: MetaName): number | null {
  const value = database.get("SELECT value FROM meta WHERE name = ?", [name])?.["value"];
  return typeof value === "number" ? value : null;
}

export function writeMeta(database: Connection, name: MetaName, value: number): void {
  database.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", [name, value]);
}
