import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Ledger } from "../ledger";
import { ReceiverProcess, cli, exportStore, sendBatches } from "../receiverProcess";
import { type Scenario, after, between } from "../scenario";

/**
 * Bits of the log turn over after a kill: a store that isn't whole any more says so to readers and is set aside by the
 * next receiver, with all that `store recover` can save; one that still says nothing has lost nothing.
 */
export const damagedLogs: Scenario = {
  name: "damaged log",
  async round(folder) {
    const store = path.join(folder, "spans.sqlite");
    const ledger = new Ledger();
    const receiver = new ReceiverProcess(store);
    const port = await receiver.ready();
    const senders = Array.from({ length: between(1, 4) }, () => sendBatches(port, ledger, () => false));
    await after(between(200, 2000));
    await receiver.end("SIGKILL");
    await Promise.all(senders);
    const bits = turnOver(`${store}-wal`, between(1, 3));
    const counts = { bits, sent: ledger.sentCount, confirmed: ledger.confirmedCount };
    const damage = damageSaid(store, ledger);
    const next = new ReceiverProcess(store);
    await next.ready();
    await next.end("SIGTERM");
    const aside = readdirSync(folder).find((name) => /\.damaged-[^.]*Z$/.test(name));
    if (!damage) {
      assert.equal(aside, undefined, "a store that readers take for whole was set aside");
      ledger.check(exportStore(store));
      return { ...counts, damaged: 0, recovered: 0 };
    }
    assert.ok(aside !== undefined, "a damaged store was not set aside");
    assert.match(next.lines.join(" "), /was damaged/);
    const saved = path.join(folder, "saved.sqlite");
    const { status, stderr } = run("recover", "--db", path.join(folder, aside), "--out", saved);
    const recovered = status === 0 ? exportStore(saved).length : 0;
    if (status !== 0) assert.match(stderr, /Nothing could be recovered/);
    return { ...counts, damaged: 1, recovered };
  },
};

const run = (...args: string[]) => spawnSync(process.execPath, [cli, "store", ...args], { encoding: "utf8" });

/** @returns how many bits were turned over; none where the log is empty. */
function turnOver(file: string, count: number): number {
  const bytes = readFileSync(file);
  if (bytes.length === 0) return 0;
  for (let time = 0; time < count; time++) {
    const at = between(0, bytes.length - 1);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << between(0, 7)), at);
  }
  writeFileSync(file, bytes);
  return count;
}

/** Whether a reader says that the store is damaged; where it says nothing, everything that was confirmed is there. */
function damageSaid(store: string, ledger: Ledger): boolean {
  try {
    ledger.check(exportStore(store));
    return false;
  } catch (error) {
    if (error instanceof Error && /is damaged/.test(error.message)) return true;
    throw error;
  }
}
