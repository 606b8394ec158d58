import * as vscode from "vscode";
import { registerBreakdown } from "./editor/breakdown";
import { registerCodeLens } from "./editor/codeLens";
import { commands } from "./editor/contributions";
import { EstimateStore } from "./editor/estimates";
import { registerHover } from "./editor/hover";
import { Log } from "./editor/log";
import { registerPricingTable } from "./editor/pricingTable";
import { watchFiles } from "./editor/promptFiles";
import { registerStatusBar } from "./editor/statusBar";
import { WorkerClient } from "./editor/workerClient";

/** Wires the features together; each lives in a file of its own name in `src/editor`. */
export function activate(context: vscode.ExtensionContext): void {
  const log = new Log();
  const worker = new WorkerClient(context.asAbsolutePath("dist/worker.js"), log);
  const store = new EstimateStore(worker, log);

  context.subscriptions.push(
    log,
    worker,
    store,
    registerCodeLens(store),
    registerHover(store),
    registerBreakdown(store),
    registerStatusBar(store),
    registerPricingTable(worker, log),
    watchFiles(worker),
    vscode.commands.registerCommand(commands.showLog, () => log.show()),
  );
}
