import { parentPort } from "node:worker_threads";
import { Assets } from "../core/assets";
import { InstrumentSession } from "./instrumentSession";
import { protocol } from "./protocol";
import { WorkerServer } from "./rpc/serve";
import { type Pause, Turns } from "./rpc/turns";
import { Session } from "./session";

if (parentPort === null) throw new Error("worker.js is started by the extension, as a worker thread");

const server = new WorkerServer(parentPort, protocol);
const turns = new Turns(server.pulse, (subject) => server.send({ kind: "subject", subject }));
const assets = new Assets(__dirname);
const session = new Session(assets, server.send, turns, server.pulse);
const instruments = new InstrumentSession(assets, session.files, (root) => session.tableOf(root));

/** The work of one request, in line with all other work. */
const turn = <T>(id: number, work: (pause: Pause) => Promise<T>): Promise<T> =>
  turns.take(() => ({ request: id }), work);

server.listen({
  message: (message) => session.receive(message),
  requests: {
    trackable: (input, { id }) => turn(id, () => instruments.trackable(input)),
    track: (input, { id }) => turn(id, () => instruments.track(input)),
    features: (_input, { id }) => turn(id, (pause) => instruments.features(pause)),
    unused: (input, { id }) => turn(id, (pause) => instruments.unused(input, pause)),
    wrapperFindings: (input, { id }) => turn(id, () => instruments.wrapperFindings(input)),
    wrapper: (input, { id }) => turn(id, (pause) => instruments.wrapper(input, pause)),
  },
});
