import * as vscode from "vscode";
import { readTrackingSettings } from "../settings";
import { applyEdit, writeFile } from "../workspaceWrites";
import type { ProposedTexts } from "./proposedTexts";
import type { Target } from "./targets";
import type { TrackingWorker } from "./trackingWorker";

/** A document, and which of its calls are tracked as what. */
export type Chosen = Target & { chosen: { start: number; feature: string; userId: string | null }[] };

interface Made {
  /** Calls that were changed; 0 where the person did not take what was shown. */
  calls: number;
  /** Wrappers that were written for the first time. */
  wrappers: string[];
}

/**
 * Tracks calls, or takes their tracking away, in one edit that one undo takes back.
 * @param preview shows every change first, and asks; with it, wrappers that nothing uses any more go too.
 * @throws where a document has changed in the meantime, or the edit can't be made: nothing is written then.
 */
export async function applyTracking(
  worker: TrackingWorker,
  targets: readonly Chosen[],
  isRemoval: boolean,
  preview: ProposedTexts | null = null,
): Promise<Made> {
  const edit = new vscode.WorkspaceEdit();
  const created = new Map<string, string>();
  const rewritten = new Map<string, string>();
  const texts: Record<string, string> = {};
  let calls = 0;
  for (const { document, version, file, root, chosen } of targets) {
    const text = document.getText();
    const { edits, files } = await worker.track({
      file,
      text,
      root,
      chosen,
      isRemoval,
      ...readTrackingSettings(document),
    });
    if (document.version !== version || edits.length === 0)
      throw new Error(
        `${vscode.workspace.asRelativePath(document.uri)} has changed in the meantime; nothing was written. Run the command again.`,
      );
    calls += chosen.length;
    let changed = text;
    for (const { start, end, text: inserted } of [...edits].reverse()) {
      edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), inserted);
      changed = changed.slice(0, start) + inserted + changed.slice(end);
    }
    texts[file] = changed;
    for (const made of files) ((await exists(made.file)) ? rewritten : created).set(made.file, made.text);
  }
  const unused =
    isRemoval && preview !== null
      ? (
          await Promise.all([...new Set(targets.map(({ root }) => root))].map((root) => worker.unused(root, texts)))
        ).flat()
      : [];
  for (const [file, text] of created)
    edit.createFile(vscode.Uri.file(file), { contents: new TextEncoder().encode(text) });
  for (const file of unused) edit.deleteFile(vscode.Uri.file(file), { ignoreIfNotExists: true });
  if (preview !== null) {
    const files = [
      ...targets.map(({ document, file }) => ({ uri: document.uri, text: texts[file] ?? "", isNew: false })),
      ...[...created].map(([file, text]) => ({ uri: vscode.Uri.file(file), text, isNew: true })),
      ...unused.map((file) => ({ uri: vscode.Uri.file(file), text: null, isNew: false })),
    ];
    const [title, what] = isRemoval ? ["Remove Tracking", "Stop tracking"] : ["Track Calls", "Track"];
    const question = `${what} ${calls} ${calls === 1 ? "call" : "calls"} in ${targets.length} ${targets.length === 1 ? "file" : "files"}, as shown?`;
    if (!(await preview.agreed(title, files, question, "Apply"))) return { calls: 0, wrappers: [] };
    const changed = targets.find(({ document, version }) => document.version !== version);
    if (changed !== undefined)
      throw new Error(
        `${vscode.workspace.asRelativePath(changed.document.uri)} has changed in the meantime; nothing was written. Run the command again.`,
      );
  }
  // Many files are saved by VS Code itself, as after a rename; one is left to the person who edits it.
  if (!(await applyEdit(edit, { isRefactoring: targets.length > 1 })))
    throw new Error("The change could not be made, and nothing was written: the file may be read-only.");
  // Prices that have changed since the wrapper was written are no part of what an undo takes back.
  for (const [file, text] of rewritten) await writeFile(vscode.Uri.file(file), text);
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
