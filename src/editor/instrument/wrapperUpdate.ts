import * as vscode from "vscode";
import { messageOf } from "../../core/failure";
import { isOwn, wrapperNames } from "../../core/instrument/wrapperNames";
import { commands } from "../contributions";
import { showError, showInformation, showWarning } from "../notifications";
import { applyEdit, mayWrite } from "../workspaceWrites";
import type { ProposedTexts } from "./proposedTexts";
import { readUri } from "../readUri";

const patternOf = (which: 0 | 1): string =>
  `**/{${Object.values(wrapperNames)
    .map((names) => names[which])
    .join(",")}}`;
export const wrapperPatterns = {
  wrappers: patternOf(0),
  prices: patternOf(1),
  excluded: "**/{node_modules,.venv,venv,site-packages,dist}/**",
};

/** "Update Wrapper": shows what would change in each file of a wrapper, and writes what the person takes. */
export class WrapperUpdate implements vscode.Disposable {
  private readonly command = vscode.commands.registerCommand(commands.updateWrapper, () => this.run());

  /** @param wanted what a file of a wrapper would hold now; undefined where that can't be known. */
  constructor(
    private readonly wanted: (uri: vscode.Uri) => Promise<string | undefined>,
    private readonly proposed: ProposedTexts,
  ) {}

  private async run(): Promise<void> {
    if (!(await mayWrite())) return;
    const found = [
      ...(await vscode.workspace.findFiles(wrapperPatterns.wrappers, wrapperPatterns.excluded)),
      ...(await vscode.workspace.findFiles(wrapperPatterns.prices, wrapperPatterns.excluded)),
    ];
    let differing = 0;
    const leftAlone: string[] = [];
    for (const uri of found) {
      const name = vscode.workspace.asRelativePath(uri);
      try {
        const [before, text] = [await readUri(uri), await this.wanted(uri)];
        if (before === undefined || text === undefined) {
          leftAlone.push(name);
          continue;
        }
        if (before === text || !isOwn(before)) continue;
        differing++;
        const question = `Update ${name} to what is shown on the right? Your own changes to it will be lost; a single undo restores them.`;
        if (await this.proposed.agreed(`Update ${name}`, [{ uri, text, isNew: false }], question, "Update"))
          await replace(uri, text);
      } catch (error) {
        void showError(`${name} was not updated: ${messageOf(error)}`);
        return;
      }
    }
    if (leftAlone.length > 0)
      void showWarning(
        `Not updated: ${leftAlone.join(", ")}. Only regular files inside the workspace are updated, without symbolic links on the way.`,
      );
    else if (differing === 0)
      void showInformation(
        found.length === 0
          ? "This workspace has no wrapper yet: instrument a call first."
          : "The wrapper and its prices are up to date.",
      );
  }

  dispose(): void {
    this.command.dispose();
  }
}

/** Replaces a file's text, so that an undo brings it back, and saves it. */
async function replace(uri: vscode.Uri, text: string): Promise<void> {
  const { lineCount } = await vscode.workspace.openTextDocument(uri);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, new vscode.Range(0, 0, lineCount, 0), text);
  const isMade = await applyEdit(edit);
  // Opened once more: a document that no tab shows may have been closed, and reopened by the edit.
  if (!isMade || !(await (await vscode.workspace.openTextDocument(uri)).save()))
    throw new Error("it could not be written");
}
