import * as vscode from "vscode";
import { counted, dollars } from "../core/figures";
import { commands } from "./contributions";
import type { EstimateStore } from "./estimates";
import { onDidChangeSettings, readSettings } from "./settings";

/** The active file's calls in the status bar: how many, and what they cost together if each runs once. */
export function registerStatusBar(store: EstimateStore): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("promptCost.file", vscode.StatusBarAlignment.Right, 90);
  item.name = "Prompt Cost of the File";
  item.command = commands.showBreakdown;

  const update = (): void => {
    const document = vscode.window.activeTextEditor?.document;
    const calls =
      document === undefined || !readSettings(document).statusBarEnabled ? [] : (store.peek(document)?.calls ?? []);
    if (calls.length === 0) {
      item.hide();
      return;
    }
    const priced = calls.filter(({ estimate }) => estimate.cost.input !== null);
    const total = priced.reduce(
      (sum, { estimate }) => sum + (estimate.cost.input ?? 0) + (estimate.cost.outputLimit ?? 0),
      0,
    );
    const isLeast =
      priced.length < calls.length ||
      priced.some(({ estimate }) => !estimate.input.exact || estimate.cost.outputLimit === null);
    const cost = priced.length === 0 ? "price unknown" : `≈ ${dollars(total)}${isLeast ? "+" : ""}`;
    const number = counted(calls.length, "call");
    item.text = `$(credit-card) ${cost} · ${number}`;
    item.tooltip = `Prompt Cost Lens: ${number} to OpenAI in this file, ${cost} if each runs once${isLeast ? " (+ means at least)" : ""}. Click for the breakdown of the call at the cursor.`;
    item.accessibilityInformation = { label: item.tooltip };
    item.show();
  };

  // Asked for at once, so that the hints are ready when the editor wants them.
  if (vscode.window.activeTextEditor !== undefined) store.send(vscode.window.activeTextEditor.document);
  update();
  return vscode.Disposable.from(
    item,
    store.onDidChange(update),
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      if (editor !== undefined) store.send(editor.document);
      update();
    }),
    onDidChangeSettings(update),
  );
}
