import * as assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { eventually, folder, lenses, open, openNew, replace, uriOf } from "./editing";

const bare =
  'from openai import OpenAI\n\nclient = OpenAI()\n\n\ndef greet(user_id):\n    return client.chat.completions.create(model="gpt-4o", messages=[])\n';
const tracked =
  'from openai import OpenAI\n\nfrom prompt_cost import tracked\n\nclient = OpenAI()\n\n\ndef greet(user_id):\n    return tracked(client.chat.completions, feature="greet", user_id=user_id).create(model="gpt-4o", messages=[])\n';
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const written = (): string[] =>
  readdirSync(folder().uri.fsPath).filter((name) => /prompt_?cost/i.test(name) && !name.endsWith(".json"));

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await isSo()) return;
    await pause(100);
  }
  assert.fail(`not so: ${what}`);
}

/** Runs a command that asks so many questions, and takes what is filled in. */
async function accepting(questions: number, command: string, ...given: unknown[]): Promise<void> {
  let isDone = false;
  const running = vscode.commands.executeCommand(command, ...given).then(() => (isDone = true));
  for (let asked = 0; asked < questions; asked++) {
    await pause(asked === 0 ? 1200 : 500);
    assert.ok(!isDone, `question ${asked + 1} is asked`);
    await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
  }
  await running;
}

describe("Instrument this call", () => {
  it("asks, tracks the call, writes the wrapper, and names the feature where the cost is", async () => {
    const document = await openNew("greet.py", bare);
    await accepting(2, "promptCost.instrumentCall", document.uri.toString(), bare.indexOf("client.chat"));
    assert.equal(document.getText(), tracked);
    assert.deepEqual(written(), ["prompt_cost.py", "prompt_cost_prices.py"]);
    assert.match(readFileSync(uriOf("prompt_cost_prices.py").fsPath, "utf8"), /"gpt-4o": \{\n\s+"input": 2\.5/);
    const [title] = await eventually(document, ([first]) => / · greet$/.test(first ?? ""));
    assert.match(title ?? "", /tok in .* · greet$/);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      document.positionAt(tracked.indexOf("client.chat") + 3),
    );
    assert.ok(
      hovers.some(({ contents }) =>
        contents.some((content) => /Tracked as `greet`/.test(typeof content === "string" ? content : content.value)),
      ),
    );
  });

  it("changes nothing the second time", async () => {
    const document = await open("greet.py");
    await vscode.commands.executeCommand(
      "promptCost.instrumentCall",
      document.uri.toString(),
      tracked.indexOf("client.chat"),
    );
    await vscode.commands.executeCommand("promptCost.instrumentFile");
    assert.equal(document.getText(), tracked);
  });

  it("takes all of it back with one undo", async () => {
    const document = await open("greet.py");
    await vscode.commands.executeCommand("undo");
    await until("the text is as it was", () => document.getText() === bare);
    await until("the wrapper is gone", () => written().length === 0);
    await vscode.commands.executeCommand("redo");
    await until("redone", () => document.getText() === tracked && written().length === 2);
    await vscode.commands.executeCommand("undo");
    await until("undone again", () => document.getText() === bare && written().length === 0);
  });

  it("is offered by the light bulb, as is its way back", async () => {
    const document = await open("greet.py");
    const actions = async (): Promise<string[]> =>
      (
        await vscode.commands.executeCommand<vscode.CodeAction[]>(
          "vscode.executeCodeActionProvider",
          document.uri,
          new vscode.Range(
            document.positionAt(document.getText().indexOf("client.chat")),
            document.positionAt(document.getText().indexOf("client.chat")),
          ),
        )
      ).map(({ title }) => title);
    assert.ok((await actions()).includes("Instrument this call"));
    await accepting(2, "promptCost.instrumentCall", document.uri.toString(), document.getText().indexOf("client.chat"));
    await until("the other way", async () => (await actions()).includes("Stop tracking this call"));
    await vscode.commands.executeCommand(
      "promptCost.removeTracking",
      document.uri.toString(),
      document.getText().indexOf("client.chat"),
    );
    assert.equal(document.getText(), bare);
  });

  it("writes nothing where the file changes while the question is open", async () => {
    const document = await openNew("meanwhile.py", bare);
    const running = accepting(2, "promptCost.instrumentCall", document.uri.toString(), bare.indexOf("client.chat"));
    await pause(600);
    await replace(document, "client = OpenAI()", "# somebody else was here\nclient = OpenAI()");
    const changed = document.getText();
    await running;
    assert.equal(document.getText(), changed);
  });

  it("writes nothing into a file that is read-only or does not parse", async () => {
    const readOnly = await openNew("readonly.py", bare);
    chmodSync(readOnly.uri.fsPath, 0o444);
    await vscode.commands.executeCommand(
      "promptCost.instrumentCall",
      readOnly.uri.toString(),
      bare.indexOf("client.chat"),
    );
    const broken = await openNew("broken.py", `${bare}\ndef half(:\n`);
    await vscode.commands.executeCommand(
      "promptCost.instrumentCall",
      broken.uri.toString(),
      bare.indexOf("client.chat"),
    );
    await vscode.commands.executeCommand("promptCost.instrumentFile");
    assert.deepEqual(
      [readOnly.getText(), readOnly.isDirty, broken.getText(), broken.isDirty],
      [bare, false, `${bare}\ndef half(:\n`, false],
    );
  });

  it("tracks all calls of a file with the folder's team, and gives every byte back, one by one", async () => {
    const text =
      'import OpenAI from "openai";\r\n\r\nconst client = new OpenAI();\r\nexport async function first() {\r\n  return client.chat.completions.create({ model: "gpt-4o", messages: [] }); // first\r\n}\r\nexport const second = async () => client.responses.create({ model: "gpt-4o", input: "x" });\r\n';
    const document = await openNew("two.ts", text);
    const configuration = vscode.workspace.getConfiguration("promptCost", document.uri);
    await configuration.update("tracking.team", "docs", vscode.ConfigurationTarget.Workspace);
    await vscode.commands.executeCommand("promptCost.instrumentFile");
    await configuration.update("tracking.team", undefined, vscode.ConfigurationTarget.Workspace);
    assert.match(
      document.getText(),
      /tracked\(client\.chat\.completions, \{ feature: "first", team: "docs" \}\)\.create\(/,
    );
    assert.match(document.getText(), /tracked\(client\.responses, \{ feature: "second", team: "docs" \}\)\.create\(/);
    for (const name of ["client.chat", "client.responses"])
      await vscode.commands.executeCommand(
        "promptCost.removeTracking",
        document.uri.toString(),
        document.getText().indexOf(name),
      );
    assert.equal(document.getText(), text);
    assert.deepEqual((await lenses(document)).length, 2);
  });

  it("keeps the wrapper's prices in step with the table, and shows those that are not", async () => {
    const prices = uriOf("prompt_cost_prices.py");
    const table = uriOf("prompt-cost.pricing.json").fsPath;
    const before = readFileSync(table, "utf8");
    const document = await open("greet.py");
    if (!existsSync(prices.fsPath))
      await accepting(
        2,
        "promptCost.instrumentCall",
        document.uri.toString(),
        document.getText().indexOf("client.chat"),
      );
    writeFileSync(table, before.replace('"input": 2.5', '"input": 7.25'));
    await until("the prices follow", () => readFileSync(prices.fsPath, "utf8").includes('"input": 7.25'));
    writeFileSync(table, before.replace('"input": 2.5', '"input": "much"'));
    await pause(1500);
    assert.ok(readFileSync(prices.fsPath, "utf8").includes('"input": 7.25'), "a table with a mistake changes nothing");
    writeFileSync(table, before);
    await until("they follow back", () => !readFileSync(prices.fsPath, "utf8").includes("7.25"));
    writeFileSync(prices.fsPath, readFileSync(prices.fsPath, "utf8").replace('"input": 2.5', '"input": 1'));
    await until("stale prices are a problem", () =>
      vscode.languages.getDiagnostics(prices).some(({ message }) => /at old prices/.test(message)),
    );
    // Also while the file is open, whose own calls have no findings.
    await vscode.window.showTextDocument(prices);
    await vscode.commands.executeCommand("vscode.executeCodeLensProvider", prices);
    assert.ok(vscode.languages.getDiagnostics(prices).some(({ message }) => /at old prices/.test(message)));
    writeFileSync(table, `${before}\n`);
    await until(
      "and mended",
      () =>
        vscode.languages.getDiagnostics(prices).length === 0 &&
        readFileSync(prices.fsPath, "utf8").includes('"input": 2.5'),
    );
    writeFileSync(table, before);
  });
});
