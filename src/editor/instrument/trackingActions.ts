import * as vscode from "vscode";
import { commands } from "../contributions";
import type { EstimateStore } from "../estimates";

/** The light bulb on a call: track it, or take its tracking away. */
export class TrackingActions implements vscode.CodeActionProvider {
  constructor(private readonly store: EstimateStore) {}

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    _context: vscode.CodeActionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.CodeAction[]> {
    const estimates = await this.store.get(document, token);
    const at = document.offsetAt(range.start);
    const call = estimates?.calls.findLast(({ start, end }) => start <= at && end >= at);
    if (call === undefined) return [];
    const [title, command] =
      call.tracking === null
        ? ["Instrument this call", commands.instrumentCall]
        : ["Stop tracking this call", commands.removeTracking];
    const action = new vscode.CodeAction(title, vscode.CodeActionKind.RefactorRewrite);
    action.command = { title, command, arguments: [document.uri.toString(), call.start] };
    return [action];
  }
}
