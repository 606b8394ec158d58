import * as vscode from "vscode";
import { commands } from "../contributions";
import { readTelemetrySettings } from "../settings";
import { TelemetryFailure, type TelemetryWorker } from "./telemetryWorker";

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
          ? `${worker.state.receiver.failure.message} ${worker.state.receiver.failure.nextStep}`
          : (worker.state?.local?.notice ?? "");
      if (trouble !== "" && trouble !== told) void vscode.window.showWarningMessage(trouble);
      told = trouble;
    }),
  );
}

async function clear(worker: TelemetryWorker): Promise<void> {
  const all = "Clear";
  const answer = await vscode.window.showWarningMessage(
    "Clear the local store of spans?",
    {
      modal: true,
      detail: "All spend received on this machine is forgotten, in every window. What is in OpenObserve stays.",
    },
    all,
  );
  if (answer !== all) return;
  try {
    await worker.clear();
    void vscode.window.showInformationMessage("The local store is empty.");
  } catch (error) {
    void vscode.window.showErrorMessage(error instanceof TelemetryFailure ? error.message : String(error));
  }
}
