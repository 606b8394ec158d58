import * as vscode from "vscode";
import { registerBreakdown } from "./editor/breakdown";
import { registerCodeLens } from "./editor/codeLens";
import { commands } from "./editor/contributions";
import { createEstimateWorker } from "./editor/estimateWorker";
import { EstimateStore } from "./editor/estimates";
import { Findings } from "./editor/findings";
import { registerHover } from "./editor/hover";
import { registerInstrument } from "./editor/instrument/instrument";
import { ProposedTexts } from "./editor/instrument/proposedTexts";
import { TrackingWorker } from "./editor/instrument/trackingWorker";
import { registerWrapperFiles } from "./editor/instrument/wrapperFiles";
import { Log } from "./editor/log";
import { registerPricingTable } from "./editor/pricingTable";
import { watchFiles } from "./editor/promptFiles";
import { registerSample } from "./editor/spend/sample";
import { registerSpendViews } from "./editor/spend/spendViews";
import { registerStatusBar } from "./editor/statusBar";
import { registerConnection } from "./editor/telemetry/connection";
import { registerConnectionDetails } from "./editor/telemetry/connectionDetails";
import { registerReceiver } from "./editor/telemetry/receiver";
import { registerSourceStatus } from "./editor/telemetry/sourceStatus";
import { TelemetryWorker } from "./editor/telemetry/telemetryWorker";
import { registerWorkerHealth } from "./editor/workerHealth";

/** Wires the features together; each lives in a file of its own name in `src/editor`. */
export function activate(context: vscode.ExtensionContext): void {
  const log = new Log();
  const worker = createEstimateWorker(context.asAbsolutePath("dist/worker.js"), log);
  const store = new EstimateStore(worker, log);
  const findings = new Findings(store);
  const tracking = new TrackingWorker(worker);
  const proposed = new ProposedTexts();
  const spanStore = vscode.Uri.joinPath(context.globalStorageUri, "spans.sqlite").fsPath;
  const telemetry = new TelemetryWorker(context.asAbsolutePath("dist/telemetry.js"), spanStore, log);

  context.subscriptions.push(
    log,
    worker,
    store,
    findings,
    telemetry,
    registerCodeLens(store),
    registerHover(store),
    registerBreakdown(store),
    registerStatusBar(store),
    registerWorkerHealth([worker, telemetry.client], store),
    registerPricingTable(worker, findings, log),
    watchFiles(worker),
    registerReceiver(telemetry),
    registerConnection(context, telemetry, log),
    registerConnectionDetails(context, telemetry, spanStore),
    registerSourceStatus(telemetry),
    registerSpendViews(context, telemetry, log),
    registerSample(context, telemetry, log),
    proposed,
    registerInstrument(context, tracking, store, telemetry, proposed),
    registerWrapperFiles(tracking, worker, proposed, findings, log),
    vscode.commands.registerCommand(commands.showLog, () => log.show()),
  );
}
