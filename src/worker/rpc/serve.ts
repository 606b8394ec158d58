import { type MessagePort, workerData } from "node:worker_threads";
import { failureFrom } from "../../core/failure";
import { Pulse } from "./pulse";
import type { FromWorkerFrame, InputOf, OutputOf, Protocol, RequestTypes, ToWorkerFrame } from "./wire";

export type Handlers<To, Requests extends RequestTypes> = {
  message: (message: To) => void | Promise<void>;
  requests: {
    [M in keyof Requests]: (
      input: InputOf<Requests, M>,
      context: { id: number; signal: AbortSignal },
    ) => Promise<OutputOf<Requests, M>>;
  };
};

const frames = new Set(["request", "cancel", "ping"]);
const isFrame = (message: { kind?: unknown }): message is ToWorkerFrame => frames.has(String(message.kind));

/** The worker's side: takes what the extension sends, and answers every request exactly once. */
export class WorkerServer<To extends { kind: string }, From, Requests extends RequestTypes> {
  /** Signs of life, in memory that is shared with whoever started this worker. */
  readonly pulse = new Pulse(pulseMemory());
  private readonly running = new Map<number, AbortController>();

  constructor(
    private readonly port: MessagePort,
    private readonly protocol: Protocol<To, From, Requests>,
  ) {}

  readonly send = (message: From | FromWorkerFrame): void => this.port.postMessage(message);

  listen(handlers: Handlers<To, Requests>): void {
    this.port.on("message", (value: unknown) => {
      this.pulse.took();
      const done = this.pulse.begin();
      void this.take(value, handlers).finally(done);
    });
    // A worker that is ready says so, before it is sent anything.
    this.pulse.beat();
  }

  private async take(value: unknown, handlers: Handlers<To, Requests>): Promise<void> {
    const message = this.protocol.toWorker.parse(value);
    if (!isFrame(message)) return handlers.message(message);
    if (message.kind === "request") return this.answer(message, handlers);
    if (message.kind === "cancel") this.running.get(message.id)?.abort();
  }

  private async answer(
    { id, method, input }: Extract<ToWorkerFrame, { kind: "request" }>,
    handlers: Handlers<To, Requests>,
  ): Promise<void> {
    const controller = new AbortController();
    this.running.set(id, controller);
    try {
      const type = this.protocol.requests[method];
      if (type === undefined) throw new Error(`there is no request "${method}"`);
      const given = type.input.parse(input) as InputOf<Requests, string>;
      const output: unknown = await handlers.requests[method]?.(given, { id, signal: controller.signal });
      this.send({ kind: "answer", id, output });
    } catch (error) {
      this.send({ kind: "failed", id, failure: failureFrom(error) });
    } finally {
      this.running.delete(id);
    }
  }
}

/** Missing where nobody watches, as in a benchmark. */
function pulseMemory(): SharedArrayBuffer | undefined {
  const memory: unknown = (workerData as { pulse?: unknown } | null)?.pulse;
  return memory instanceof SharedArrayBuffer ? memory : undefined;
}
