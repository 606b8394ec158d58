import * as vscode from "vscode";
import { PRICING_FILE } from "../core/pricing/tableFile";
import type { PricingReport } from "../worker/protocol";
import { commands } from "./contributions";
import { pathOf } from "./estimates";
import type { Findings } from "./findings";
import type { Log } from "./log";
import type { EstimateWorker } from "./estimateWorker";
import { applyEdit, mayWrite } from "./workspaceWrites";
import { showInformation } from "./notifications";
import { readUri } from "./readUri";

/** Follows every workspace folder's pricing table, as it is typed and on disk, and shows what was found in it. */
export function registerPricingTable(worker: EstimateWorker, findings: Findings, log: Log): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher(`**/${PRICING_FILE}`);

  const send = async (folder: vscode.WorkspaceFolder): Promise<void> => {
    const uri = tableOf(folder);
    worker.send({
      kind: "pricing",
      root: pathOf(folder.uri) ?? folder.uri.toString(),
      uri: uri.toString(),
      text: await readTable(folder),
    });
  };
  const sendAll = (): void => {
    for (const folder of vscode.workspace.workspaceFolders ?? []) void send(folder);
  };
  const sendOwner = (uri: vscode.Uri): void => {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    if (folder !== undefined && uri.toString() === tableOf(folder).toString()) void send(folder);
  };

  for (const { uri } of vscode.workspace.textDocuments) sendOwner(uri);
  return vscode.Disposable.from(
    watcher,
    watcher.onDidChange(sendOwner),
    watcher.onDidCreate(sendOwner),
    watcher.onDidDelete(sendOwner),
    vscode.workspace.onDidOpenTextDocument(({ uri }) => sendOwner(uri)),
    vscode.workspace.onDidChangeTextDocument(({ document }) => sendOwner(document.uri)),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => sendOwner(uri)),
    vscode.workspace.onDidChangeWorkspaceFolders(sendAll),
    worker.onDidStart(sendAll),
    worker.onMessage((message) => {
      if (message.kind === "pricing") void showReport(message, findings, log);
    }),
    vscode.commands.registerCommand(commands.openPricingTable, openTable),
  );
}

const tableOf = (folder: vscode.WorkspaceFolder): vscode.Uri => vscode.Uri.joinPath(folder.uri, PRICING_FILE);

/** The text of a folder's pricing table, as it is typed where it is open; null where there is none. */
export async function readTable(folder: vscode.WorkspaceFolder): Promise<string | null> {
  const uri = tableOf(folder);
  const open = vscode.workspace.textDocuments.find(
    (document) => document.uri.toString() === uri.toString() && !document.isClosed,
  );
  return open?.getText() ?? (await readUri(uri)) ?? null;
}

async function showReport({ uri, findings, note }: PricingReport, shown: Findings, log: Log): Promise<void> {
  const target = vscode.Uri.parse(uri);
  if (findings.length === 0) return shown.clear("pricingTable", target);
  log.info(`${vscode.workspace.asRelativePath(target)}: ${note}`);
  shown.show("pricingTable", await vscode.workspace.openTextDocument(target), findings);
}

/** What a new table starts with; prices of the day it was written, for a person to review. */
const STARTER = `{
  "lastReviewed": "DATE",
  "source": "https://openai.com/api/pricing",
  "reviewEveryDays": 30,
  "models": {
    "gpt-4o": { "input": 2.5, "cachedInput": 1.25, "output": 10 },
    "gpt-4o-mini": { "input": 0.15, "cachedInput": 0.075, "output": 0.6 }
  }
}
`;

/** Opens the pricing table of a folder, and makes one where there is none. */
async function openTable(): Promise<void> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const folder =
    folders.length > 1
      ? await vscode.window.showWorkspaceFolderPick({ placeHolder: "Which folder's prices?" })
      : folders[0];
  if (folder === undefined) {
    if (folders.length === 0)
      void showInformation("Open a folder first: the pricing table belongs to a folder, beside its code.");
    return;
  }
  const uri = tableOf(folder);
  if ((await readUri(uri)) === undefined) {
    if (!(await mayWrite())) return;
    const edit = new vscode.WorkspaceEdit();
    edit.createFile(uri, {
      contents: new TextEncoder().encode(STARTER.replace("DATE", new Date().toISOString().slice(0, 10))),
      ignoreIfExists: true,
    });
    await applyEdit(edit);
  }
  await vscode.window.showTextDocument(uri);
}
