import * as vscode from "vscode";
import { describeSource } from "../../core/telemetry/sourceStatus";
import { sourceTable } from "../../core/telemetry/sources/sources";
import { label } from "../../core/text/plain";
import { commands } from "../contributions";
import type { TelemetryWorker } from "./telemetryWorker";

/** Where spend comes from, and how that source is, in the status bar. */
export function registerSourceStatus(worker: TelemetryWorker): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("promptCost.source", vscode.StatusBarAlignment.Right, 89);
  item.name = "Prompt Cost Source";
  item.command = commands.showConnection;
  const update = (): void => {
    if (worker.state === undefined) return;
    const { text, tooltip, isTrouble } = describeSource(sourceTable[worker.state.source], worker.state);
    item.text = text;
    item.tooltip = label(`Prompt Cost Lens: ${tooltip} Click for details.`);
    item.accessibilityInformation = { label: item.tooltip };
    item.backgroundColor = isTrouble ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    item.show();
  };
  return vscode.Disposable.from(item, worker.onDidChange(update));
}
