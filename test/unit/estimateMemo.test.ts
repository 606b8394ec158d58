import * as assert from "node:assert/strict";
import { languageOfFile } from "../../src/core/languages/registry";
import { AnalysedText, Analyser } from "../../src/core/estimate/analyser";
import { MemoryFiles, assets, builtInPrices, chatTokens } from "./support";

/** Analyses the same text after each replacement, as an editor would. */
async function follow(code: string, edits: [from: string, to: string][], name = "a.py"): Promise<number[][]> {
  const language = languageOfFile(name);
  assert.ok(language !== undefined);
  const analysed = new AnalysedText(
    new Analyser(assets.grammars, assets.encodings, new MemoryFiles({})),
    language,
    `/work/${name}`,
  );
  const rounds: number[][] = [];
  let text = code;
  for (const [from, to] of [["", ""], ...edits] as const) {
    text = text.replace(from, to);
    rounds.push((await analysed.analyse(text, builtInPrices)).calls.map((call) => call.estimate.input.tokens));
  }
  analysed.dispose();
  return rounds;
}

describe("Estimates that are remembered between keystrokes", () => {
  const call = (content: string): string =>
    `client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": ${content}}])`;

  it("follow a module's constant", async () => {
    const rounds = await follow(`TEXT = "one"\ndef f():\n    ${call("TEXT")}\ndef g():\n    ${call('"two"')}\n`, [
      ["one", "one and more words"],
    ]);
    assert.deepEqual(rounds, [
      [chatTokens("one"), chatTokens("two")],
      [chatTokens("one and more words"), chatTokens("two")],
    ]);
  });

  it("follow a field that another method comes to change", async () => {
    const code = `class A:\n    text = "one two three"\n    def g(self):\n        pass\n    def f(self):\n        ${call("self.text")}\n`;
    assert.deepEqual(await follow(code, [["pass", 'self.text = "x"']]), [
      [chatTokens("one two three")],
      [chatTokens("")],
    ]);
  });

  it("follow a variable that a function comes to change", async () => {
    const code = `let text = "one two three";\nfunction g() {}\nfunction f() { client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: text }] }) }\n`;
    assert.deepEqual(await follow(code, [["g() {}", 'g() { text = "x"; }']], "a.ts"), [
      [chatTokens("one two three")],
      [chatTokens("")],
    ]);
  });

  it("follow an edit inside their own function", async () => {
    const code = `class A:\n    def f(self):\n        text = "one"\n        ${call("text")}\n`;
    assert.deepEqual(await follow(code, [['"one"', '"one two three"']]), [
      [chatTokens("one")],
      [chatTokens("one two three")],
    ]);
  });
});
