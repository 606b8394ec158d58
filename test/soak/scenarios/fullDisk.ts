import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { Ledger } from "../ledger";
import { ReceiverProcess, exportStore, sendBatches } from "../receiverProcess";
import { type Scenario, after, between } from "../scenario";

/** A disk that fills up while spans arrive, and gets room again. Needs the right to mount (user namespaces). */
export const fullDisk: Scenario = {
  name: "full disk",
  async round(folder) {
    const disk = path.join(folder, "disk");
    mkdirSync(disk);
    const inside = (megabytes: number, command: string): [string, ...string[]] => [
      "unshare",
      "--mount",
      "--map-root-user",
      "sh",
      "-c",
      `mount -t tmpfs -o size=${megabytes}m tmpfs ${disk} && ${command}`,
    ];
    const [program, ...args] = inside(1, "true");
    if (spawnSync(program, args).status !== 0) return null;
    const ballast = between(4, 12);
    const under = inside(16, `head -c ${ballast}m /dev/zero > ${disk}/ballast && exec "$0" "$@"`);
    const receiver = new ReceiverProcess(path.join(disk, "spans.sqlite"), { under });
    const port = await receiver.ready();
    // The disk of the process, as this one sees it.
    const seen = path.join("/proc", String(receiver.pid), "root", disk);
    const ledger = new Ledger();
    let isDone = false;
    const sender = sendBatches(port, ledger, () => isDone);
    await after(between(1500, 4000));
    rmSync(path.join(seen, "ballast"));
    await after(between(500, 1500));
    isDone = true;
    await sender;
    // Copied while the process stands still: as if the machine had stopped here.
    process.kill(receiver.pid, "SIGSTOP");
    const copy = path.join(folder, "copy.sqlite");
    for (const ending of ["", "-wal"])
      if (existsSync(path.join(seen, `spans.sqlite${ending}`)))
        cpSync(path.join(seen, `spans.sqlite${ending}`), `${copy}${ending}`);
    await receiver.end("SIGKILL");
    ledger.check(exportStore(copy));
    return { "full disks": 1, sent: ledger.sentCount, confirmed: ledger.confirmedCount };
  },
};
