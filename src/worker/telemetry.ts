import { parentPort } from "node:worker_threads";
import { Assets } from "../core/assets";
import { TelemetrySession } from "./telemetrySession";
import { type FromTelemetry, toTelemetry } from "./telemetryProtocol";

if (parentPort === null) throw new Error("telemetry.js is started by the extension, as a worker thread");
const port = parentPort;

const session = new TelemetrySession(new Assets(__dirname).catalogue, (message: FromTelemetry) => {
  port.postMessage(message);
});

port.on("message", (message: unknown) => {
  void session.receive(toTelemetry.parse(message));
});
