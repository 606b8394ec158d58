import { parentPort } from "node:worker_threads";
import { Assets } from "../core/assets";
import { WorkerServer } from "./rpc/serve";
import { telemetryProtocol } from "./telemetryProtocol";
import { TelemetrySession } from "./telemetrySession";

if (parentPort === null) throw new Error("telemetry.js is started by the extension, as a worker thread");

const server = new WorkerServer(parentPort, telemetryProtocol);
const session = new TelemetrySession(new Assets(__dirname).catalogue, server.send, server.pulse);

server.listen({
  message: (message) => session.receive(message),
  requests: {
    discover: (input, { signal }) => session.discover(input, signal),
    insight: (input, { signal }) => session.insight(input, signal),
    clear: (input) => session.clear(input),
    look: (_input, { signal }) => session.look(signal),
  },
});
