import * as vscode from "vscode";
import type { Fix, Report } from "../core/findings/finding";
import type { Severity } from "../core/findings/severity";
import { oneLine } from "../core/text/plain";
import { commands } from "./contributions";
import { type EstimateStore, isSupported } from "./estimates";
import { onDidChangeSettings, readSeverities } from "./settings";

const severityOf: Record<Severity, vscode.DiagnosticSeverity> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

interface Shown {
  report: Report;
  range: vscode.Range;
}

/** Shows findings at their places, at the severity that the user has set, and offers their fixes. */
export class Findings implements vscode.Disposable, vscode.CodeActionProvider {
  private readonly diagnostics = vscode.languages.createDiagnosticCollection("promptCost");
  private readonly shown = new Map<string, { uri: vscode.Uri; found: Shown[] }>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(store: EstimateStore) {
    this.subscriptions = [
      this.diagnostics,
      vscode.languages.registerCodeActionsProvider({ pattern: "**" }, this, {
        providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
      }),
      onDidChangeSettings(() => {
        for (const { uri, found } of this.shown.values()) this.draw(uri, found);
      }),
      store.onDidChange((uri) => {
        const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
        const estimates = document === undefined ? undefined : store.peek(document);
        if (document === undefined || estimates === undefined) this.clear(uri);
        // Marks move with the text until the newest estimates are here.
        else if (estimates.version === document.version) this.show(document, estimates.findings);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (isSupported(document)) this.clear(document.uri);
      }),
    ];
  }

  /** Shows these findings of a document, in place of those before. */
  show(document: vscode.TextDocument, reports: readonly Report[]): void {
    const found = reports.map((report) => ({
      report,
      range: new vscode.Range(document.positionAt(report.start), document.positionAt(report.end)),
    }));
    if (found.length === 0) return this.clear(document.uri);
    this.shown.set(document.uri.toString(), { uri: document.uri, found });
    this.draw(document.uri, found);
  }

  clear(uri: vscode.Uri): void {
    if (this.shown.delete(uri.toString())) this.diagnostics.delete(uri);
  }

  private draw(uri: vscode.Uri, found: readonly Shown[]): void {
    const severities = readSeverities(uri);
    this.diagnostics.set(
      uri,
      found.flatMap(({ report: { id, message, severity: usual }, range }) => {
        const severity = severities(id) ?? usual;
        if (severity === "off") return [];
        const diagnostic = new vscode.Diagnostic(range, oneLine(message), severityOf[severity]);
        diagnostic.source = "Prompt Cost Lens";
        diagnostic.code = id;
        return [diagnostic];
      }),
    );
  }

  provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const { found } = this.shown.get(document.uri.toString()) ?? { found: [] };
    return diagnostics.flatMap((diagnostic) => {
      const at = found.find(({ report, range }) => report.id === diagnostic.code && range.isEqual(diagnostic.range));
      return (at?.report.fixes ?? []).flatMap((fix, index) => {
        const action = actionOf(fix, document);
        if (action === undefined) return [];
        action.diagnostics = [diagnostic];
        action.isPreferred = index === 0;
        return [action];
      });
    });
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
  }
}

/** Undefined where the fix can't be made: in a workspace that isn't trusted, or in a text that has changed. */
function actionOf(fix: Fix, document: vscode.TextDocument): vscode.CodeAction | undefined {
  const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
  if (fix.kind === "command") {
    action.command = { title: fix.title, command: commands[fix.command] };
    return action;
  }
  if (!vscode.workspace.isTrusted || fix.edits.length === 0) return undefined;
  action.edit = new vscode.WorkspaceEdit();
  for (const { start, was, text } of fix.edits) {
    const range = new vscode.Range(document.positionAt(start), document.positionAt(start + was.length));
    if (document.getText(range) !== was) return undefined;
    action.edit.replace(document.uri, range, text);
  }
  return action;
}
