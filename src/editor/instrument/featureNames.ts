import type * as vscode from "vscode";
import type { TelemetryWorker } from "../telemetry/telemetryWorker";
import type { TrackingWorker } from "./trackingWorker";

const REMEMBERED = "promptCost.features";
const MAX_REMEMBERED = 50;
/** Longest wait for names (ms). */
const PATIENCE = 10_000;

export type FeatureName = { name: string; from: "used before" | "in this workspace" | "in production" };

/** The features that are known: given before, tracked in the workspace's code, seen in production. */
export class FeatureNames {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly worker: TrackingWorker,
    private readonly telemetry: TelemetryWorker,
  ) {}

  get remembered(): FeatureName[] {
    return (this.context.workspaceState.get<string[]>(REMEMBERED) ?? []).map((name) => ({ name, from: "used before" }));
  }

  async remember(name: string): Promise<void> {
    await this.context.workspaceState.update(
      REMEMBERED,
      [...new Set([name, ...this.remembered.map((one) => one.name)])].slice(0, MAX_REMEMBERED),
    );
  }

  /** Those of the workspace's code; none where they can't be had. */
  async inWorkspace(): Promise<FeatureName[]> {
    const names = await this.worker.features().catch(() => []);
    return names.map((name) => ({ name, from: "in this workspace" }));
  }

  /** Those of the last 30 days; none where the source doesn't answer. */
  async inProduction(): Promise<FeatureName[]> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), PATIENCE);
    try {
      const { features } = await this.telemetry.insight({ range: { last: "30d" }, filters: [] }, abort.signal);
      return features.flatMap(({ target }) =>
        target?.value ? [{ name: target.value, from: "in production" as const }] : [],
      );
    } catch {
      return [];
    } finally {
      clearTimeout(timer);
    }
  }
}
