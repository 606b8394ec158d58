import * as vscode from "vscode";
import { inWords } from "../../core/failure";
import { whole } from "../../core/figures";
import { describeMetrics, megabytes } from "../../core/telemetry/receiver/metricsText";
import { describeSource } from "../../core/telemetry/sourceStatus";
import { remoteIds, sourceTable } from "../../core/telemetry/sources/sources";
import { type Markdown, join, markup, figure } from "../../core/text/markdown";
import { commands } from "../contributions";
import { registerMarkdownPages } from "../markdown";
import { readTelemetrySettings } from "../settings";
import { savedConnection } from "./savedConnections";
import type { TelemetryState } from "../../worker/telemetryProtocol";
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
    registerMarkdownPages(uri.scheme, changed.event, () => write(worker, context, storeFile)),
    worker.onDidChange(() => changed.fire(uri)),
    vscode.commands.registerCommand(commands.showConnection, async () => {
      // The page says how it is, also where nobody answers.
      await worker.look().catch(() => undefined);
      changed.fire(uri);
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
    }),
  );
}

function write(
  { state, client: { health } }: TelemetryWorker,
  context: vscode.ExtensionContext,
  storeFile: string,
): Markdown {
  const { port } = readTelemetrySettings();
  const now =
    state === undefined ? "not looked at yet" : describeSource(sourceTable[state.source], state).tooltip.trim();
  return join(
    [
      markup`# Where spend comes from\n`,
      markup`Now: ${health.kind === "well" ? now : inWords(health.failure)}\n`,
      ...remoteIds.flatMap((id) => {
        const { name, form } = sourceTable[id];
        const saved = savedConnection(context, id);
        if (saved === undefined)
          return [markup`## ${name}\n`, markup`Not connected. Run “Prompt Cost: Connect to ${name}”.`];
        return [
          markup`## ${name}\n`,
          ...form.details(saved).map((one) => markup`- ${one.name}: ${one.value}`),
          markup`- Password or token: in VS Code's secret storage`,
          ...(state?.failure ? [markup`- Last answer: ${inWords(state.failure)}`] : []),
        ];
      }),
      markup`\n## Receiver and local store\n`,
      markup`- Address for your application: ${`OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${port}`}`,
      markup`- Receiver: ${receiverLine(state)}`,
      ...storeLines(state?.local ?? null),
      markup`- File: ${storeFile}`,
      markup`- In a terminal: ${`prompt-cost spend --source local --db "${storeFile}"`}`,
    ],
    "\n",
  );
}

function receiverLine(state: TelemetryState | undefined): Markdown | string {
  if (state === undefined || state.receiver.kind === "off")
    return markup`off; start it with “Prompt Cost: Start Receiver”`;
  if (state.receiver.kind === "receiving") return markup`on 127.0.0.1:${state.receiver.port}`;
  if (state.receiver.kind === "elsewhere") return markup`in another window`;
  return `${state.receiver.failure.message} ${state.receiver.failure.nextStep}`;
}

function storeLines(local: TelemetryState["local"]): Markdown[] {
  if (local === null) return [];
  const newest = local.newestUs === null ? "none" : new Date(local.newestUs / 1000).toISOString();
  return [
    markup`- Calls: ${figure(whole(local.spans))}, newest ${figure(newest)}`,
    markup`- Database: ${megabytes(local.bytes - local.logBytes)}`,
    markup`- Write-ahead log: ${megabytes(local.logBytes)}`,
    ...(local.metrics === null ? [] : describeMetrics(local.metrics)),
    ...(local.notice === null ? [] : [markup`- Note: ${local.notice}`]),
  ];
}
