import * as assert from "node:assert/strict";
import { languageOfFile } from "../../src/core/calls/languages/registry";
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
