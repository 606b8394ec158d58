import * as assert from "node:assert/strict";
import { rmSync } from "node:fs";
import * as fc from "fast-check";
import ts from "typescript";
import { priceModule } from "../../../src/core/instrument/priceModule";
import { assets } from "../support";
import { Tracks, hostileName, hostileNames } from "./hostileNames";

const scripts: [string, string][] = [
  ["a.ts", 'import x from "./x";\nawait client.chat.completions.create({ model: "m", messages: [] });\n'],
  ["a.mjs", "import x from './x'\nexport const a = 'b'\nclient.responses.create({ model: 'm', input: 'x' })\n"],
  ["a.cjs", 'const x = require("x");\nx(`say ${client.chat.completions.create({ model: "m" })}`);\n'],
];

/** The string literals that a program gives to properties of these names. @throws where it doesn't parse. */
function given(file: string, text: string): Record<string, string> {
  const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.ES2019, true);
  const { parseDiagnostics } = parsed as unknown as { parseDiagnostics: ts.Diagnostic[] };
  assert.deepEqual(
    parseDiagnostics.map(({ messageText }) => messageText),
    [],
    text,
  );
  const found: Record<string, string> = {};
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.initializer))
      found[node.name.getText()] = node.initializer.text;
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return found;
}

describe("Names of any characters", () => {
  const tracks = new Tracks();
  after(() => rmSync(tracks.folder, { recursive: true, force: true }));

  it("are the same strings to the TypeScript compiler, in whole lines, and go to the byte", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...scripts), hostileNames, async ([file, text], names) => {
        const { after, features, back } = await tracks.track(file, text, names);
        const { feature, team, environment } = given(file, after);
        assert.deepEqual({ feature, team, environment }, { ...names });
        assert.deepEqual(features, [names.feature]);
        assert.equal(after.split(/[\r\n\u2028\u2029]/).length - text.split("\n").length, 1);
        assert.deepEqual(Buffer.from(after).toString(), after, "what UTF-8 can't hold is escaped");
        assert.equal(back, text);
      }),
      { numRuns: 300 },
    );
  });

  it("are refused in an f-string where they would need a backslash, which Python before 3.12 forbids there", async () => {
    const text = 'print(f"It said {client.chat.completions.create(model=m)}")\n';
    const names = { team: "docs", environment: "prod" };
    for (const feature of ["it's", 'the "best"', '"""', "a\nb", "c\\d", "no #1", "\ud800"])
      await assert.rejects(tracks.track("a.py", text, { feature, ...names }), /f-string takes only plain names/);
    assert.equal((await tracks.track("a.py", text, { feature: "plain é", ...names })).back, text);
  });

  it("are escaped where the file's encoding isn't UTF-8 to Python", async () => {
    const text = "# -*- coding: latin-1 -*-\nclient.chat.completions.create(model='m')\n";
    const { after, back } = await tracks.track("a.py", text, { feature: "é🙂", team: "t", environment: "e" });
    assert.match(after, /feature='\\u00e9\\U0001f642'/);
    assert.equal(back, text);
  });

  it("are models' names in the prices' module, and change nothing else of it", () => {
    const price = { input: 1, output: 2 };
    const special = ["__proto__", 'x": null', "y: null,", "z: null\u2028", "constructor"];
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(fc.constantFrom(...special), hostileName), { maxLength: 5 }), (names) => {
        const models = Object.fromEntries(names.map((name) => [name, price]));
        for (const form of ["mjs", "ts", "cjs"] as const) {
          const text = priceModule({ models }, assets.catalogue, form);
          const { outputText } = ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
          const exported: { prices?: { table: Record<string, { output: number | null }> } } = {};
          new Function("exports", outputText)(exported);
          const { table } = exported.prices ?? assert.fail();
          const wanted = new Set(names.map((name) => name.trim().toLowerCase()));
          assert.deepEqual(new Set(Object.keys(table)), wanted, form);
          assert.equal(Object.getPrototypeOf(table), Object.prototype);
        }
      }),
      { numRuns: 60 },
    );
  });
});
