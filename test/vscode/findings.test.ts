import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { openNew, replace } from "./editing";

/** Our findings in a document, as soon as they are as wanted. */
function found(uri: vscode.Uri, isWanted: (all: vscode.Diagnostic[]) => boolean): Promise<vscode.Diagnostic[]> {
  const now = (): vscode.Diagnostic[] =>
    vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "Prompt Cost Lens");
  return new Promise((resolve) => {
    const look = (): boolean => {
      if (!isWanted(now())) return false;
      listening.dispose();
      resolve(now());
      return true;
    };
    const listening = vscode.languages.onDidChangeDiagnostics(() => void look());
    look();
  });
}

describe("A finding in the editor", () => {
  const code = (model: string): string =>
    `from openai import OpenAI\nclient = OpenAI()\nclient.chat.completions.create(model="${model}", messages=[])\n`;
  const setting = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("promptCost.findings");

  it("is marked at its place with its severity, offers its fix, and goes with its cause", async () => {
    const document = await openNew("app/unpriced.py", code("nobody-knows"));
    const [mark] = await found(document.uri, (all) => all.length === 1);
    assert.ok(mark !== undefined);
    assert.deepEqual([mark.code, mark.severity], ["unpricedModel", vscode.DiagnosticSeverity.Hint]);
    assert.equal(document.getText(mark.range), "client.chat.completions.create");
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      mark.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    assert.deepEqual(
      actions.map(({ title, command }) => [title, command?.command]),
      [["Open the pricing table", "promptCost.openPricingTable"]],
    );
    await replace(document, "nobody-knows", "gpt-4o");
    await found(document.uri, (all) => all.length === 0);
  });

  it("has the severity that the user has set, and none where it is off", async () => {
    const { uri } = await openNew("app/unpricedToo.py", code("nobody-knows"));
    try {
      await setting().update("severity", { unpricedModel: "warning" }, vscode.ConfigurationTarget.Workspace);
      await found(uri, ([mark]) => mark?.severity === vscode.DiagnosticSeverity.Warning);
      await setting().update("severity", { unpricedModel: "off" }, vscode.ConfigurationTarget.Workspace);
      await found(uri, (all) => all.length === 0);
      await setting().update("severity", { unpricedModel: "loud" }, vscode.ConfigurationTarget.Workspace);
      await found(uri, ([mark]) => mark?.severity === vscode.DiagnosticSeverity.Hint);
    } finally {
      await setting().update("severity", undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});
