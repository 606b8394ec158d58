import type { PriceBook } from "../../pricing/price";
import type { SpendCube, SpendQuery } from "../spend";
import { TelemetryError, type TelemetryStore } from "../store";
import { Connection } from "./connection";
import { refuseOtherTables, versionOf } from "./database";
import { checkTables, isDamage, isLogTorn } from "./integrity";
import { Days } from "./days";
import { askOwner } from "./guest";
import { upgradeTables } from "./layout";
import { spendCube } from "./messages";
import { SpendReader } from "./reader";
import { SeriesBook } from "./series";
import { noStore, withFiles } from "./snapshot";
import { markOf } from "./ownership";
import { isOfThisBoot, readMark } from "./ownerMark";
import { STORE_VERSION, damagedStore, inspectStore, resolveStore } from "./storeFile";

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
    const answer = await askOwner(target, { kind: "spend", query, table: prices.table }, spendCube);
    return answer?.value ?? withFiles(target, (snapshot) => spendOf(snapshot, target, query, prices));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function spendOf(snapshot: string, file: string, query: SpendQuery, prices: PriceBook): SpendCube {
  const { database, isTorn } = openForReading(snapshot, file);
  try {
    const cube = saidOfDamage(file, () =>
      new SpendReader(database, new SeriesBook(database), new Days(database)).spend(query, prices),
    );
    return isTorn ? { ...cube, partial: true } : cube;
  } finally {
    database.close();
  }
}

/**
 * Moves the log of a copy of a store into it, and looks at every page. @param file what the person named, for messages
 * @throws TelemetryError `damaged` where the copy can't be read as a whole.
 */
export function finishCopy(copy: string, file: string): void {
  saidOfDamage(file, () => {
    isTornIn(copy, file);
    const database = new Connection(copy);
    try {
      database.get("PRAGMA locking_mode = EXCLUSIVE");
      database.get("PRAGMA wal_checkpoint(TRUNCATE)");
      checkTables(database);
    } finally {
      database.close();
    }
  });
}

/** Whether the last transaction is missing in a snapshot. @throws an error of damage (see `isDamage`). */
const isTornIn = (snapshot: string, file: string): boolean =>
  isLogTorn(snapshot, isOfThisBoot(readMark(markOf(resolveStore(file)))));

/**
 * Opens a snapshot (see `snapshot.ts`).
 * @param file what the person named
 * @returns `isTorn`: the last transaction is only partly in the log, and is left out.
 */
export function openForReading(snapshot: string, file: string): { database: Connection; isTorn: boolean } {
  const found = inspectStore(snapshot);
  if (found.kind === "store" && found.version < STORE_VERSION) saidOfDamage(file, () => upgradeCopy(snapshot, file));
  return saidOfDamage(file, () => {
    const isTorn = isTornIn(snapshot, file);
    const database = new Connection(snapshot, { readOnly: true });
    try {
      // Without shared memory, only an exclusive connection can read a write-ahead log.
      database.get("PRAGMA locking_mode = EXCLUSIVE");
      refuseOtherTables(database, file);
      // A damaged tree can lead to other rows than it should: to a sum that is wrong and looks sure.
      checkTables(database);
      return { database, isTorn };
    } catch (error) {
      database.close();
      // With our mark in its header, it isn't another program's.
      const isOurs = found.kind === "store" && found.hasId;
      throw isOurs && error instanceof TelemetryError && error.kind === "not-a-store" ? damagedStore(file) : error;
    }
  });
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

/** Runs something that reads a store; what SQLite says of damage becomes what the person can do. @throws TelemetryError */
export function saidOfDamage<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw isDamage(error) ? damagedStore(file) : error;
  }
}
