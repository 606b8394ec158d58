import * as assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";

export function folder(): vscode.WorkspaceFolder {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(first !== undefined, "the suite runs in a workspace");
  return first;
}

export const uriOf = (file: string): vscode.Uri => vscode.Uri.joinPath(folder().uri, file);

export async function open(file: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uriOf(file));
  await vscode.window.showTextDocument(document);
  return document;
}

/** Writes a new file into the workspace and opens it. */
export async function openNew(file: string, content: string | Uint8Array): Promise<vscode.TextDocument> {
  writeFileSync(path.join(folder().uri.fsPath, file), content);
  return open(file);
}

/** The titles of a document's lenses of cost, in order. */
export const lenses = async (document: vscode.TextDocument): Promise<string[]> =>
  (await costLenses(document)).map((lens) => lens.command?.title ?? "");

/** Clicks on a call's lens of cost, and gives the page that opens. */
export async function openBreakdown(document: vscode.TextDocument, index: number): Promise<vscode.TextDocument> {
  const command = (await costLenses(document))[index]?.command;
  assert.ok(command !== undefined, `there is no call ${index}`);
  const [uri, id] = command.arguments as [string, string];
  await vscode.commands.executeCommand(command.command, uri, id);
  const query = new URLSearchParams({ uri, id }).toString();
  return vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: "prompt-cost", path: "/Prompt cost.md", query }));
}

async function costLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
  const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    "vscode.executeCodeLensProvider",
    document.uri,
    100,
  );
  return found
    .filter(({ command }) => command?.command === "promptCost.showBreakdown")
    .sort((a, b) => a.range.start.compareTo(b.range.start));
}

/** Waits until a document's lenses are as wanted, and fails with what they are instead. */
export async function eventually(
  document: vscode.TextDocument,
  isWanted: (titles: string[]) => boolean,
): Promise<string[]> {
  let titles: string[] = [];
  for (let tries = 0; tries < 100; tries++) {
    titles = await lenses(document);
    if (isWanted(titles)) return titles;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`the lenses are ${JSON.stringify(titles)}`);
}

/** Replaces the first occurrence of a text, as one edit. */
export async function replace(document: vscode.TextDocument, from: string, to: string): Promise<void> {
  const at = document.getText().indexOf(from);
  assert.ok(at >= 0, `${from} is not in the document`);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + from.length)), to);
  assert.ok(await vscode.workspace.applyEdit(edit));
}
