import type { Connection } from "./connection";
import { Days } from "./days";
import { Names } from "./names";
import { SpendReader } from "./reader";
import type { Kept } from "./retention";
import { SeriesBook } from "./series";
import { SpanWriter } from "./writer";

/** A database that is open, with what its owner keeps in memory of it. */
export interface Opened extends Kept {
  writer: SpanWriter;
  reader: SpendReader;
}

export function closeStatements({ writer, series, users }: Opened): void {
  writer.close();
  series.names.close();
  users.close();
}

/** Gives free pages back to the file system, and empties the write-ahead log. */
export function reclaim(database: Connection): void {
  database.exec("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)");
}

export function readyFor(database: Connection): Opened {
  const series = new SeriesBook(database);
  const users = new Names(database, "user", ["name"]);
  const days = new Days(database);
  return {
    database,
    series,
    users,
    days,
    writer: new SpanWriter(database, series, users, days),
    reader: new SpendReader(database, series, days),
  };
}
