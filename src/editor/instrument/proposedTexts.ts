import * as vscode from "vscode";
import { showInformation } from "../notifications";

const SCHEME = "prompt-cost-proposed";

/** A file as it would become: null where it would go. */
export interface ProposedText {
  uri: vscode.Uri;
  text: string | null;
  isNew: boolean;
}

/** Shows files beside what they would become, and asks. */
export class ProposedTexts implements vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly provider = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: (uri) => this.texts.get(uri.toString()) ?? "",
  });
  private shown = 0;

  /** Whether the person takes the change. @param yes what the button says that takes it. */
  async agreed(title: string, files: readonly ProposedText[], question: string, yes: string): Promise<boolean> {
    // A number makes each showing new: VS Code keeps what it once read of an address.
    const number = String(++this.shown);
    const sides = files.map(({ uri, text, isNew }): [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined] => {
      const proposed = uri.with({ scheme: SCHEME, authority: "", query: number });
      if (text !== null) this.texts.set(proposed.toString(), text);
      return [uri, isNew ? undefined : uri, text === null ? undefined : proposed];
    });
    try {
      await vscode.commands.executeCommand("vscode.changes", title, sides);
      return (await showInformation(question, yes, "Discard")) === yes;
    } finally {
      await vscode.window.tabGroups.close(
        vscode.window.tabGroups.all
          .flatMap(({ tabs }) => tabs)
          // The API has no input for such a tab: its label is all there is to know it by.
          .filter(({ label }) => label === title || label.startsWith(`${title} (`)),
      );
      this.texts.clear();
    }
  }

  dispose(): void {
    this.provider.dispose();
  }
}
