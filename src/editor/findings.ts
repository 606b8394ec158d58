import * as vscode from "vscode";
import type { Fix, Report, SubjectName } from "../core/findings/finding";
import type { Severity } from "../core/findings/severity";
import { oneLine } from "../core/text/plain";
import { commands } from "./contributions";
import type { EstimateStore } from "./estimates";
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
  /** By document, and by what they are about: a wrapper's prices are code too, whose calls have findings of their own. */
  private readonly shown = new Map<string, Map<SubjectName, Shown[]>>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(store: EstimateStore) {
    this.subscriptions = [
      this.diagnostics,
      vscode.languages.registerCodeActionsProvider({ pattern: "**" }, this, {
        providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
      }),
      onDidChangeSettings(() => {
        for (const uri of this.shown.keys()) this.draw(vscode.Uri.parse(uri));
      }),
      store.onDidChange((uri) => {
        const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
        const estimates = document === undefined ? undefined : store.peek(document);
        if (document === undefined || estimates === undefined) this.clear("call", uri);
        // Marks move with the text until the newest estimates are here.
        else if (estimates.version === document.version) this.show("call", document, estimates.findings);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.clear("call", document.uri);
      }),
    ];
  }

  /** Shows these findings about something in a document, in place of those before. */
  show(about: SubjectName, document: vscode.TextDocument, reports: readonly Report[]): void {
    const found = reports.map((report) => ({
      report,
      range: new vscode.Range(document.positionAt(report.start), document.positionAt(report.end)),
    }));
    if (found.length === 0) return this.clear(about, document.uri);
    const name = document.uri.toString();
    const all = this.shown.get(name) ?? new Map<SubjectName, Shown[]>();
    this.shown.set(name, all.set(about, found));
    this.draw(document.uri);
  }

  clear(about: SubjectName, uri: vscode.Uri): void {
    const all = this.shown.get(uri.toString());
    if (all?.delete(about) !== true) return;
    if (all.size === 0) this.shown.delete(uri.toString());
    this.draw(uri);
  }

  private foundIn(uri: vscode.Uri): Shown[] {
    return [...(this.shown.get(uri.toString())?.values() ?? [])].flat();
  }

  private draw(uri: vscode.Uri): void {
    const severities = readSeverities(uri);
    this.diagnostics.set(
      uri,
      this.foundIn(uri).flatMap(({ report: { id, message, severity: usual }, range }) => {
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
    const found = this.foundIn(document.uri);
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
