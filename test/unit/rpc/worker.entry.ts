import { parentPort } from "node:worker_threads";
import { fingerprintOf } from "../../../src/core/fingerprint";
import { Failure } from "../../../src/core/failure";
import { WorkerServer } from "../../../src/worker/rpc/serve";
import { Turns } from "../../../src/worker/rpc/turns";
import { protocol } from "./protocol";

if (parentPort === null) throw new Error("a test starts this as a worker thread");

const server = new WorkerServer(parentPort, protocol);
const turns = new Turns(server.pulse, (subject) => server.send({ kind: "subject", subject }));

function spin(ms = Infinity, each = (): void => undefined): void {
  const end = performance.now() + ms;
  while (performance.now() < end) each();
}

const cancelled = (signal: AbortSignal): Promise<null> =>
  new Promise((resolve) =>
    signal.addEventListener("abort", () => {
      server.send({ kind: "cancelled" });
      resolve(null);
    }),
  );

server.listen({
  message: async (message) => {
    if (message.kind === "die") process.nextTick(() => process.exit(1));
    else if (message.kind === "hangLater") setTimeout(() => spin(), 100);
    else
      await turns.take(
        () => ({ uri: message.uri, version: message.version, fingerprint: fingerprintOf(message.text) }),
        async () => {
          if (message.text === "HANG") spin();
          if (message.text === "CRASH") process.exit(1);
          server.send({ kind: "length", uri: message.uri, version: message.version, length: message.text.length });
          return Promise.resolve();
        },
      );
  },
  requests: {
    double: (input) => Promise.resolve(input * 2),
    wrong: () => Promise.resolve("text" as unknown as number),
    refuse: () => Promise.reject(new Failure("tired", "No.", "Ask tomorrow.", true)),
    never: (_input, { signal }) => cancelled(signal),
    late: (_input, { signal }) => cancelled(signal),
    hang: (_input, { id }) =>
      turns.take(
        () => ({ request: id }),
        async () => {
          spin();
          return Promise.resolve(null);
        },
      ),
    work: ({ ms, as }, { id }) =>
      turns.take(
        () => ({ request: id }),
        async (pause) => {
          const end = performance.now() + ms;
          if (as === "waits") await new Promise((resolve) => setTimeout(resolve, ms));
          else if (as === "beats") spin(ms, () => server.pulse.beat());
          else if (as === "pauses") for (; performance.now() < end; await pause()) spin(5);
          else {
            const done = server.pulse.allow(60_000);
            spin(ms);
            done();
          }
          return null;
        },
      ),
  },
});
