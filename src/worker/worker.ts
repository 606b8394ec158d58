import { parentPort } from "node:worker_threads";
import { Assets } from "../core/assets";
import { type FromWorker, toWorker } from "./protocol";
import { Session } from "./session";

if (parentPort === null) throw new Error("worker.js is started by the extension, as a worker thread");
const port = parentPort;

const session = new Session(new Assets(__dirname), (message: FromWorker) => {
  port.postMessage(message);
});

port.on("message", (message: unknown) => {
  session.receive(toWorker.parse(message));
});
