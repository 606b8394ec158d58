import * as vscode from "vscode";
import { readTrackingSettings } from "../settings";
import type { Target } from "./targets";
import type { TrackingWorker } from "./trackingWorker";

/** A document, and which of its calls are tracked as what. */
export type Chosen = Target & { chosen: { start: number; feature: string; userId: string | null }[] };

interface Made {
  /** Calls that were changed; 0 where the person left the preview. */
  calls: number;
  /** Wrappers that were written for the first time. */
  wrappers: string[];
}

/**
 * Tracks calls, or takes their tracking away, in one edit that one undo takes back.
 * @throws where a document has changed meanwhile, or the edit can't be made: nothing is written then.
 */
export async function applyTracking(worker: TrackingWorker, targets: readonly Chosen[], { isRemoval, needsPreview }: { isRemoval: boolean; needsPreview: boolean }): Promise<Made> {
  const edit = new vscode.WorkspaceEdit();
  const metadata = needsPreview ? { needsConfirmation: true, label: isRemoval ? "Remove tracking" : "Track calls" } : undefined;
  const created = new Map<string, string>();
  const rewritten = new Map<string, string>();
  const texts: Record<string, string> = {};
  let calls = 0;
  for (const { document, version, file, root, chosen } of targets) {
    const text = document.getText();
    const { edits, files } = await worker.track({ file, text, root, chosen, isRemoval, ...readTrackingSettings(document) });
    if (document.version !== version || edits.length === 0) throw new Error(`${vscode.workspace.asRelativePath(document.uri)} has changed meanwhile; nothing was written. Run the command again.`);
    calls += chosen.length;
    let changed = text;
    for (const { start, end, text: inserted } of [...edits].reverse()) {
      edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), inserted, metadata);
      changed = changed.slice(0, start) + inserted + changed.slice(end);
    }
    texts[file] = changed;
    for (const made of files) ((await exists(made.file)) ? rewritten : created).set(made.file, made.text);
  }
  for (const [file, text] of created) edit.createFile(vscode.Uri.file(file), { contents: new TextEncoder().encode(text) }, metadata);
  if (isRemoval && needsPreview) {
    for (const root of new Set(targets.map((target) => target.root))) {
      for (const file of await worker.unused(root, texts)) edit.deleteFile(vscode.Uri.file(file), { ignoreIfNotExists: true }, metadata);
    }
  }
  // Many files are saved by VS Code itself, as after a rename; one is left to the person who edits it.
  if (!(await vscode.workspace.applyEdit(edit, { isRefactoring: targets.length > 1 }))) {
    if (needsPreview) return { calls: 0, wrappers: [] };
    throw new Error("The change could not be made, and nothing was written: the file may be read-only.");
  }
  // Prices that have changed since the wrapper was written are no part of what an undo takes back.
  for (const [file, text] of rewritten) await vscode.workspace.fs.writeFile(vscode.Uri.file(file), new TextEncoder().encode(text));
  return { calls, wrappers: [...created.keys()].filter((file) => !/prices/i.test(file)) };
}

async function exists(file: string): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(vscode.Uri.file(file));
    return true;
  } catch {
    return false;
  }
}
