import type { FromWorker, Requests, ToWorker } from "../worker/protocol";
import { WorkerClient } from "../worker/rpc/client";
import type { WatchdogTimes } from "../worker/rpc/watchdog";
import type { Log } from "./log";

/** The worker that finds calls and estimates them. */
export type EstimateWorker = WorkerClient<ToWorker, FromWorker, Requests>;

export const createEstimateWorker = (
  script: string,
  log: Pick<Log, "info" | "error">,
  times?: Partial<WatchdogTimes>,
): EstimateWorker =>
  new WorkerClient({
    name: "analysis of calls",
    script,
    log,
    protocol: async () => (await import("../worker/protocol")).protocol,
    ...(times === undefined ? {} : { times }),
  });
