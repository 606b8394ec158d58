import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** The page of a view: it loads what was built for it, and nothing else from anywhere (CSP). */
export function webviewPage(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  view: "sidebar" | "dashboard",
  title: string,
): string {
  const nonce = randomBytes(16).toString("base64");
  const asset = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, "dist", "webview", name)).toString();
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; font-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
<link rel="stylesheet" href="${asset("codicon.css")}">
<link rel="stylesheet" href="${asset("main.css")}">
<title>${title}</title>
</head>
<body data-view="${view}">
<div id="root"></div>
<script nonce="${nonce}" src="${asset("main.js")}"></script>
</body>
</html>`;
}

/** What a view may do and load. */
export const webviewOptions = (extensionUri: vscode.Uri): vscode.WebviewOptions => ({
  enableScripts: true,
  localResourceRoots: [vscode.Uri.joinPath(extensionUri, "dist", "webview")],
});
