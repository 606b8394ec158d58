import * as vscode from "vscode";
import { messageOf } from "../../core/failure";
import { isOwn } from "../../core/instrument/wrapperNames";
import { PRICING_FILE } from "../../core/pricing/tableFile";
import type { EstimateWorker } from "../estimateWorker";
import { pathOf } from "../estimates";
import type { Findings } from "../findings";
import type { Log } from "../log";
import { showWarning } from "../notifications";
import { writeFile } from "../workspaceWrites";
import type { ProposedTexts } from "./proposedTexts";
import type { TrackingWorker } from "./trackingWorker";
import { readUri } from "../readUri";
import { WrapperUpdate, wrapperPatterns } from "./wrapperUpdate";

/** The table's new text reaches the worker by itself; what follows from it comes this much later (ms). */
const LATER = 500;

/** Keeps the wrappers' prices in step with the pricing table, shows those that are not, and updates a wrapper when a person asks for it. */
export function registerWrapperFiles(
  tracking: TrackingWorker,
  worker: EstimateWorker,
  proposed: ProposedTexts,
  findings: Findings,
  log: Log,
): vscode.Disposable {
  /** What a file of a wrapper would hold now; undefined where that can't be known. */
  const wanted = async (uri: vscode.Uri): Promise<string | undefined> => {
    const [file, folder] = [pathOf(uri), vscode.workspace.getWorkspaceFolder(uri)];
    const root = folder === undefined ? null : pathOf(folder.uri);
    if (file === null || root === null) return undefined;
    return (await tracking.wrapper(file, root)).find((one) => one.file === file)?.text;
  };
  const check = async (uri: vscode.Uri): Promise<void> => {
    const [now, file, folder] = [await readUri(uri), pathOf(uri), vscode.workspace.getWorkspaceFolder(uri)];
    const root = folder === undefined ? null : pathOf(folder.uri);
    const found =
      now === undefined || file === null || root === null ? [] : await tracking.wrapperFindings(file, now, root);
    if (found.length === 0) findings.clear("wrapperPrices", uri);
    else findings.show("wrapperPrices", await vscode.workspace.openTextDocument(uri), found);
  };
  const checkAll = async (): Promise<void> => {
    for (const uri of await vscode.workspace.findFiles(wrapperPatterns.prices, wrapperPatterns.excluded))
      await check(uri);
  };
  /** Tables that have changed while the workspace wasn't trusted. */
  const pending = new Map<string, vscode.Uri>();
  /** The table was changed here: its wrappers follow, as soon as the workspace is trusted. */
  const follow = async (table: vscode.Uri): Promise<void> => {
    if (!vscode.workspace.isTrusted) {
      pending.set(table.toString(), table);
      return checkAll();
    }
    const folder = vscode.workspace.getWorkspaceFolder(table);
    if (folder === undefined) return;
    for (const uri of await vscode.workspace.findFiles(
      new vscode.RelativePattern(folder, wrapperPatterns.prices),
      wrapperPatterns.excluded,
    )) {
      const [now, text] = [await readUri(uri), await wanted(uri)];
      if (now === undefined || text === undefined || now === text || !isOwn(now)) continue;
      await writeFile(uri, text);
      log.info(`${vscode.workspace.asRelativePath(uri)} follows the pricing table`);
    }
    await checkAll();
  };
  const quietly = (what: string, run: () => Promise<void>): void =>
    void setTimeout(() => void run().catch((error: unknown) => log.info(`${what}: ${messageOf(error)}`)), LATER);

  const watch = (pattern: string): vscode.FileSystemWatcher => vscode.workspace.createFileSystemWatcher(pattern);
  const [table, prices, wrappers] = [
    watch(`**/${PRICING_FILE}`),
    watch(wrapperPatterns.prices),
    watch(wrapperPatterns.wrappers),
  ];
  const onTable = (uri: vscode.Uri): void => quietly("prices", () => follow(uri));
  const onPrices = (uri: vscode.Uri): void => quietly("prices", () => check(uri));
  return vscode.Disposable.from(
    table,
    prices,
    wrappers,
    ...[table.onDidChange, table.onDidCreate, table.onDidDelete].map((event) => event(onTable)),
    ...[prices.onDidChange, prices.onDidCreate].map((event) => event(onPrices)),
    prices.onDidDelete((uri) => findings.clear("wrapperPrices", uri)),
    wrappers.onDidDelete((uri) => quietly("wrapper", () => offerToRestore(tracking, uri))),
    worker.onDidStart(() => quietly("prices", checkAll)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      for (const uri of pending.values()) onTable(uri);
      pending.clear();
    }),
    new WrapperUpdate(wanted, proposed),
  );
}

/** An undo takes a wrapper away that was written with the first call; others may have come to import it since. */
async function offerToRestore(tracking: TrackingWorker, uri: vscode.Uri): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  const [file, folder] = [pathOf(uri), vscode.workspace.getWorkspaceFolder(uri)];
  const root = folder === undefined ? null : pathOf(folder.uri);
  if (file === null || root === null) return;
  const open = vscode.workspace.textDocuments.flatMap((document) =>
    pathOf(document.uri) === null ? [] : [[pathOf(document.uri), document.getText()]],
  );
  const files = await tracking.wrapper(file, root, Object.fromEntries(open) as Record<string, string>);
  if (files.length === 0 || (await readUri(uri)) !== undefined) return;
  const again = "Write It Again";
  if (
    (await showWarning(`${vscode.workspace.asRelativePath(uri)} is gone, but other files still import it.`, again)) !==
    again
  )
    return;
  for (const made of files) await writeFile(vscode.Uri.file(made.file), made.text);
}
