import * as vscode from "vscode";
import { inWords, messageOf } from "../../core/failure";
import { commands } from "../contributions";
import { askToConfirm, showError, showInformation, showWarning } from "../notifications";
import { readTelemetrySettings } from "../settings";
import type { TelemetryWorker } from "./telemetryWorker";

/** The receiver's commands, and the local store's. */
export function registerReceiver(worker: TelemetryWorker): vscode.Disposable {
  let told = "";
  return vscode.Disposable.from(
    vscode.commands.registerCommand(commands.startReceiver, () => worker.receive(readTelemetrySettings().port)),
    vscode.commands.registerCommand(commands.stopReceiver, () => worker.receive(null)),
    vscode.commands.registerCommand(commands.clearLocalStore, () => clear(worker)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("promptCost.receiver") && worker.isReceiving)
        worker.receive(readTelemetrySettings().port);
    }),
    worker.onDidChange(() => {
      // Each trouble is told once, where the user looks; the status bar keeps showing it.
      const trouble =
        worker.state?.receiver.kind === "failed"
          ? inWords(worker.state.receiver.failure)
          : (worker.state?.local?.notice ?? "");
      if (trouble !== "" && trouble !== told) void showWarning(trouble);
      told = trouble;
    }),
  );
}

async function clear(worker: TelemetryWorker): Promise<void> {
  const isAgreed = await askToConfirm(
    "Clear the local store of spans?",
    "This deletes all spend received on this machine, in every window. Data in OpenObserve is kept.",
    "Clear",
  );
  if (!isAgreed) return;
  try {
    await worker.clear();
    void showInformation("The local store is empty.");
  } catch (error) {
    void showError(messageOf(error));
  }
}
