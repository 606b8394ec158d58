import * as vscode from "vscode";
import { PRICING_FILE } from "../../core/pricing/tableFile";
import { commands } from "../contributions";
import { pathOf } from "../estimates";
import type { Log } from "../log";
import type { TrackingWorker } from "./trackingWorker";

const PRICES = "**/{prompt_cost_prices.py,promptCostPrices.ts,promptCostPrices.mjs,promptCostPrices.cjs}";
const WRAPPERS = "**/{prompt_cost.py,promptCost.ts,promptCost.mjs,promptCost.cjs}";
const EXCLUDED = "**/{node_modules,.venv,venv,site-packages,dist}/**";

/** Keeps the wrappers' prices in step with the pricing table, and updates a wrapper when a person asks for it. */
export function registerWrapperFiles(worker: TrackingWorker, log: Log): vscode.Disposable {
  const current = async (uri: vscode.Uri): Promise<{ file: string; text: string }[]> => {
    const [file, folder] = [pathOf(uri), vscode.workspace.getWorkspaceFolder(uri)];
    const root = folder === undefined ? null : pathOf(folder.uri);
    return file === null || root === null ? [] : (await worker.wrapper(file, root)).files;
  };
  const keepPrices = async (table: vscode.Uri): Promise<void> => {
    const folder = vscode.workspace.getWorkspaceFolder(table);
    if (folder === undefined) return;
    for (const uri of await vscode.workspace.findFiles(new vscode.RelativePattern(folder, PRICES), EXCLUDED)) {
      const wanted = (await current(uri)).find(({ file }) => file === pathOf(uri));
      if (wanted === undefined || (await textOf(uri)) === wanted.text) continue;
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(wanted.text));
      log.info(`${vscode.workspace.asRelativePath(uri)} follows the pricing table`);
    }
  };
  const update = async (): Promise<void> => {
    const found = await vscode.workspace.findFiles(WRAPPERS, EXCLUDED);
    let changed = 0;
    for (const uri of found) {
      const before = await textOf(uri);
      const wanted = (await current(uri)).find(({ file }) => file === pathOf(uri));
      if (wanted === undefined || before === wanted.text || !/Written by Prompt Cost Lens/.test(before)) continue;
      changed++;
      const proposed = await vscode.workspace.openTextDocument({ content: wanted.text, language: uri.path.endsWith(".py") ? "python" : "typescript" });
      await vscode.commands.executeCommand("vscode.diff", uri, proposed.uri, `${vscode.workspace.asRelativePath(uri)}: now ↔ new version`);
      const yes = "Update";
      if ((await vscode.window.showInformationMessage(`Update ${vscode.workspace.asRelativePath(uri)} to the version that is shown?`, yes, "Leave")) !== yes) continue;
      const edit = new vscode.WorkspaceEdit();
      edit.createFile(uri, { overwrite: true, contents: new TextEncoder().encode(wanted.text) });
      await vscode.workspace.applyEdit(edit);
    }
    if (changed === 0) void vscode.window.showInformationMessage(found.length === 0 ? "This workspace has no wrapper yet: instrument a call first." : "The wrapper is up to date.");
  };
  const watcher = vscode.workspace.createFileSystemWatcher(`**/${PRICING_FILE}`);
  // A moment later: the table's new text reaches the worker by itself, and first.
  const follow = (uri: vscode.Uri): void => void setTimeout(() => void keepPrices(uri).catch((error: unknown) => log.error(`prices: ${String(error)}`)), 500);
  return vscode.Disposable.from(watcher, watcher.onDidChange(follow), watcher.onDidCreate(follow), watcher.onDidDelete(follow), vscode.commands.registerCommand(commands.updateWrapper, update));
}

const textOf = async (uri: vscode.Uri): Promise<string> => new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
