import type { FromWorker, ToWorker } from "../worker/protocol";
import type { Log } from "./log";
import { WorkerClient } from "./workerClient";

/** The worker that finds calls and estimates them. */
export type EstimateWorker = WorkerClient<ToWorker, FromWorker>;

export function createEstimateWorker(script: string, log: Log): EstimateWorker {
  return new WorkerClient(
    script,
    log,
    async () => (await import("../worker/protocol")).fromWorker,
    (worker) => worker.send({ kind: "changed", files: [] }),
  );
}
