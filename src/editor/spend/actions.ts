import * as vscode from "vscode";
import type { Selection } from "../../core/insight/insight";
import { durationUs } from "../../core/telemetry/range";
import type { Action } from "../../webview/viewProtocol";
import { commands } from "../contributions";
import { showBriefly, showError, showInformation } from "../notifications";
import { sourceInUse } from "../telemetry/savedConnections";
import { saveAs } from "../workspaceWrites";
import { openCode } from "./openCode";
import type { SpendContext } from "./spendView";

const commandOf: Record<Action, string> = {
  connect: commands.connectOpenObserve,
  sample: commands.sendSample,
  removeSample: commands.removeSample,
  pricing: commands.openPricingTable,
  receiver: commands.startReceiver,
  details: commands.showConnection,
  dashboard: commands.openDashboard,
  log: commands.showLog,
};

/** Does what a view's buttons ask for. */
export function actFor(context: vscode.ExtensionContext): SpendContext["act"] {
  return async (message, selection) => {
    switch (message.kind) {
      case "run":
        await vscode.commands.executeCommand(commandOf[message.action]);
        return;
      case "openCode":
        return openCode(message.site, message.feature);
      case "openTrace":
        return openTrace(context, message.traceId, message.startMs * 1000);
      case "openTraces":
        return openTraces(context, message.target, selection);
      case "save":
        return save(message.name, message.format, message.content);
      case "copy":
        await vscode.env.clipboard.writeText(message.text);
        showBriefly(`${message.what} copied`, 3000);
    }
  };
}

async function openTrace(context: vscode.ExtensionContext, traceId: string, startUs: number): Promise<void> {
  const { name, links } = sourceInUse(context);
  if (links === null) {
    await vscode.env.clipboard.writeText(traceId);
    void showInformation(
      `Trace ${traceId} is in ${name}, which keeps calls but not whole traces. Its ID was copied to the clipboard.`,
    );
    return;
  }
  await vscode.env.openExternal(vscode.Uri.parse(links.trace(traceId, startUs), true));
}

async function openTraces(
  context: vscode.ExtensionContext,
  target: Selection["filters"][number],
  { range }: Selection,
): Promise<void> {
  const { links } = sourceInUse(context);
  if (links === null) return;
  const nowUs = Date.now() * 1000;
  const [fromUs, toUs] =
    "last" in range
      ? [nowUs - (durationUs(range.last) ?? 86_400_000_000), nowUs]
      : [range.fromMs * 1000, range.toMs * 1000];
  await vscode.env.openExternal(vscode.Uri.parse(links.traces(target, fromUs, toUs), true));
}

async function save(name: string, format: "csv" | "png", content: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const file = `${name.replace(/[^\w-]+/g, "-")}-${new Date().toISOString().slice(0, 10)}.${format}`;
  const target = await vscode.window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, file) }),
    filters: format === "csv" ? { CSV: ["csv"] } : { Picture: ["png"] },
  });
  if (target === undefined) return;
  try {
    await saveAs(target, Buffer.from(content, format === "csv" ? "utf8" : "base64"));
    void showInformation(`Saved ${vscode.workspace.asRelativePath(target)}.`);
  } catch (error) {
    void showError(
      `${vscode.workspace.asRelativePath(target)} could not be saved: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
