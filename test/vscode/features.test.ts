import * as assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { eventually, lenses, open, openBreakdown, openNew, replace, uriOf } from "./editing";

const table = "prompt-cost.pricing.json";

describe("Hover", () => {
  it("breaks the call down by message, cost and origin", async () => {
    const document = await open("app/summary.py");
    await lenses(document);
    const position = document.positionAt(document.getText().indexOf("client.chat.completions.create") + 10);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      position,
    );
    const text = hovers
      .flatMap((hover) => hover.contents.map((content) => (typeof content === "string" ? content : content.value)))
      .join("\n");
    for (const wanted of [
      "1\\. system message",
      "2\\. user message",
      "overhead",
      "output at its limit",
      "$2.50 per million",
      table,
      "Tokens: exact",
    ])
      assert.ok(text.includes(wanted), `${wanted} is not in ${text}`);
  });

  it("names the hole of a prompt", async () => {
    const document = await open("app/summary.py");
    const position = document.positionAt(
      document.getText().indexOf("client.chat", document.getText().indexOf("with_hole")) + 3,
    );
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      position,
    );
    const text = hovers
      .flatMap((hover) => hover.contents.map((content) => (typeof content === "string" ? content : content.value)))
      .join("\n");
    assert.match(text, /\| `document` \| \? \|/);
    assert.match(text, /at least/);
  });
});

describe("Names that others wrote", () => {
  it("are text in hints, hovers and pages", async () => {
    const model = "![x](https://evil.example/p.png) [a](command:workbench.action.quit) <img src=x> $(trash)";
    const document = await openNew(
      "app/hostile.py",
      `from openai import OpenAI\nclient = OpenAI()\nclient.chat.completions.create(model="${model}", messages=[])\n`,
    );
    const [title] = await eventually(document, ([first]) => first?.includes("evil.example") === true);
    assert.doesNotMatch(title ?? "", /\$\(/);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      new vscode.Position(2, 10),
    );
    const contents = hovers.flatMap((hover) => hover.contents as vscode.MarkdownString[]);
    const own = contents.find(({ value }) => value.includes("evil.example"));
    assert.ok(own !== undefined);
    assert.ok(own.value.includes(`\`${model}\``), own.value);
    assert.equal(own.supportHtml ?? false, false);
    assert.equal(own.supportThemeIcons ?? false, false);
    assert.deepEqual(own.isTrusted, { enabledCommands: ["promptCost.showBreakdown"] });
    const page = await openBreakdown(document, 0);
    const html = await vscode.commands.executeCommand<string>("markdown.api.render", page.getText());
    assert.doesNotMatch(html, /<img|<a /);
    assert.ok(html.includes("evil.example"));
  });
});

describe("Breakdown", () => {
  it("opens on a click and holds the call's figures", async () => {
    const document = await open("app/summary.py");
    await lenses(document);
    const page = await openBreakdown(document, 0);
    const isOpen = (): boolean =>
      vscode.window.tabGroups.all.some((group) => group.tabs.some((tab) => tab.label.includes("Prompt cost")));
    for (let tries = 0; tries < 100 && !isOpen(); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(isOpen(), "the page is open");
    assert.match(page.getText(), /summary\.py`, line 11/);
    assert.match(page.getText(), /system message/);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("goes on describing its call when another is typed above, and says when it is gone", async () => {
    const call = (model: string): string => `client.chat.completions.create(model="${model}", messages=[])\n`;
    const document = await openNew(
      "app/two_calls.py",
      `from openai import OpenAI\nclient = OpenAI()\n${call("gpt-4o-mini")}${call("gpt-4.1")}`,
    );
    await eventually(document, (titles) => titles.length === 2);
    const page = await openBreakdown(document, 0);
    assert.match(page.getText(), /line 3\n[^]*gpt-4o-mini/);
    await replace(document, call("gpt-4o-mini"), call("gpt-4o") + call("gpt-4o-mini"));
    await eventually(document, (titles) => titles.length === 3);
    await says(page, /line 4\n[^]*gpt-4o-mini/);
    await replace(document, call("gpt-4o-mini"), "");
    await eventually(document, (titles) => titles.length === 2);
    await says(page, /no longer exists/);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
});

/** Waits until an open page holds what it should. */
async function says(page: vscode.TextDocument, wanted: RegExp): Promise<void> {
  for (let tries = 0; tries < 100 && !wanted.test(page.getText()); tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.match(page.getText(), wanted);
}

describe("Pricing table", () => {
  const original = (): string => readFileSync(uriOf(table).fsPath, "utf8");

  it("reprices every hint at once when it changes on disk", async () => {
    const document = await open("app/summary.py");
    const [before] = await lenses(document);
    const text = original();
    writeFileSync(uriOf(table).fsPath, text.replace('"output": 10', '"output": 20'));
    await eventually(document, ([title]) => title !== before && (title?.includes("$0.0100") ?? false));
    writeFileSync(uriOf(table).fsPath, text);
    await eventually(document, ([title]) => title === before);
  });

  it("shows an error at its exact place, and the last good prices stay in force", async () => {
    const document = await open("app/summary.py");
    const [before] = await lenses(document);
    const prices = await open(table);
    await replace(prices, '"input": 2.5', '"input": "much"');
    let found: vscode.Diagnostic[] = [];
    for (let tries = 0; tries < 100 && found.length === 0; tries++) {
      found = vscode.languages.getDiagnostics(prices.uri).filter((one) => one.source === "Prompt Cost Lens");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(found.length, 1);
    assert.equal(prices.getText(found[0]?.range), '"much"');
    assert.equal((await lenses(document))[0], before);
    await vscode.window.showTextDocument(prices);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    for (let tries = 0; tries < 100 && found.length > 0; tries++) {
      found = vscode.languages.getDiagnostics(prices.uri).filter((one) => one.source === "Prompt Cost Lens");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(found.length, 0);
  });

  it("opens by its command", async () => {
    await vscode.commands.executeCommand("promptCost.openPricingTable");
    assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), uriOf(table).toString());
  });
});

describe("Settings", () => {
  it("fill the lens's format and turn it off", async () => {
    const document = await open("app/summary.py");
    const configuration = vscode.workspace.getConfiguration("promptCost");
    await configuration.update("codeLens.format", "{model}: {inputCost} in", vscode.ConfigurationTarget.Workspace);
    await eventually(document, ([title]) => /^gpt-4o: \$0\.0000\d+ in$/.test(title ?? ""));
    await configuration.update("codeLens.format", undefined, vscode.ConfigurationTarget.Workspace);
    await vscode.commands.executeCommand("promptCost.toggleCodeLens");
    await eventually(document, (titles) => titles.length === 0);
    await vscode.commands.executeCommand("promptCost.toggleCodeLens");
    await eventually(document, (titles) => titles.length === 4);
  });
});
