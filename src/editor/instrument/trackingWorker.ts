import type { Report } from "../../core/findings/finding";
import type { Requests, TrackableCall, Tracked } from "../../worker/protocol";
import type { InputOf } from "../../worker/rpc/wire";
import type { EstimateWorker } from "../estimateWorker";

export type { TrackableCall, Tracked };

/** Asks the worker about calls and their tracking. Everything here throws a Failure where there is no answer. */
export class TrackingWorker {
  constructor(private readonly worker: EstimateWorker) {}

  /** The calls of a text that lies in a workspace folder. */
  async calls(file: string, text: string, root: string): Promise<{ calls: TrackableCall[]; hasErrors: boolean }> {
    return this.worker.request("trackable", { file, text, root });
  }

  /** The features that calls of the workspace are tracked as. */
  async features(): Promise<string[]> {
    return this.worker.request("features", null);
  }

  /** The wrappers of a folder that nothing would import any more. @param texts of files, in place of what lies on the disk. */
  async unused(root: string, texts: Record<string, string>): Promise<string[]> {
    return this.worker.request("unused", { root, texts });
  }

  async track(question: InputOf<Requests, "track">): Promise<Tracked> {
    return this.worker.request("track", question);
  }

  /** What the files of a wrapper would hold now. @param ifImported only where one of these texts, or another file of the folder, imports it. */
  async wrapper(
    file: string,
    root: string,
    ifImported: Record<string, string> | null = null,
  ): Promise<Tracked["files"]> {
    return this.worker.request("wrapper", { file, root, ifImported });
  }

  /** What is to say of the text of a wrapper's price module. */
  async wrapperFindings(file: string, text: string, root: string): Promise<Report[]> {
    return this.worker.request("wrapperFindings", { file, text, root });
  }
}
