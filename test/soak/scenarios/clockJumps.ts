import path from "node:path";
import { Ledger } from "../ledger";
import { ReceiverProcess, exportStore, sendBatches } from "../receiverProcess";
import { type Scenario, after, between, pick } from "../scenario";

/** Starts with a clock that is days or weeks wrong, between starts with the right one. */
export const clockJumps: Scenario = {
  name: "clock jump",
  async round(folder) {
    const store = path.join(folder, "spans.sqlite");
    const ledger = new Ledger();
    const days = [0, pick([60, -60, 400, 31, -1]), 0];
    for (const day of days) {
      const receiver = new ReceiverProcess(store, {
        faults: day === 0 ? [] : ["clock.cjs"],
        environment: { SOAK_CLOCK_DAYS: String(day) },
      });
      const port = await receiver.port;
      if (port === null) throw new Error(`the receiver ended: ${receiver.lines.join(" ")}`);
      let isDone = false;
      const sender = sendBatches(port, ledger, () => isDone);
      await after(between(100, 600));
      isDone = true;
      await sender;
      await receiver.end(pick(["SIGTERM", "SIGKILL"]));
    }
    ledger.check(exportStore(store));
    return { jumps: 1, sent: ledger.sentCount, confirmed: ledger.confirmedCount };
  },
};
