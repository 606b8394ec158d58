import * as vscode from "vscode";
import { whole } from "../../core/figures";
import { commands } from "../contributions";
import { readTelemetrySettings } from "../settings";
import { type SavedConnection, savedConnection } from "./connection";
import { describe } from "./sourceStatus";
import type { TelemetryWorker } from "./telemetryWorker";

const uri = vscode.Uri.parse("prompt-cost-connection:/Connection%20Details.md");

/** A readable document of where spend comes from, that stays up to date. */
export function registerConnectionDetails(
  context: vscode.ExtensionContext,
  worker: TelemetryWorker,
  storeFile: string,
): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(uri.scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: () => write(worker, savedConnection(context), storeFile),
    }),
    worker.onDidChange(() => changed.fire(uri)),
    vscode.commands.registerCommand(commands.showConnection, async () => {
      await worker.look();
      changed.fire(uri);
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
    }),
  );
}

function write({ state }: TelemetryWorker, saved: SavedConnection | undefined, storeFile: string): string {
  const { port } = readTelemetrySettings();
  const source = state === undefined ? "not looked at yet" : describe(state).tooltip;
  const local = state?.local;
  return [
    "# Where spend comes from",
    "",
    `Now: ${source.trim()}`,
    "",
    "## OpenObserve",
    "",
    ...(saved === undefined
      ? ["Not connected. Run “Prompt Cost: Connect to OpenObserve”."]
      : [
          `- Address: ${saved.url}`,
          `- Organisation: ${saved.organization}`,
          `- Stream: ${saved.stream}`,
          "- Password or token: in VS Code's secret storage",
          ...(state?.failure ? [`- Last answer: ${state.failure.message} ${state.failure.nextStep}`] : []),
        ]),
    "",
    "## Receiver and local store",
    "",
    `- Address for your application: OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${port}`,
    `- Receiver: ${state === undefined || state.receiver.kind === "off" ? "off; start it with “Prompt Cost: Start Receiver”" : state.receiver.kind === "receiving" ? `on 127.0.0.1:${state.receiver.port}` : state.receiver.kind === "elsewhere" ? "in another window" : `${state.receiver.failure.message} ${state.receiver.failure.nextStep}`}`,
    ...(local === null || local === undefined
      ? []
      : [
          `- Calls: ${whole(local.spans)}, newest ${local.newestUs === null ? "none" : new Date(local.newestUs / 1000).toISOString()}`,
          `- Size: ${(local.bytes / 1e6).toFixed(1)} MB`,
          ...(local.notice === null ? [] : [`- Note: ${local.notice}`]),
        ]),
    `- File: ${storeFile}`,
    `- In a terminal: prompt-cost spend --source local --db "${storeFile}"`,
    "",
  ].join("\n");
}
