import * as assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { getEncoding } from "js-tiktoken";
import * as vscode from "vscode";
import { eventually, folder, lenses, open, openNew, replace, uriOf } from "./editing";

const encoding = getEncoding("o200k_base");
/** A chat prompt's tokens by the published formula, counted by another implementation than ours. */
const chatTokens = (...contents: string[]): number =>
  3 + contents.reduce((sum, content) => sum + 4 + encoding.encode(content).length, 0);

describe("Hints above calls", () => {
  afterEach(async () => {
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("show tokens, limit, cost and model in Python", async () => {
    const titles = await lenses(await open("app/summary.py"));
    const tokens = chatTokens("You are a helpful assistant.", "Hello there");
    const cost = ((tokens * 2.5 + 500 * 10) / 1e6).toPrecision(2);
    assert.equal(titles[0], `≈ ${tokens} tok in · ≤ 500 out · $${cost} / call · gpt-4o`);
    assert.match(
      titles[1] ?? "",
      new RegExp(`^${chatTokens("Summarise: ")}\\+ tok in · \\$[\\d.]+\\+ / call · gpt-4o$`),
    );
    assert.match(titles[2] ?? "", /price unknown · nobody-knows$/);
    assert.equal(titles.length, 4);
  });

  it("show the same in TypeScript", async () => {
    const [title] = await lenses(await open("app/chat.ts"));
    assert.match(title ?? "", new RegExp(`^${chatTokens("Q: ")}\\+ tok in · ≤ 100 out · `));
  });

  it("show the same in Go, where the editor knows the language", async () => {
    const document = await openNew(
      "app/ask.go",
      'package app\n\nimport "github.com/openai/openai-go/v3"\n\nfunc ask(client openai.Client) {\n\tclient.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{Model: openai.ChatModelGPT4o, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hello")}, MaxTokens: openai.Int(50)})\n}\n',
    );
    const [title] = await eventually(document, ([first]) => first !== undefined);
    assert.match(title ?? "", new RegExp(`^≈ ${chatTokens("Hello")} tok in · ≤ 50 out · .* / call · gpt-4o$`));
  });

  it("stand where the call begins", async () => {
    const document = await open("app/summary.py");
    const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      "vscode.executeCodeLensProvider",
      document.uri,
      100,
    );
    const lines = found.map((lens) => document.lineAt(lens.range.start.line).text).sort();
    assert.ok(lines.every((line) => line.includes("client.chat.completions.create(")));
  });

  it("follow an edit, and an undo", async () => {
    const document = await open("app/summary.py");
    const before = await lenses(document);
    await replace(document, "Hello there", "Hello there, how are you today?");
    const tokens = chatTokens("You are a helpful assistant.", "Hello there, how are you today?");
    await eventually(document, ([title]) => title?.startsWith(`≈ ${tokens} tok in`) ?? false);
    await vscode.commands.executeCommand("undo");
    await eventually(document, (titles) => titles[0] === before[0]);
  });

  it("follow a constant in another file, while it is typed", async () => {
    const document = await open("app/summary.py");
    await lenses(document);
    const prompts = await vscode.workspace.openTextDocument(uriOf("app/prompts.py"));
    await vscode.window.showTextDocument(prompts, vscode.ViewColumn.Beside);
    await replace(prompts, "helpful assistant", "very helpful and kind assistant");
    const tokens = chatTokens("You are a very helpful and kind assistant.", "Hello there");
    await eventually(document, ([title]) => title?.startsWith(`≈ ${tokens} tok in`) ?? false);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  });

  it("follow a prompt file that changes on disk only", async () => {
    const file = path.join(folder().uri.fsPath, "app/tone.md");
    const document = await open("app/summary.py");
    await eventually(document, (titles) => titles[3]?.startsWith(`≈ ${chatTokens("Be brief.\n")} tok in`) ?? false);
    writeFileSync(file, "Be brief, and friendly, and clear.\n");
    await eventually(
      document,
      (titles) => titles[3]?.startsWith(`≈ ${chatTokens("Be brief, and friendly, and clear.\n")} tok in`) ?? false,
    );
    rmSync(file);
    await eventually(document, (titles) => titles[3]?.startsWith("prompt from Path(") ?? false);
    writeFileSync(file, "Be brief.\n");
    await eventually(document, (titles) => titles[3]?.startsWith("≈") ?? false);
  });

  it("stay on the other calls, and on the call itself, while it is half typed", async () => {
    const document = await open("app/summary.py");
    const before = await lenses(document);
    await replace(document, 'f"Summarise: {document}"}],\n    )', 'f"Summarise: {document}');
    await eventually(
      document,
      (titles) => titles.length === before.length && titles[0] === before[0] && titles[3] === before[3],
    );
  });

  it("leave with their call", async () => {
    const document = await open("app/chat.ts");
    assert.equal((await lenses(document)).length, 1);
    await replace(document, "openai.chat.completions.create", "openai.models.list");
    await eventually(document, (titles) => titles.length === 0);
  });

  it("are right with CRLF line ends and with a byte order mark in UTF-16", async () => {
    const code =
      'from openai import OpenAI\r\nclient = OpenAI()\r\nclient.chat.completions.create(\r\n    model="gpt-4o",\r\n    messages=[{"role": "user", "content": """one\r\ntwo"""}],\r\n    max_tokens=5,\r\n)\r\n';
    const crlf = await openNew("crlf.py", code);
    assert.match((await lenses(crlf))[0] ?? "", new RegExp(`^≈ ${chatTokens("one\ntwo")} tok in`));
    const wide = await openNew("wide.py", Buffer.from(`\uFEFF${code}`, "utf16le"));
    assert.match(
      (await eventually(wide, (titles) => titles.length === 1))[0] ?? "",
      new RegExp(`^≈ ${chatTokens("one\ntwo")} tok in`),
    );
  });

  it("come in untitled documents", async () => {
    const document = await vscode.workspace.openTextDocument({
      language: "python",
      content: 'client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hi"}])',
    });
    assert.match((await lenses(document))[0] ?? "", new RegExp(`^≈ ${chatTokens("Hi")} tok in`));
  });

  it("survive hostile files beside them", async () => {
    const call = '\nclient.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hi"}])\n';
    const hostile: Record<string, string> = {
      "nested.py": `x = ${"(".repeat(10_000)}${call}`,
      "line.ts": `const x = "${"a".repeat(1_500_000)}";${call}`,
      "huge.py": `x = """${"word ".repeat(2_000_000)}"""${call}`,
      "odd.py": `x = "\ud800 \u2028"${call}`,
    };
    for (const [name, text] of Object.entries(hostile)) {
      const document = await openNew(name, text);
      const titles = await lenses(document);
      assert.ok(titles.length <= 1, name);
    }
    assert.equal((await lenses(await open("app/summary.py"))).length, 4);
  });
});
