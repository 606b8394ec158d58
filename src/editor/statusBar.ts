import type { EstimatedCall } from "../core/estimate/analysis";
import { costConfidence } from "../core/estimate/estimate";
import { type Confidence, isClaim, leastSure, marked } from "../core/tokens/confidence";
import * as vscode from "vscode";
import { counted, dollars } from "../core/figures";
import { label } from "../core/text/plain";
import { commands } from "./contributions";
import type { EstimateStore } from "./estimates";
import { onDidChangeSettings, readSettings } from "./settings";

/** The active file's calls in the status bar: how many, and what they cost together if each runs once. */
export function registerStatusBar(store: EstimateStore): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("promptCost.file", vscode.StatusBarAlignment.Right, 90);
  item.name = "Prompt Cost of the File";

  const update = (): void => {
    const document = vscode.window.activeTextEditor?.document;
    const status =
      document === undefined || !readSettings(document).statusBarEnabled ? undefined : statusOf(document, store);
    if (status === undefined) {
      item.hide();
      return;
    }
    item.text = status.text;
    item.tooltip = status.tooltip;
    item.accessibilityInformation = { label: item.tooltip };
    item.command = status.command;
    item.backgroundColor = status.isTrouble ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
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

interface Status {
  text: string;
  tooltip: string;
  command: string;
  isTrouble: boolean;
}

/** Why a file's calls have no cost: there is no price, or it is missing, or the prompts are. */
function unknownCost(calls: readonly EstimatedCall[]): string {
  if (calls.every(({ estimate }) => estimate.price === null && estimate.vendor.kind === "local")) return "no price";
  return calls.some(({ estimate }) => estimate.cost.input === null && estimate.model.name !== null)
    ? "price unknown"
    : "cost unknown";
}

/** Most vendors that are named one by one. */
const MAX_VENDORS = 3;

/** To whom a file's calls go. */
function receivers(calls: readonly EstimatedCall[]): string {
  const names = [
    ...new Set(
      calls.map(({ estimate: { vendor } }) => (vendor.kind === "unknown" ? "a host that isn't known" : vendor.name)),
    ),
  ];
  const shown = names.length > MAX_VENDORS ? [...names.slice(0, MAX_VENDORS - 1), "others"] : names;
  return label(shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1) ?? ""}`);
}

/** What the status bar says of a document; undefined where there is nothing to say. */
export function statusOf(document: vscode.TextDocument, store: EstimateStore): Status | undefined {
  const notice = store.noticeOf(document);
  if (notice !== undefined)
    return {
      text: "$(warning) Costs not analyzed",
      tooltip: `${notice} Click for the log.`,
      command: commands.showLog,
      isTrouble: true,
    };
  const calls = store.peek(document)?.calls ?? [];
  if (calls.length === 0) return undefined;
  // A prompt of which nothing is known costs more than its frame: its call is left out, and the sum is a lower bound.
  const priced = calls.filter(({ estimate }) => estimate.cost.input !== null && estimate.origins.prompt === null);
  const total = priced.reduce(
    (sum, { estimate }) => sum + (estimate.cost.input ?? 0) + (estimate.cost.outputLimit ?? 0),
    0,
  );
  const confidence =
    priced.length < calls.length ? "lowerBound" : leastSure(priced.map(({ estimate }) => costConfidence(estimate)));
  const cost =
    priced.length === 0
      ? unknownCost(calls)
      : `${isClaim(confidence) ? "≈ " : ""}${marked(dollars(total), confidence)}`;
  const number = counted(calls.length, "call");
  return {
    text: `$(credit-card) ${cost} · ${number}`,
    tooltip: `Prompt Cost Lens: ${number} to ${receivers(calls)} in this file, ${cost} if each runs once${meaning[confidence]}. Click for the breakdown of the call at the cursor.`,
    command: commands.showBreakdown,
    isTrouble: false,
  };
}

/** What the mark beside the sum means. */
const meaning: Record<Confidence, string> = {
  exact: "",
  exactForOneCall: "",
  estimated: " (~ means estimated)",
  lowerBound: " (+ means at least)",
  partial: " (~ means estimated, + that there is more)",
};
