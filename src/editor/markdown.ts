import * as vscode from "vscode";
import type { Markdown } from "../core/text/markdown";

/**
 * Markdown for a hover. HTML, icons and links to commands stay off; ESLint keeps `vscode.MarkdownString` to this file.
 * @param enabledCommands commands that our own links in it may run.
 */
export function markdownString({ text }: Markdown, enabledCommands: readonly string[] = []): vscode.MarkdownString {
  const content = new vscode.MarkdownString(text, false);
  content.supportHtml = false;
  content.isTrusted = enabledCommands.length === 0 ? false : { enabledCommands };
  return content;
}

/** Provides the pages of a scheme, which are Markdown. */
export const registerMarkdownPages = (
  scheme: string,
  onDidChange: vscode.Event<vscode.Uri>,
  write: (page: vscode.Uri) => Markdown | Promise<Markdown>,
): vscode.Disposable =>
  vscode.workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange,
    provideTextDocumentContent: async (page) => `${(await write(page)).text}\n`,
  });
