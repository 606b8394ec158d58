import * as vscode from "vscode";
import { counted } from "../../core/figures";
import { label } from "../../core/text/plain";
import type { TelemetryState } from "../../worker/telemetryProtocol";
import { commands } from "../contributions";
import type { TelemetryWorker } from "./telemetryWorker";

/** Where spend comes from, and how that source is, in the status bar. */
export function registerSourceStatus(worker: TelemetryWorker): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("promptCost.source", vscode.StatusBarAlignment.Right, 89);
  item.name = "Prompt Cost Source";
  item.command = commands.showConnection;
  const update = (): void => {
    if (worker.state === undefined) return;
    const { text, tooltip, isTrouble } = describe(worker.state);
    item.text = text;
    item.tooltip = label(`Prompt Cost Lens: ${tooltip} Click for details.`);
    item.accessibilityInformation = { label: item.tooltip };
    item.backgroundColor = isTrouble ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    item.show();
  };
  return vscode.Disposable.from(item, worker.onDidChange(update));
}

/** The state in a few words, and in sentences. */
export function describe({ source, failure, receiver, local }: TelemetryState): {
  text: string;
  tooltip: string;
  isTrouble: boolean;
} {
  if (source === "openobserve") {
    if (failure !== null)
      return { text: "$(warning) OpenObserve", tooltip: `${failure.message} ${failure.nextStep}`, isTrouble: true };
    return { text: "$(pulse) OpenObserve", tooltip: "spend is read from OpenObserve.", isTrouble: false };
  }
  if (receiver.kind === "failed")
    return {
      text: "$(warning) Not receiving",
      tooltip: `${receiver.failure.message} ${receiver.failure.nextStep}`,
      isTrouble: true,
    };
  if (failure !== null)
    return { text: "$(warning) Local spend", tooltip: `${failure.message} ${failure.nextStep}`, isTrouble: true };
  const calls = local === null ? "" : ` ${counted(local.spans, "call")} in the local store.`;
  if (receiver.kind === "receiving")
    return {
      text: `$(pulse) Receiving :${receiver.port}`,
      tooltip: `OpenTelemetry is received on 127.0.0.1:${receiver.port}.${calls}`,
      isTrouble: false,
    };
  if (receiver.kind === "elsewhere")
    return {
      text: "$(pulse) Local spend",
      tooltip: `another window receives OpenTelemetry; this one takes over when that one closes.${calls}`,
      isTrouble: false,
    };
  return {
    text: "$(circle-slash) Not receiving",
    tooltip: "the receiver is off. Start it with “Prompt Cost: Start Receiver”.",
    isTrouble: false,
  };
}

/** How the receiver is, in a few words; null before it is known. */
export function receiverText(state: TelemetryState | undefined): string | null {
  switch (state?.receiver.kind) {
    case "receiving":
      return `receiving on :${state.receiver.port}`;
    case "elsewhere":
      return "another window receives";
    case "failed":
      return "not receiving";
    case "off":
      return "receiver off";
    default:
      return null;
  }
}
