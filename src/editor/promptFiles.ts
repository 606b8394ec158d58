import * as vscode from "vscode";
import { pathOf } from "./estimates";
import type { EstimateWorker } from "./estimateWorker";

/** Tells the worker of files that change on disk: an imported constant or a prompt file may be among them. */
export function watchFiles(worker: EstimateWorker): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher("**/*");
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (uri: vscode.Uri): void => {
    const file = pathOf(uri);
    if (file === null || !worker.isStarted) return;
    waiting.add(file);
    // A checkout changes thousands of files at once.
    timer ??= setTimeout(() => {
      timer = undefined;
      worker.send({ kind: "changed", files: [...waiting] });
      waiting.clear();
    }, 50);
  };
  return vscode.Disposable.from(
    watcher,
    watcher.onDidChange(tell),
    watcher.onDidCreate(tell),
    watcher.onDidDelete(tell),
    { dispose: () => clearTimeout(timer) },
  );
}
