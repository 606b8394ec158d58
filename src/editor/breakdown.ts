import * as vscode from "vscode";
import type { CallId } from "../core/calls/callId";
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

  const show = async (uri: unknown, id: unknown): Promise<void> => {
    const call = typeof uri === "string" && typeof id === "string" ? { uri, id } : await callAtCursor(store);
    if (call === undefined) {
      const document = vscode.window.activeTextEditor?.document;
      void showInformation(
        (document === undefined ? undefined : store.noticeOf(document)) ?? "No OpenAI call at the cursor.",
      );
      return;
    }
    const page = pageOf(call);
    open.set(page.toString(), page);
    changed.fire(page);
    await vscode.commands.executeCommand("markdown.showPreviewToSide", page);
  };

  return vscode.Disposable.from(
    changed,
    vscode.commands.registerCommand(commands.showBreakdown, show),
    registerMarkdownPages(SCHEME, changed.event, (page) => contentOf(page, store)),
    store.onDidChange((uri) => {
      for (const page of open.values()) if (callOf(page).uri === uri.toString()) changed.fire(page);
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => open.delete(uri.toString())),
  );
}

/** A call of a document: the document's URI, and the call's identity there. */
interface CallOfDocument {
  uri: string;
  id: CallId;
}

const pageOf = ({ uri, id }: CallOfDocument): vscode.Uri =>
  vscode.Uri.from({ scheme: SCHEME, path: "/Prompt cost.md", query: new URLSearchParams({ uri, id }).toString() });

function callOf(page: vscode.Uri): CallOfDocument {
  const query = new URLSearchParams(page.query);
  return { uri: query.get("uri") ?? "", id: query.get("id") ?? "" };
}

async function contentOf(page: vscode.Uri, store: EstimateStore): Promise<Markdown> {
  const { uri, id } = callOf(page);
  const source = vscode.Uri.parse(uri);
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === source.toString());
  const estimates = document === undefined ? undefined : ((await store.get(document)) ?? store.peek(document));
  const call = estimates?.calls.find((one) => one.id === id);
  const name = vscode.workspace.asRelativePath(source);
  if (document === undefined || call === undefined)
    return markup`# Prompt cost\n\nThis call no longer exists. Open ${name} and click the CodeLens above a call.`;
  const line = document.positionAt(call.start).line + 1;
  return markup`# Prompt cost\n\n${name}, line ${line}\n\n${describeEstimate(call.api, call.estimate)}`;
}

async function callAtCursor(store: EstimateStore): Promise<CallOfDocument | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return undefined;
  const { document, selection } = editor;
  const estimates = await store.get(document);
  const offset = document.offsetAt(selection.active);
  const lineEnd = document.offsetAt(document.lineAt(selection.active.line).range.end);
  const call = estimates?.calls.findLast(({ start, end }) => start <= lineEnd && end >= offset);
  return call && { uri: document.uri.toString(), id: call.id };
}
