import path from "node:path";
import * as vscode from "vscode";
import { MAX_FILE_SIZE, readTextFileAsync } from "../core/files/readFile";

/**
 * A workspace file's text as it lies on its file system; undefined where there is none, or none that may be read. On
 * this machine's file system, only regular files that really lie in the workspace are.
 */
export async function readUri(uri: vscode.Uri): Promise<string | undefined> {
  if (uri.scheme === "file") {
    const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
    const isInWorkspace = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
    const content = await readTextFileAsync(uri.fsPath, isInWorkspace ? folders : [path.dirname(uri.fsPath)]);
    return "text" in content ? content.text : undefined;
  }
  try {
    const stat = await vscode.workspace.fs.stat(uri);
    if ((stat.type & vscode.FileType.File) === 0 || stat.size > MAX_FILE_SIZE) return undefined;
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined;
  }
}
