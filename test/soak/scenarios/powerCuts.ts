import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Ledger } from "../ledger";
import { ReceiverProcess, exportStore, sendBatches } from "../receiverProcess";
import { type Scenario, between } from "../scenario";

/** After a power cut the machine has been started again, which the mark of the owner before tells. */
function startMachineAgain(mark: string): void {
  const text = existsSync(mark) ? readFileSync(mark, "utf8") : "";
  writeFileSync(mark, text.replace(/"boot":"[^"]*"/, '"boot":"before the power cut"'));
}

/** The power goes in the middle of a write; what no fsync has confirmed is lost, torn or kept by chance. */
export const powerCuts: Scenario = {
  name: "power cut",
  async round(folder) {
    const store = path.join(folder, "spans.sqlite");
    const ledger = new Ledger();
    const times = between(2, 6);
    for (let time = 0; time < times; time++) {
      // Sometimes right at the start, while the store is made or the log is read back.
      const cutAfter = Math.random() < 0.3 ? between(1, 30) : between(30, 3000);
      const receiver = new ReceiverProcess(store, {
        faults: ["powerCut.cjs"],
        environment: { SOAK_STORE: store, SOAK_CUT_AFTER: String(cutAfter) },
      });
      const port = await receiver.port;
      if (port !== null)
        await Promise.all(Array.from({ length: between(1, 4) }, () => sendBatches(port, ledger, () => false)));
      await receiver.ended;
      startMachineAgain(`${store}.owner`);
    }
    const survivor = new ReceiverProcess(store);
    await survivor.ready();
    await survivor.end("SIGTERM");
    ledger.check(exportStore(store));
    return { cuts: times, sent: ledger.sentCount, confirmed: ledger.confirmedCount };
  },
};
