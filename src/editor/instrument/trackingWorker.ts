import type * as vscode from "vscode";
import type { FromWorker, ToWorker } from "../../worker/protocol";
import type { EstimateWorker } from "../estimateWorker";

type Asked = Extract<ToWorker, { id: number }>;
type Question = Asked extends infer A ? (A extends Asked ? Omit<A, "id"> : never) : never;
type Answer = Extract<FromWorker, { id: number }>;
export type TrackableCall = Extract<FromWorker, { kind: "trackable" }>["calls"][number];
export type Tracked = Extract<FromWorker, { kind: "tracked" }>;

const PATIENCE = 20_000;

/** Asks the worker about calls and their tracking, one answer a question. */
export class TrackingWorker implements vscode.Disposable {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly listener: vscode.Disposable;
  private nextId = 1;

  constructor(private readonly worker: EstimateWorker) {
    this.listener = worker.onMessage((message) => {
      if (!("id" in message)) return;
      this.waiting.get(message.id)?.(message);
      this.waiting.delete(message.id);
    });
  }

  /** The calls of a text that lies in a workspace folder. */
  async calls(file: string, text: string, root: string): Promise<TrackableCall[]> {
    const answer = await this.ask({ kind: "trackable", file, text, root });
    return answer.kind === "trackable" ? answer.calls : [];
  }

  async track(question: Omit<Extract<ToWorker, { kind: "track" }>, "id" | "kind">): Promise<Tracked> {
    return this.tracked({ kind: "track", ...question });
  }

  /** What the files of a wrapper would hold now. */
  async wrapper(file: string, root: string): Promise<Tracked> {
    return this.tracked({ kind: "wrapper", file, root });
  }

  private async tracked(question: Question): Promise<Tracked> {
    const answer = await this.ask(question);
    if (answer.kind !== "tracked") throw new Error(answer.kind === "failed" ? answer.message : "the worker answered another question");
    return answer;
  }

  private ask(question: Question): Promise<Answer> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error("the worker did not answer in time"));
      }, PATIENCE);
      this.waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.worker.send({ ...question, id });
    });
  }

  dispose(): void {
    this.listener.dispose();
  }
}
