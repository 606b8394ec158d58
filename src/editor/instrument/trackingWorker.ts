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
  async calls(file: string, text: string, root: string): Promise<{ calls: TrackableCall[]; hasErrors: boolean }> {
    const answer = await this.ask({ kind: "trackable", file, text, root });
    if (answer.kind !== "trackable") throw failure(answer);
    return answer;
  }

  /** The features that calls of the workspace are tracked as. */
  async features(): Promise<string[]> {
    const answer = await this.ask({ kind: "features" });
    if (answer.kind !== "features") throw failure(answer);
    return answer.features;
  }

  /** The wrappers of a folder that nothing would import any more. @param texts of files, in place of what lies on the disk. */
  async unused(root: string, texts: Record<string, string>): Promise<string[]> {
    return (await this.tracked({ kind: "unused", root, texts })).files.map(({ file }) => file);
  }

  async track(question: Omit<Extract<ToWorker, { kind: "track" }>, "id" | "kind">): Promise<Tracked> {
    return this.tracked({ kind: "track", ...question });
  }

  /** What the files of a wrapper would hold now. @param ifImported only where one of these texts, or another file of the folder, imports it. */
  async wrapper(
    file: string,
    root: string,
    ifImported: Record<string, string> | null = null,
  ): Promise<Tracked["files"]> {
    return (await this.tracked({ kind: "wrapper", file, root, ifImported })).files;
  }

  private async tracked(question: Question): Promise<Tracked> {
    const answer = await this.ask(question);
    if (answer.kind !== "tracked") throw failure(answer);
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

const failure = (answer: Answer): Error =>
  new Error(answer.kind === "failed" ? answer.message : "the worker answered another question");
