import * as assert from "node:assert/strict";
import { languageOfFile } from "../../src/core/languages/registry";
import { AnalysedText, Analyser } from "../../src/core/estimate/analyser";
import { MemoryFiles, assets, builtInPrices } from "./support";

describe("Hints while code is half typed", () => {
  it("stay, keystroke by keystroke, until the call itself is gone", async () => {
    const python = languageOfFile("a.py");
    assert.ok(python !== undefined);
    const analysed = new AnalysedText(
      new Analyser(assets.grammars, assets.encodings, new MemoryFiles({})),
      python,
      "/work/a.py",
    );
    const call = (name: string): string =>
      `def ${name}(x):\n    return client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])\n\n`;
    const head = call("a");
    const tail = call("b");
    const typed =
      'def c(x):\n    y = client.chat.completions.create(\n        model="gpt-4o",\n        messages=[{"role": "user", "content": f"""Some {x} words"""}],\n    )\n\n';
    let wasFound = false;
    for (let length = 1; length <= typed.length; length++) {
      const { calls } = await analysed.analyse(head + `${typed.slice(0, length)}\n` + tail, builtInPrices);
      const starts = calls.map(({ start }) => start);
      assert.ok(
        starts.includes(head.indexOf("client")),
        `the call before is lost at ${JSON.stringify(typed.slice(0, length))}`,
      );
      assert.ok(
        starts.includes(head.length + length + 1 + tail.indexOf("client")),
        `the call behind is lost at ${JSON.stringify(typed.slice(0, length))}`,
      );
      const isFound = starts.includes(head.length + typed.indexOf("client"));
      assert.ok(isFound || !wasFound, `the call itself is lost at ${JSON.stringify(typed.slice(0, length))}`);
      wasFound = isFound;
    }
    assert.ok(wasFound);
    // And backwards: what was whole stays while its end is taken away, as long as its head stands.
    for (let length = typed.length - 1; length > typed.indexOf("create(") + 7; length--) {
      const { calls } = await analysed.analyse(head + `${typed.slice(0, length)}\n` + tail, builtInPrices);
      assert.equal(calls.length, 3, `calls are lost at ${JSON.stringify(typed.slice(0, length))}`);
    }
    const { calls } = await analysed.analyse(head + tail, builtInPrices);
    assert.equal(calls.length, 2);
    analysed.dispose();
  });
});

describe("A call's identity while its file is edited", () => {
  const call = (prompt: string): string =>
    `client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "${prompt}"}])\n`;
  const head = "from openai import OpenAI\nclient = OpenAI()\n";

  /** The identity of the call at each prompt, state by state. */
  const follow = async (file: string, texts: readonly string[], prompts: readonly string[]): Promise<string[][]> => {
    const language = languageOfFile(file);
    assert.ok(language !== undefined);
    const analyser = new Analyser(assets.grammars, assets.encodings, new MemoryFiles({}));
    const analysed = new AnalysedText(analyser, language, `/work/${file}`);
    const states: string[][] = [];
    for (const text of texts) {
      const { calls } = await analysed.analyse(text, builtInPrices);
      const ids = calls.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, `two calls share an identity in ${text}: ${ids.join(", ")}`);
      const at = (prompt: string): string =>
        calls.find(({ start, end }) => text.slice(start, end).includes(`"${prompt}"`))?.id ?? "";
      states.push(prompts.map(at));
    }
    analysed.dispose();
    return states;
  };
  const typed = (before: string, text: string, behind: string): string[] =>
    [...text].map((_, at) => before + text.slice(0, at + 1) + behind);

  it("stays when another is typed above, key by key", async () => {
    const states = await follow(
      "a.py",
      [head + call("A") + call("B"), ...typed(head, call("new"), call("A") + call("B"))],
      ["A", "B", "new"],
    );
    const [first] = states;
    for (const state of states) assert.deepEqual(state.slice(0, 2), first?.slice(0, 2));
    assert.match(states.at(-1)?.[2] ?? "", /create\/2$/);
  });

  it("stays in TypeScript, where a half-typed line takes in the next", async () => {
    const ts = (prompt: string): string =>
      `client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "${prompt}" }] })\n`;
    const start = 'import OpenAI from "openai";\nconst client = new OpenAI();\n';
    const states = await follow("a.ts", [start + ts("A"), ...typed(start, ts("new"), ts("A"))], ["A"]);
    for (const [at, state] of states.entries()) assert.deepEqual(state, states[0], `after ${at} keys`);
  });

  it("stays when another is pasted above, or text right before it", async () => {
    const [before, pasted, awaited] = await follow(
      "a.py",
      [head + call("A"), head + call("new") + call("A"), head + call("new") + "await " + call("A")],
      ["A"],
    );
    assert.deepEqual([pasted, awaited], [before, before]);
  });

  it("isn't inherited by the next when the call is deleted", async () => {
    const [before, after] = await follow("a.py", [head + call("A") + call("B"), head + call("B")], ["A", "B"]);
    assert.deepEqual(after, ["", before?.[1]]);
    assert.notEqual(before?.[0], before?.[1]);
  });

  it("stays when the whole file is laid out again", async () => {
    const formatted = `# first\n${(head + call("new") + call("A")).replaceAll("(model", "(\n  model")}\n# last\n`;
    const [, before, after] = await follow(
      "a.py",
      [head + call("A"), head + call("new") + call("A"), formatted],
      ["new", "A"],
    );
    assert.deepEqual(after, before);
  });
});
