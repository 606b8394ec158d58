import * as assert from "node:assert/strict";
import fc from "fast-check";
import { ModuleParser } from "../../../src/core/calls/module";
import type { Edit } from "../../../src/core/edit";
import { AnalysedText, Analyser } from "../../../src/core/estimate/analyser";
import type { Analysis } from "../../../src/core/estimate/analysis";
import { EstimateMemo } from "../../../src/core/estimate/estimateMemo";
import { languageOfFile } from "../../../src/core/languages/registry";
import { TextCounts } from "../../../src/core/tokens/textCounts";
import { MemoryFiles, assets, builtInPrices } from "../support";

interface TextEdit {
  at: number;
  cut: number;
  put: string;
}

const texts = {
  "a.py":
    'M = "gpt-4o"\ndef f(x):\n    m = [{"role": "user", "content": f"a {x}"}]\n    return client.chat.completions.create(model=M, messages=m)\n\nclient.responses.create(model=M, input="hello")\n',
  "a.ts":
    'const M = "gpt-4o";\nfunction f(x) {\n  const m = [{ role: "user", content: `a ${x}` }];\n  return client.chat.completions.create({ model: M, messages: m });\n}\nclass A { g = () => client.responses.create({ model: M, input: "hello" }); }\n',
};

const punctuation = ["(", ")", "'", '"""', "`", "${", "\n", "{", "}", "[", ":", ",", "# ", "//", "\\", "\r\n", "f'"];
const edits = fc.array(
  fc.record({
    at: fc.nat(260),
    cut: fc.nat(12),
    put: fc.oneof(
      fc.constantFrom(...punctuation, "client.chat.completions.create(", "def g(y):\n", "if (a) {\n"),
      fc.string({ maxLength: 6, unit: "binary" }),
    ),
  }),
  { maxLength: 8 },
);

/** Edits that once gave something else than the text alone. */
const once: Record<keyof typeof texts, TextEdit[][]> = {
  "a.py": [
    // The line that names the function becomes a comment: the open text keeps its call's identity.
    [
      { at: 0, cut: 3, put: "# " },
      { at: 8, cut: 4, put: "(" },
    ],
    // How a parser gets over the error in the function depends on what stands behind the function.
    [
      { at: 33, cut: 7, put: "" },
      { at: 0, cut: 0, put: "//" },
      { at: 178, cut: 0, put: "\u0000" },
    ],
  ],
  "a.ts": [
    // How a parser gets over errors depends on the tree before.
    [
      { at: 162, cut: 6, put: "{" },
      { at: 16, cut: 4, put: "(" },
    ],
  ],
};

const edited = (text: string, { at, cut, put }: TextEdit): string => text.slice(0, at) + put + text.slice(at + cut);

/** The edit as an editor tells it. */
function editIn(text: string, { at, cut, put }: TextEdit): Edit {
  const start = Math.min(at, text.length);
  return { start, oldEnd: Math.min(text.length, at + cut), newEnd: start + put.length };
}

for (const file of ["a.py", "a.ts"] as const)
  describe(`A text after any edits (${file})`, () => {
    const language = languageOfFile(file);
    assert.ok(language !== undefined);
    const analyser = new Analyser(assets.grammars, assets.encodings, new MemoryFiles({}));

    it("reads as the text alone does, broken or not", async () => {
      const loaded = await analyser.load(language);
      const analyse = (
        parser: ModuleParser,
        text: string,
        counts: TextCounts,
        memo: EstimateMemo,
        edit?: Edit,
      ): Analysis => analyser.estimate(parser.parse(text, undefined, edit), builtInPrices, counts, memo);
      fc.assert(
        fc.property(edits, (all) => {
          const live = new ModuleParser(loaded, `/work/${file}`);
          const counts = new TextCounts();
          const memo = new EstimateMemo();
          let text = texts[file];
          analyse(live, text, counts, memo);
          for (const edit of all) {
            const told = editIn(text, edit);
            text = edited(text, edit);
            const fresh = new ModuleParser(loaded, `/work/${file}`);
            const alone = analyse(fresh, text, new TextCounts(), new EstimateMemo());
            assert.deepEqual(analyse(live, text, counts, memo, told), alone);
            fresh.dispose();
          }
          live.dispose();
        }),
        { numRuns: 60, examples: once[file].map((all): [TextEdit[]] => [all]) },
      );
    });

    it("shows the same estimates while it is open, and each call under an identity of its own", async () => {
      await fc.assert(
        fc.asyncProperty(edits, async (all) => {
          const open = new AnalysedText(analyser, language, `/work/${file}`);
          let text = texts[file];
          await open.analyse(text, builtInPrices);
          for (const edit of all) {
            const told = editIn(text, edit);
            text = edited(text, edit);
            const { calls } = await open.analyse(text, builtInPrices, told);
            const fresh: AnalysedText = new AnalysedText(analyser, language, `/work/${file}`);
            const alone = await fresh.analyse(text, builtInPrices);
            fresh.dispose();
            // Which call was which is what an open text remembers: a renamed function keeps the identity of its calls.
            const withoutIds = (one: Analysis["calls"]) => one.map((call) => ({ ...call, id: "" }));
            if (!alone.hasErrors) assert.deepEqual(withoutIds(calls), withoutIds(alone.calls));
            assert.equal(new Set(calls.map(({ id }) => id)).size, calls.length);
            for (const call of calls) assert.ok(call.start >= 0 && call.end <= text.length && call.start <= call.end);
          }
          open.dispose();
        }),
        { numRuns: 60, examples: once[file].map((all): [TextEdit[]] => [all]) },
      );
    });
  });
