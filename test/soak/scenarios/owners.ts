import { mkdirSync } from "node:fs";
import path from "node:path";
import { Ledger } from "../ledger";
import { ReceiverProcess, exportStore, sendBatches } from "../receiverProcess";
import { type Scenario, after, between } from "../scenario";

/** Several receivers of one store, each with a temporary folder of its own, of which some are killed. */
export const owners: Scenario = {
  name: "several owners",
  async round(folder) {
    const store = path.join(folder, "spans.sqlite");
    const ledger = new Ledger();
    const count = between(2, 4);
    let isDone = false;
    const running: Promise<void>[] = [];
    const receivers = Array.from({ length: count }, (_, number) => {
      const temporary = path.join(folder, `tmp-${number}`);
      mkdirSync(temporary);
      const receiver = new ReceiverProcess(store, { environment: { TMPDIR: temporary } });
      running.push(receiver.port.then((port) => (port === null ? undefined : sendBatches(port, ledger, () => isDone))));
      return receiver;
    });
    await Promise.race([...receivers.map(({ port }) => port), after(20_000)]);
    await after(between(300, 1500));
    const killed = between(0, count - 1);
    for (const receiver of receivers.slice(0, killed)) await receiver.end("SIGKILL");
    await after(between(300, 1500));
    isDone = true;
    for (const receiver of receivers.slice(killed)) await receiver.end("SIGTERM");
    await Promise.all(running);
    ledger.check(exportStore(store));
    return { owners: count, kills: killed, sent: ledger.sentCount, confirmed: ledger.confirmedCount };
  },
};
