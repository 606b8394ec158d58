import * as vscode from "vscode";
import { describeEstimate } from "../core/estimate/describe";
import { type Markdown, markup } from "../core/text/markdown";
import { commands } from "./contributions";
import type { EstimateStore } from "./estimates";
import { registerMarkdownPages } from "./markdown";
import { showInformation } from "./notifications";

const SCHEME = "prompt-cost";

/** The page that a click on a hint opens: the call's breakdown, which follows every edit while it is open. */
export function registerBreakdown(store: EstimateStore): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const open = new Map<string, vscode.Uri>();

  const show = async (uri: unknown, index: unknown): Promise<void> => {
    const call = typeof uri === "string" && typeof index === "number" ? { uri, index } : await callAtCursor(store);
    if (call === undefined) {
      const document = vscode.window.activeTextEditor?.document;
      void showInformation(
        (document === undefined ? undefined : store.noticeOf(document)) ??
          "Put the cursor on a call to OpenAI first: there is none here that Prompt Cost Lens knows of.",
      );
      return;
    }
    const page = pageOf(call.uri, call.index);
    open.set(page.toString(), page);
    changed.fire(page);
    await vscode.commands.executeCommand("markdown.showPreviewToSide", page);
  };

  return vscode.Disposable.from(
    changed,
    vscode.commands.registerCommand(commands.showBreakdown, show),
    registerMarkdownPages(SCHEME, changed.event, (page) => contentOf(page, store)),
    store.onDidChange((uri) => {
      for (const page of open.values())
        if (page.query.startsWith(`${encodeURIComponent(uri.toString())}&`)) changed.fire(page);
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => open.delete(uri.toString())),
  );
}

const pageOf = (uri: string, index: number): vscode.Uri =>
  vscode.Uri.from({ scheme: SCHEME, path: "/Prompt cost.md", query: `${encodeURIComponent(uri)}&${index}` });

async function contentOf(page: vscode.Uri, store: EstimateStore): Promise<Markdown> {
  const [uri = "", index = ""] = page.query.split("&");
  const source = vscode.Uri.parse(decodeURIComponent(uri));
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === source.toString());
  const estimates = document === undefined ? undefined : ((await store.get(document)) ?? store.peek(document));
  const call = estimates?.calls[Number(index)];
  const name = vscode.workspace.asRelativePath(source);
  if (document === undefined || call === undefined)
    return markup`# Prompt cost\n\nThe call is no longer there. Open ${name} and click the line above a call.`;
  const line = document.positionAt(call.start).line + 1;
  return markup`# Prompt cost\n\n${name}, line ${line}\n\n${describeEstimate(call.api, call.estimate)}`;
}

async function callAtCursor(store: EstimateStore): Promise<{ uri: string; index: number } | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return undefined;
  const { document, selection } = editor;
  const estimates = await store.get(document);
  const offset = document.offsetAt(selection.active);
  const lineEnd = document.offsetAt(document.lineAt(selection.active.line).range.end);
  const index = (estimates?.calls ?? []).findLastIndex(({ start, end }) => start <= lineEnd && end >= offset);
  return index < 0 ? undefined : { uri: document.uri.toString(), index };
}
