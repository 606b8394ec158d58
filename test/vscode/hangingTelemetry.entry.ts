import { createRequire } from "node:module";
import path from "node:path";
import { parentPort } from "node:worker_threads";
import { z } from "zod";

/** The real worker for telemetry, in whose thread nothing comes after a search for streams. */
if (parentPort === null) throw new Error("a test starts this as a worker thread");

const discover = z.object({ kind: z.literal("request"), method: z.literal("discover") });
parentPort.on("message", (value: unknown) => {
  while (discover.safeParse(value).success);
});

createRequire(__filename)(path.join(__dirname, "../../dist/telemetry.js"));
