import * as vscode from "vscode";
import { formatEstimate } from "../core/estimate/format";
import { label } from "../core/text/plain";
import { commands } from "./contributions";
import { type EstimateStore, documentSelector } from "./estimates";
import { onDidChangeSettings, readSettings } from "./settings";

/** The line above each call: its tokens and its cost. */
export function registerCodeLens(store: EstimateStore): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    async provideCodeLenses(document, token) {
      const settings = readSettings(document);
      if (!settings.codeLensEnabled) return [];
      const estimates = await store.get(document, token);
      return (estimates?.calls ?? []).flatMap(({ id, start, api, estimate, tracking }) => {
        const position = document.positionAt(start);
        const range = new vscode.Range(position, position);
        const feature = tracking?.feature === null || tracking === null ? "" : ` · ${label(tracking.feature)}`;
        const cost = new vscode.CodeLens(range, {
          title: `${formatEstimate(settings.codeLensFormat, estimate)}${feature}`,
          tooltip: `Show the cost breakdown of ${api}`,
          command: commands.showBreakdown,
          arguments: [document.uri.toString(), id],
        });
        if (tracking !== null) return [cost];
        const track = {
          title: "Instrument this call",
          tooltip: "Report what this call really costs",
          command: commands.instrumentCall,
          arguments: [document.uri.toString(), start],
        };
        return [cost, new vscode.CodeLens(range, track)];
      });
    },
  };
  return vscode.Disposable.from(
    changed,
    vscode.languages.registerCodeLensProvider(documentSelector, provider),
    store.onDidChange(() => changed.fire()),
    onDidChangeSettings(() => changed.fire()),
    vscode.commands.registerCommand(commands.toggleCodeLens, async () => {
      const configuration = vscode.workspace.getConfiguration("promptCost.codeLens");
      await configuration.update("enabled", configuration.get("enabled") === false, vscode.ConfigurationTarget.Global);
    }),
  );
}
