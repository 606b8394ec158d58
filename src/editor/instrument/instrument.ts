import * as vscode from "vscode";
import { commands } from "../contributions";
import { documentSelector, pathOf } from "../estimates";
import { readTelemetrySettings, readTrackingSettings } from "../settings";
import type { TelemetryWorker } from "../telemetry/telemetryWorker";
import { askFeature, askUserId } from "./questions";
import type { TrackableCall, TrackingWorker } from "./trackingWorker";

/** Most files that "…in the workspace" looks at. */
const MOST_FILES = 5000;

interface Target {
  document: vscode.TextDocument;
  file: string;
  root: string;
  calls: TrackableCall[];
}

/** "Instrument this call" and its kin: from a bare call to a tracked one, and back. */
export function registerInstrument(context: vscode.ExtensionContext, worker: TrackingWorker, telemetry: TelemetryWorker): vscode.Disposable {
  const open = async (document: vscode.TextDocument): Promise<Target | undefined> => {
    const [file, folder] = [pathOf(document.uri), vscode.workspace.getWorkspaceFolder(document.uri)];
    const root = folder === undefined ? null : pathOf(folder.uri);
    if (file === null || root === null || vscode.languages.match(documentSelector, document) === 0) return undefined;
    return { document, file, root, calls: await worker.calls(file, document.getText(), root) };
  };

  /** Makes all changes in one edit, which one undo takes back. */
  const change = async (targets: readonly (Target & { chosen: { start: number; feature: string; userId: string | null }[] })[], isRemoval: boolean, needsPreview: boolean): Promise<number> => {
    const edit = new vscode.WorkspaceEdit();
    const metadata = needsPreview ? { needsConfirmation: true, label: isRemoval ? "Remove tracking" : "Track calls" } : undefined;
    const versions = targets.map(({ document }) => document.version);
    const written = new Set<string>();
    let calls = 0;
    for (const { document, file, root, chosen } of targets) {
      const { edits, files } = await worker.track({ file, text: document.getText(), root, chosen, isRemoval, ...readTrackingSettings(document) });
      if (edits.length > 0) calls += chosen.length;
      for (const { start, end, text } of edits) edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), text, metadata);
      for (const made of files) {
        if (written.has(made.file)) continue;
        written.add(made.file);
        edit.createFile(vscode.Uri.file(made.file), { overwrite: true, contents: new TextEncoder().encode(made.text) }, metadata);
      }
    }
    if (calls === 0) return 0;
    if (targets.some(({ document }, index) => document.version !== versions[index])) throw new Error("The file has changed meanwhile; nothing was written. Run the command again.");
    if (!(await vscode.workspace.applyEdit(edit, { isRefactoring: true }))) throw new Error("The change was not made: a file may be read-only, or the preview was left.");
    if (!isRemoval) telemetry.receiveUnlessStopped(readTelemetrySettings().port);
    return calls;
  };

  const atCursor = async (uri: unknown, offset: unknown): Promise<[Target, TrackableCall] | undefined> => {
    const editor = vscode.window.activeTextEditor;
    const document = typeof uri === "string" ? await vscode.workspace.openTextDocument(vscode.Uri.parse(uri)) : editor?.document;
    const target = document === undefined ? undefined : await open(document);
    if (target === undefined) {
      void vscode.window.showInformationMessage("Open a Python, TypeScript or JavaScript file of a workspace folder, and put the cursor on a call to OpenAI.");
      return undefined;
    }
    const at = typeof offset === "number" ? offset : editor === undefined ? 0 : target.document.offsetAt(editor.selection.active);
    const lineEnd = target.document.offsetAt(target.document.lineAt(target.document.positionAt(at)).range.end);
    const call = target.calls.findLast(({ start, end }) => start <= lineEnd && end >= at);
    if (call === undefined) void vscode.window.showInformationMessage("Put the cursor on a call to OpenAI first: there is none here that Prompt Cost Lens knows of.");
    return call === undefined ? undefined : [target, call];
  };

  const instrumentCall = async (uri?: unknown, offset?: unknown): Promise<void> => {
    const found = await atCursor(uri, offset);
    if (found === undefined) return;
    const [target, call] = found;
    if (call.isTracked) return void vscode.window.showInformationMessage(`This call is tracked already${call.feature === null ? "" : `, as “${call.feature}”`}.`);
    if (call.refusal !== null) return void vscode.window.showWarningMessage(`This call can't be tracked safely: ${call.refusal}.`);
    const feature = await askFeature(context, call.suggestion);
    if (feature === undefined) return;
    const userId = call.userIds.length === 0 ? null : await askUserId(call.userIds);
    if (userId === undefined) return;
    await change([{ ...target, chosen: [{ start: call.start, feature, userId }] }], false, false);
  };

  const removeFromCall = async (uri?: unknown, offset?: unknown): Promise<void> => {
    const found = await atCursor(uri, offset);
    if (found === undefined) return;
    const [target, call] = found;
    if (!call.isTracked) return void vscode.window.showInformationMessage("This call is not tracked.");
    await change([{ ...target, chosen: [{ start: call.start, feature: "", userId: null }] }], true, false);
  };

  const all = async (documents: readonly vscode.TextDocument[], isRemoval: boolean, needsPreview: boolean): Promise<void> => {
    const targets = [];
    let refused = 0;
    for (const document of documents) {
      const target = await open(document);
      const chosen = (target?.calls ?? []).filter(({ isTracked, refusal }) => isTracked === isRemoval && (isRemoval || refusal === null));
      refused += isRemoval ? 0 : (target?.calls ?? []).filter(({ refusal }) => refusal !== null).length;
      if (target !== undefined && chosen.length > 0) targets.push({ ...target, chosen: chosen.map(({ start, suggestion }) => ({ start, feature: suggestion, userId: null })) });
    }
    const calls = await change(targets, isRemoval, needsPreview);
    const left = refused === 0 ? "" : ` ${refused} can't be tracked safely; the command on each says why.`;
    void vscode.window.showInformationMessage(calls === 0 ? `There is no call to ${isRemoval ? "take the tracking from" : "track"}.${left}` : `${calls} ${calls === 1 ? "call is" : "calls are"} ${isRemoval ? "no longer tracked" : "tracked, each as the function around it is called"}.${left}`);
  };

  const workspaceDocuments = async (): Promise<vscode.TextDocument[]> => {
    const files = await vscode.workspace.findFiles("**/*.{py,ts,tsx,js,jsx,mjs,cjs,mts,cts}", "**/{node_modules,.venv,venv,site-packages,dist,build}/**", MOST_FILES);
    const documents: vscode.TextDocument[] = [];
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: "Looking for calls to OpenAI", cancellable: true }, async (progress, token) => {
      for (const [index, uri] of files.entries()) {
        if (token.isCancellationRequested) return;
        if (index % 50 === 0) progress.report({ message: `${index} of ${files.length} files` });
        const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
        if (/\b(completions|responses|embeddings)\b/.test(text)) documents.push(await vscode.workspace.openTextDocument(uri));
      }
    });
    return documents;
  };

  const activeDocument = (): vscode.TextDocument[] => (vscode.window.activeTextEditor === undefined ? [] : [vscode.window.activeTextEditor.document]);
  /** Whatever fails says so where the person looks; nothing was written then. */
  const command = (id: string, run: (...given: unknown[]) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(id, async (...given: unknown[]) => {
      try {
        await run(...given);
      } catch (error) {
        void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
      }
    });

  return vscode.Disposable.from(
    command(commands.instrumentCall, instrumentCall),
    command(commands.instrumentFile, () => all(activeDocument(), false, false)),
    command(commands.instrumentWorkspace, async () => all(await workspaceDocuments(), false, true)),
    command(commands.removeTracking, removeFromCall),
    command(commands.removeTrackingEverywhere, async () => all(await workspaceDocuments(), true, true)),
    vscode.languages.registerCodeActionsProvider(
      documentSelector,
      {
        provideCodeActions: async (document, range) => {
          const target = await open(document);
          const at = document.offsetAt(range.start);
          const call = target?.calls.findLast(({ start, end }) => start <= at && end >= at);
          if (call === undefined || (call.refusal !== null && !call.isTracked)) return [];
          const [title, id] = call.isTracked ? ["Remove the tracking from this call", commands.removeTracking] : ["Instrument this call", commands.instrumentCall];
          const action = new vscode.CodeAction(title, vscode.CodeActionKind.RefactorRewrite);
          action.command = { title, command: id, arguments: [document.uri.toString(), call.start] };
          return [action];
        },
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.RefactorRewrite] },
    ),
  );
}
