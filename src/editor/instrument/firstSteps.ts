import path from "node:path";
import * as vscode from "vscode";
import { views } from "../contributions";
import { showBriefly, showInformation } from "../notifications";
import { readTelemetrySettings } from "../settings";
import type { TelemetryWorker } from "../telemetry/telemetryWorker";

/** Milliseconds that a plain success is shown in the status bar. */
const SHOWN = 5000;

/** Says that calls are tracked, and with a new wrapper what is left to do; starts the receiver that they send to. */
export function sayTracked(
  telemetry: TelemetryWorker,
  feature: string | null,
  wrappers: readonly string[],
  text = `This call is tracked as “${feature ?? ""}”.`,
): void {
  const { port } = readTelemetrySettings();
  telemetry.receiveUnlessStopped(port);
  if (wrappers.length === 0) {
    if (feature === null) void showInformation(text);
    else showBriefly(text, SHOWN, "pulse");
    return;
  }
  const names = wrappers.map((file) => path.basename(file));
  void offerNextSteps(
    `${text} ${names.join(" and ")} ${names.length === 1 ? "was" : "were"} written. Next, run your program with OpenTelemetry set up; its calls appear in the Prompt Cost view.`,
    port,
  );
}

async function offerNextSteps(text: string, port: number): Promise<void> {
  const [how, copy, view] = ["How to Run It", "Copy Environment", "Open View"];
  const picked = await showInformation(text, how, copy, view);
  if (picked === how) await vscode.commands.executeCommand("extension.open", "prompt-cost-lens.prompt-cost-lens");
  if (picked === view) await vscode.commands.executeCommand(`${views.spend}.focus`);
  if (picked !== copy) return;
  await vscode.env.clipboard.writeText(
    `export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${port}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n`,
  );
  showBriefly("Environment copied: it sends to the receiver of this window", SHOWN);
}
