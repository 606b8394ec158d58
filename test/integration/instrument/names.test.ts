import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import * as fc from "fast-check";
import { priceModule } from "../../../src/core/instrument/priceModule";
import { Tracks, hostileName, hostileNames } from "../../unit/instrument/hostileNames";
import { assets } from "../../unit/support";

/** Python's own reading of programs: the arguments of `tracked`, and the models of a table of prices. */
const program = `
import ast, json, sys

def read(source):
    tree = ast.parse(source.encode("utf-8"))
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tracked":
            for given in node.keywords:
                if given.arg != "user_id":
                    found[given.arg] = ast.literal_eval(given.value)
        if isinstance(node, ast.AnnAssign):
            found = list(ast.literal_eval(node.value)["table"])
    return found

json.dump([read(source) for source in json.load(sys.stdin)], sys.stdout)
`;

const sources: string[] = [
  "import os\n\nclient.chat.completions.create(model='m', messages=[])\n",
  '"""Doc."""\nx = "y"\nself.c.responses.create(\n    input="x",  # é\n    model="m",\n)\n',
  "x = 1\r\nawait c.embeddings.create(input='x', model='m')\r\n",
];

for (const [version, variable] of [
  ["Python", "PROMPT_COST_PYTHON_APP"],
  ["Python 3.9", "PROMPT_COST_PYTHON_39"],
] as const) {
  describe(`Names of any characters in ${version}`, () => {
    const tracks = new Tracks();
    after(() => rmSync(tracks.folder, { recursive: true, force: true }));
    const read = (texts: readonly string[]): unknown[] => {
      const { status, stdout, stderr } = spawnSync(
        process.env[variable] ?? assert.fail("run the tests with npm test: it sets up Python"),
        ["-c", program],
        { input: JSON.stringify(texts), encoding: "utf8", maxBuffer: 1e9 },
      );
      assert.equal(status, 0, stderr);
      return JSON.parse(stdout) as unknown[];
    };

    it("are the same strings to Python, and go to the byte", async () => {
      const chosen = fc.sample(fc.tuple(fc.constantFrom(...sources), hostileNames), 300);
      const written: string[] = [];
      for (const [text, names] of chosen) {
        const { after, features, back } = await tracks.track("a.py", text, names);
        assert.deepEqual([features, back], [[names.feature], text]);
        written.push(after);
      }
      assert.deepEqual(
        read(written),
        chosen.map(([, names]) => ({ ...names })),
      );
    });

    it("are models' names in the prices' module", () => {
      const name = fc.oneof(fc.constantFrom("__proto__", "y: null,", "z: null\u2028", "a\u0085b"), hostileName);
      const tables = fc.sample(fc.uniqueArray(name, { maxLength: 5, selector: (one) => one.trim().toLowerCase() }), 40);
      const texts = tables.map((names) =>
        priceModule(
          { models: Object.fromEntries(names.map((one) => [one, { input: 1 }])) },
          { ...assets.catalogue, rows: {} },
          "py",
        ),
      );
      const wanted = tables.map((names) => names.map((one) => one.trim().toLowerCase()));
      assert.deepEqual(
        read(texts).map((models) => new Set(models as string[])),
        wanted.map((names) => new Set(names)),
      );
    });
  });
}
