import type { CallId } from "../calls/callId";
import type { Tracking } from "../calls/tracking";
import type { CostEstimate } from "./estimate";

/** A call in a file, and what it costs. Offsets count UTF-16 units. */
export interface EstimatedCall {
  id: CallId;
  api: string;
  start: number;
  end: number;
  estimate: CostEstimate;
  tracking: Tracking | null;
}

export interface Analysis {
  calls: EstimatedCall[];
  /** Other files that were looked at, there or not: a change in one of them may change the estimates. */
  dependencies: ReadonlySet<string>;
  /** Whether the text has syntax errors, as it has while it is typed. */
  hasErrors: boolean;
}
