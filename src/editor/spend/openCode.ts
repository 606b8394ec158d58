import * as path from "node:path";
import * as vscode from "vscode";
import { showInformation } from "../notifications";

export interface Site {
  file: string | null;
  function: string | null;
  line: number | null;
}

/** Goes to the call that spans name; without a place, or where it is no longer there, to where the feature is named. */
export async function openCode(site: Site | null, feature: string | null): Promise<void> {
  const uri = site?.file === null || site?.file === undefined ? undefined : await findFile(site.file);
  if (uri !== undefined && site !== null) {
    const document = await vscode.workspace.openTextDocument(uri);
    const line = lineOf(document, site);
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(line, 0, line, 0) });
    return;
  }
  if (feature === null) {
    void showInformation(`${site?.file ?? "The call's file"} is not in this workspace.`);
    return;
  }
  await vscode.commands.executeCommand("workbench.action.findInFiles", {
    query: feature,
    isRegex: false,
    isCaseSensitive: true,
    triggerSearch: true,
  });
}

/** A file that a span names: relative to the project, or as it lay where the program ran. */
async function findFile(file: string): Promise<vscode.Uri | undefined> {
  const parts = file.split(/[\\/]/).filter((part) => part !== "" && part !== "." && part !== "..");
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const uri = vscode.Uri.joinPath(folder.uri, ...parts);
    if (await exists(uri)) return uri;
  }
  if (
    path.isAbsolute(file) &&
    vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file)) !== undefined &&
    (await exists(vscode.Uri.file(file)))
  )
    return vscode.Uri.file(file);
  const name = parts.at(-1);
  if (name === undefined || /[*?{}[\]]/.test(name)) return undefined;
  const found = await vscode.workspace.findFiles(`**/${name}`, "**/node_modules/**", 50);
  const shared = (uri: vscode.Uri): number => {
    const others = uri.path.split("/").reverse();
    const own = [...parts].reverse();
    return own.findIndex((part, index) => part !== others[index]);
  };
  // The one whose folders agree the longest; -1 is all of them.
  return found.sort((a, b) => (shared(b) < 0 ? Infinity : shared(b)) - (shared(a) < 0 ? Infinity : shared(a)))[0];
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    return (await vscode.workspace.fs.stat(uri)).type !== vscode.FileType.Directory;
  } catch {
    return false;
  }
}

/** The line, from 0; where only a function is known, that in which it is defined. */
function lineOf(document: vscode.TextDocument, { line, function: name }: Site): number {
  if (line !== null && line >= 1 && line <= document.lineCount) return line - 1;
  const bare = name?.split(".").at(-1) ?? "";
  if (!/^\w+$/.test(bare)) return 0;
  const definition = new RegExp(`\\b(def|function|const|async)\\s+${bare}\\b|^\\s*(async\\s+)?${bare}\\s*\\(`);
  for (let at = 0; at < document.lineCount; at++) if (definition.test(document.lineAt(at).text)) return at;
  return 0;
}
