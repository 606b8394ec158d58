import type { PriceBook } from "../../pricing/price";
import type { SpendCube, SpendQuery } from "../spend";
import { TelemetryError, type TelemetryStore } from "../store";
import { Connection } from "./connection";
import { isDamage, refuseOtherTables, versionOf } from "./database";
import { Days } from "./days";
import { Guest, isOwnerAway } from "./guest";
import { upgradeTables } from "./layout";
import { spendCube } from "./messages";
import { connectToOwner } from "./ownership";
import { SpendReader } from "./reader";
import { SeriesBook } from "./series";
import { noStore, withSnapshot } from "./snapshot";
import { STORE_VERSION, inspectStore, resolveStore } from "./storeFile";

/**
 * The local store for somebody who only looks, such as `prompt-cost spend`: nothing is created, swept, set aside or
 * moved out of the log. A running owner answers; without one, the file is read where it lies.
 */
export class ReadOnlyStore implements TelemetryStore {
  readonly source = "local";

  constructor(readonly file: string) {}

  async spend(query: SpendQuery, prices: PriceBook, signal?: AbortSignal): Promise<SpendCube> {
    signal?.throwIfAborted();
    const target = resolveStore(this.file);
    if (inspectStore(target).kind === "missing") throw noStore(this.file);
    const connection = await connectToOwner(target);
    if (connection !== null) {
      const owner = new Guest(connection);
      try {
        return await owner.ask({ kind: "spend", query, table: prices.table }, spendCube);
      } catch (error) {
        // An owner that stands still or leaves changes nothing: its file can be read.
        if (!isOwnerAway(error)) throw error;
      } finally {
        owner.close();
      }
    }
    return withSnapshot(target, (snapshot) => spendOf(snapshot, target, query, prices));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function spendOf(snapshot: string, file: string, query: SpendQuery, prices: PriceBook): SpendCube {
  const database = openForReading(snapshot, file);
  try {
    return new SpendReader(database, new SeriesBook(database), new Days(database)).spend(query, prices);
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw damaged();
  } finally {
    database.close();
  }
}

/** Moves the log of a copy of a store into it. */
export function mergeLog(copy: string): void {
  const database = new Connection(copy);
  try {
    database.get("PRAGMA locking_mode = EXCLUSIVE");
    database.get("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    database.close();
  }
}

/** Opens a snapshot (see `snapshot.ts`). @param file what the person named, for messages */
export function openForReading(snapshot: string, file: string): Connection {
  const found = inspectStore(snapshot);
  if (found.kind === "store" && found.version < STORE_VERSION) upgradeCopy(snapshot, file);
  const database = new Connection(snapshot, { readOnly: true });
  try {
    // Without shared memory, only an exclusive connection can read a write-ahead log.
    database.get("PRAGMA locking_mode = EXCLUSIVE");
    refuseOtherTables(database, file);
    return database;
  } catch (error) {
    database.close();
    throw isDamage(error) ? damaged() : error;
  }
}

/** Only an old store comes as a copy of its own. */
function upgradeCopy(snapshot: string, file: string): void {
  const database = new Connection(snapshot);
  try {
    database.get("PRAGMA locking_mode = EXCLUSIVE");
    refuseOtherTables(database, file);
    if (versionOf(database) < STORE_VERSION) upgradeTables(database);
  } finally {
    database.close();
  }
}

const damaged = (): TelemetryError =>
  new TelemetryError(
    "damaged",
    "The local store is damaged.",
    "Save what can be read with prompt-cost store recover. Whoever receives next sets the damaged file aside.",
  );
