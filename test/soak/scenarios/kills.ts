import path from "node:path";
import { Ledger } from "../ledger";
import { ReceiverProcess, exportStore, sendBatches } from "../receiverProcess";
import { type Scenario, after, between } from "../scenario";

/** Receivers killed at random while several senders are at work, one after the other on the same store. */
export const kills: Scenario = {
  name: "kill -9",
  async round(folder) {
    const store = path.join(folder, "spans.sqlite");
    const ledger = new Ledger();
    const times = between(2, 5);
    for (let time = 0; time < times; time++) {
      const receiver = new ReceiverProcess(store);
      const port = await receiver.ready();
      const senders = Array.from({ length: between(1, 6) }, () => sendBatches(port, ledger, () => false));
      await after(between(50, 2000));
      await receiver.end("SIGKILL");
      await Promise.all(senders);
    }
    ledger.check(exportStore(store));
    return { kills: times, sent: ledger.sentCount, confirmed: ledger.confirmedCount };
  },
};
