import * as vscode from "vscode";
import { documentSelector, pathOf } from "../estimates";
import { showInformation } from "../notifications";
import { readUri } from "../readUri";
import type { TrackableCall, TrackingWorker } from "./trackingWorker";

/** Most files that "…in the workspace" looks at. */
const MAX_FILES = 20_000;
const EXCLUDED = "**/{node_modules,.venv,venv,site-packages,dist,build,out,.git}/**";

/** A document whose calls can be tracked, as it was when it was looked at. */
export interface Target {
  document: vscode.TextDocument;
  version: number;
  file: string;
  /** The workspace folder that it lies in. */
  root: string;
  calls: TrackableCall[];
  hasErrors: boolean;
}

/** Finds what the commands are about. */
export class Targets {
  constructor(private readonly worker: TrackingWorker) {}

  /** Undefined where the document is of no language that is known, or lies in no workspace folder. */
  async open(document: vscode.TextDocument): Promise<Target | undefined> {
    const [file, folder] = [pathOf(document.uri), vscode.workspace.getWorkspaceFolder(document.uri)];
    const root = folder === undefined ? null : pathOf(folder.uri);
    if (file === null || root === null || vscode.languages.match(documentSelector, document) === 0) return undefined;
    const { version } = document;
    const { calls, hasErrors } = await this.worker.calls(file, document.getText(), root);
    const isWritable = vscode.workspace.fs.isWritableFileSystem(document.uri.scheme) !== false;
    return {
      document,
      version,
      file,
      root,
      hasErrors,
      calls: isWritable ? calls : calls.map((call) => ({ ...call, refusal: call.refusal ?? "its file is read-only" })),
    };
  }

  /** The call that a lens or a menu is about, or the one at the cursor; says what is missing where there is none. */
  async atCursor(uri: unknown, offset: unknown): Promise<[Target, TrackableCall] | undefined> {
    const editor = vscode.window.activeTextEditor;
    const document =
      typeof uri === "string" ? await vscode.workspace.openTextDocument(vscode.Uri.parse(uri)) : editor?.document;
    const target = document === undefined ? undefined : await this.open(document);
    if (target === undefined) {
      const text =
        document?.uri.scheme === "vscode-notebook-cell"
          ? "Cells of notebooks can't be instrumented yet: move the call into a module, and instrument it there."
          : document?.isUntitled === true
            ? "Save the file first: the wrapper is written beside it."
            : "Open a Python, TypeScript or JavaScript file of a workspace folder, and put the cursor on a call to OpenAI.";
      void showInformation(text);
      return undefined;
    }
    const at =
      typeof offset === "number"
        ? offset
        : editor === undefined
          ? 0
          : target.document.offsetAt(editor.selection.active);
    const lineEnd = target.document.offsetAt(target.document.lineAt(target.document.positionAt(at)).range.end);
    // The innermost call around the cursor, else the first one that begins on its line.
    const call =
      target.calls.findLast(({ start, end }) => start <= at && end >= at) ??
      target.calls.find(({ start, end }) => start <= lineEnd && end >= at);
    if (call !== undefined) return [target, call];
    void showInformation(
      target.hasErrors
        ? "No OpenAI call can be read here: the file has syntax errors."
        : "No OpenAI call at the cursor.",
    );
    return undefined;
  }

  /** The workspace's documents that may hold calls; undefined where the person has cancelled. */
  async inWorkspace(): Promise<vscode.TextDocument[] | undefined> {
    return vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: "Looking for OpenAI calls", cancellable: true },
      async (progress, token) => {
        const { sourcesGlob, mayHoldCalls } = await import("../../core/instrument/sources");
        const files = await vscode.workspace.findFiles(sourcesGlob, EXCLUDED, MAX_FILES, token);
        const documents: vscode.TextDocument[] = [];
        for (const [index, uri] of files.entries()) {
          if (token.isCancellationRequested) return undefined;
          if (index % 50 === 0)
            progress.report({ message: `${index} of ${files.length} files`, increment: 5000 / files.length });
          // It may be gone since it was listed.
          if (mayHoldCalls(uri.path, (await readUri(uri)) ?? ""))
            documents.push(await vscode.workspace.openTextDocument(uri));
        }
        return token.isCancellationRequested ? undefined : documents;
      },
    );
  }
}
