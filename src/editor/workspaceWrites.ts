import * as vscode from "vscode";
import { showWarning } from "./notifications";

/**
 * All that the extension writes into a workspace goes through here, so that nothing is written into one that isn't
 * trusted: not the wrapper, nor its prices, nor a call. ESLint keeps the editor's own functions to this file.
 */

/** Whether the workspace may be written to; says why not, and leads to where its trust is given. */
export async function mayWrite(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = "Manage Workspace Trust";
  const picked = await showWarning(
    "This workspace isn't trusted, so Prompt Cost Lens writes nothing in it. Costs are shown as usual.",
    manage,
  );
  if (picked === manage) await vscode.commands.executeCommand("workbench.trust.manage");
  return false;
}

/** @returns whether the edit was made. @throws where the workspace isn't trusted. */
export async function applyEdit(edit: vscode.WorkspaceEdit, metadata?: vscode.WorkspaceEditMetadata): Promise<boolean> {
  requireTrust();
  return vscode.workspace.applyEdit(edit, metadata);
}

/** Writes a file of the workspace as UTF-8. @throws where the workspace isn't trusted, or the file can't be written. */
export async function writeFile(uri: vscode.Uri, text: string): Promise<void> {
  requireTrust();
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
}

/** Writes to where a person has just said in a dialog. @throws where it can't be written. */
export async function saveAs(target: vscode.Uri, bytes: Uint8Array): Promise<void> {
  await vscode.workspace.fs.writeFile(target, bytes);
}

function requireTrust(): void {
  if (!vscode.workspace.isTrusted) throw new Error("This workspace isn't trusted; nothing was written.");
}
