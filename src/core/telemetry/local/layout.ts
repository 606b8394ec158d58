import type { Connection } from "./connection";
import { newestDays } from "./names";
import { STORE_VERSION } from "./storeFile";
import { DAYS_SCHEMA } from "./sealedDay";
import { SERIES_SCHEMA, seriesColumns, seriesKey } from "./series";

const USER_SCHEMA =
  "CREATE TABLE user(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, day INTEGER NOT NULL)";

/**
 * A span a row, ordered by time: a span that is sent twice has the same time and ids, and is refused by the key. Beside
 * them the days as columns (see `days.ts`), so that no question reads a million rows. `counted` is 0 for a span under
 * another span of the same call.
 */
const SCHEMA = `
${SERIES_SCHEMA};
${USER_SCHEMA};
CREATE TABLE span(start INTEGER, id BLOB, trace BLOB, parent BLOB, hour INTEGER, series INTEGER, user INTEGER, counted INTEGER, input INTEGER, output INTEGER, cached INTEGER, reasoning INTEGER, cost REAL, duration INTEGER, first_token INTEGER, PRIMARY KEY(start, id, trace)) WITHOUT ROWID;
CREATE INDEX span_id ON span(hour, trace, id);
CREATE INDEX span_parent ON span(hour, trace, parent) WHERE parent IS NOT NULL;
${DAYS_SCHEMA};
PRAGMA user_version = ${STORE_VERSION};
`;

/** Makes the tables of an empty database. */
export function createTables(database: Connection): void {
  database.exec(`BEGIN; ${SCHEMA} COMMIT`);
}

/**
 * Takes a store of an older layout to this one, in one transaction: whatever interrupts it leaves the old store whole.
 * Version 2 has series and users without a day and without keys, and sealed days without identities and sums, which
 * are made of the rows again.
 */
export function upgradeTables(database: Connection): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec(`
ALTER TABLE series RENAME TO old_series; ALTER TABLE user RENAME TO old_user; DROP TABLE day;
${SERIES_SCHEMA}; ${USER_SCHEMA}; ${DAYS_SCHEMA};
INSERT INTO user(id, name, day) SELECT old_user.id, name, newest.day FROM old_user JOIN (${newestDays("user")}) AS newest ON newest.id = old_user.id;`);
    copySeries(database);
    database.exec(`DROP TABLE old_series; DROP TABLE old_user; PRAGMA user_version = ${STORE_VERSION}; COMMIT`);
  } catch (error) {
    if (database.inTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** Series of long prompts were told apart by their state: they are `open`, and the first of two equal ones has the key. */
function copySeries(database: Connection): void {
  const insert = database.prepare(
    `INSERT OR IGNORE INTO series(id, day, key, ${seriesColumns.join(", ")}) VALUES (?, ?, ?${", ?".repeat(seriesColumns.length)})`,
  );
  try {
    database.each(
      `SELECT old_series.id AS id, newest.day AS day, ${seriesColumns.join(", ")} FROM old_series JOIN (${newestDays("series")}) AS newest ON newest.id = old_series.id`,
      [],
      (row) => {
        const values = seriesColumns
          .map((column) => row[column] as string | number | null)
          .map((value) => (value === "openLong" ? "open" : value));
        const put = (key: string): number =>
          insert.run([row["id"] as number, row["day"] as number, seriesKey(key), ...values]);
        if (put(JSON.stringify(values)) === 0) put(JSON.stringify([...values, row["id"]]));
      },
    );
  } finally {
    insert.close();
  }
}
