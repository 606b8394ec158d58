import * as vscode from "vscode";
import type { Selection } from "../../core/insight/insight";
import { commands, views } from "../contributions";
import type { Log } from "../log";
import { readTable } from "../pricingTable";
import { readTelemetrySettings } from "../settings";
import { sourceInUse } from "../telemetry/savedConnections";
import type { TelemetryWorker } from "../telemetry/telemetryWorker";
import { actFor } from "./actions";
import { type SpendContext, SpendView } from "./spendView";
import { webviewOptions, webviewPage } from "./webviewPage";

const usual = {
  sidebar: { range: { last: "24h" }, filters: [] },
  dashboard: { range: { last: "30d" }, filters: [] },
} satisfies Record<string, Selection>;

/** The sidebar and the dashboard. What they need runs only while one of them is visible. */
export function registerSpendViews(
  context: vscode.ExtensionContext,
  telemetry: TelemetryWorker,
  log: Log,
): vscode.Disposable {
  const visible = new Set<SpendView>();
  const open = new Set<SpendView>();
  const spend: SpendContext = {
    context,
    telemetry,
    log,
    act: actFor(context),
    onVisible: (view, isVisible) => {
      if (isVisible) visible.add(view);
      else visible.delete(view);
      telemetry.watch(visible.size > 0);
      if (isVisible && sourceInUse(context).isLocal) telemetry.receiveUnlessStopped(readTelemetrySettings().port);
      if (isVisible) void usePrices(telemetry);
    },
  };
  const connect = (webview: vscode.Webview, name: "sidebar" | "dashboard"): SpendView => {
    webview.options = webviewOptions(context.extensionUri);
    const view = new SpendView(webview, spend, name, usual[name]);
    open.add(view);
    webview.html = webviewPage(webview, context.extensionUri, name, name === "sidebar" ? "Prompt Cost" : "LLM Cost");
    return view;
  };
  const close = (view: SpendView): void => {
    open.delete(view);
    view.dispose();
  };

  let dashboard: vscode.WebviewPanel | undefined;
  const showDashboard = (panel: vscode.WebviewPanel): void => {
    dashboard = panel;
    panel.iconPath = vscode.Uri.joinPath(context.extensionUri, "media", "prompt-cost.svg");
    const view = connect(panel.webview, "dashboard");
    view.show(panel.visible);
    panel.onDidChangeViewState(() => view.show(panel.visible));
    panel.onDidDispose(() => {
      dashboard = undefined;
      close(view);
    });
  };
  const openDashboard = (): void => {
    if (dashboard !== undefined) dashboard.reveal();
    else showDashboard(vscode.window.createWebviewPanel(views.dashboard, "LLM Cost", vscode.ViewColumn.Active, {}));
  };

  const pricing = vscode.workspace.createFileSystemWatcher("**/prompt-cost.pricing.json");
  const reprice = (): void => {
    if (visible.size > 0) void usePrices(telemetry);
  };
  return vscode.Disposable.from(
    vscode.window.registerWebviewViewProvider(views.spend, {
      resolveWebviewView: (sidebar) => {
        const view = connect(sidebar.webview, "sidebar");
        view.show(sidebar.visible);
        sidebar.onDidChangeVisibility(() => view.show(sidebar.visible));
        sidebar.onDidDispose(() => close(view));
      },
    }),
    vscode.window.registerWebviewPanelSerializer(views.dashboard, {
      deserializeWebviewPanel: (panel) => {
        showDashboard(panel);
        return Promise.resolve();
      },
    }),
    vscode.commands.registerCommand(commands.openDashboard, openDashboard),
    vscode.commands.registerCommand(commands.refreshSpend, () => {
      for (const view of open) view.refresh();
    }),
    pricing,
    pricing.onDidChange(reprice),
    pricing.onDidCreate(reprice),
    pricing.onDidDelete(reprice),
    { dispose: () => open.forEach(close) },
  );
}

/** Prices of the first folder that has a table: spend is of the whole workspace. */
async function usePrices(telemetry: TelemetryWorker): Promise<void> {
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const text = await readTable(folder);
    if (text !== null) return telemetry.usePrices(text);
  }
  telemetry.usePrices(null);
}
