import * as assert from "node:assert/strict";
import { readNotebook } from "../../../src/core/calls/notebook";

const notebook = (sources: (string | string[])[], metadata: object = {}): string =>
  JSON.stringify({ metadata, cells: sources.map((source) => ({ cell_type: "code", source })) });
const codeOf = (...sources: (string | string[])[]): string[] =>
  (readNotebook(notebook(sources))?.cells ?? []).map(({ text }) => text);

describe("Notebooks", () => {
  it("give their code without IPython's own lines, at the same places", () => {
    const lines = ["%pip install openai", "!ls -l 'don", "  %time", "?print", "x = 5 % 2 != 1"];
    const [text = ""] = codeOf(lines.join("\n"));
    assert.deepEqual(
      text.split("\n").map((line) => line.trim()),
      ["", "", "", "", "x = 5 % 2 != 1"],
    );
    assert.deepEqual(
      text.split("\n").map(({ length }) => length),
      lines.map(({ length }) => length),
    );
  });

  it("leave cells of other languages out, and keep those that are only timed", () => {
    assert.deepEqual(codeOf("%%bash\necho $x", "%%writefile a.py\nx = 1", "%%timeit\nx = 1", "y = 2"), [
      `${" ".repeat("%%timeit".length)}\nx = 1`,
      "y = 2",
    ]);
  });

  it("count all cells, and begin each one behind the one before", () => {
    const text = JSON.stringify({
      cells: [
        { cell_type: "markdown", source: "# Title" },
        { cell_type: "code", source: ["a = 1\n", "b = 2"] },
        { cell_type: "code", source: "c = 3" },
      ],
    });
    assert.deepEqual(readNotebook(text)?.cells, [
      { text: "a = 1\nb = 2", start: 0, index: 1 },
      { text: "c = 3", start: 12, index: 2 },
    ]);
  });

  it("are in the language that they say, and in none that nobody reads", () => {
    const languageOf = (metadata: object): string | undefined => readNotebook(notebook(["x"], metadata))?.language.id;
    assert.equal(languageOf({}), "python");
    assert.equal(languageOf({ kernelspec: { language: "ipython" } }), "python");
    assert.equal(languageOf({ language_info: { name: "TypeScript" } }), "typescript");
    assert.equal(languageOf({ language_info: { name: "julia" }, kernelspec: { language: "python" } }), undefined);
  });
});
