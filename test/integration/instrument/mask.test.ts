import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import * as fc from "fast-check";
import { mask } from "../../../src/wrapper/promptCost";
import { LENGTHS, hostile, isLinear, pages, samples } from "../../unit/instrument/masking/fixtures";
import { root } from "../../unit/support";

/** Masks texts, and times the hostile ones: what Python does with both. */
const program = `
import json, sys, time
from prompt_cost import mask

def took(text):
    started = time.perf_counter()
    mask(text)
    return (time.perf_counter() - started) * 1000

given = json.load(sys.stdin)
times = []
for unit in given["hostile"]:
    texts = [(unit * length)[:length] for length in given["lengths"]]
    times.append([min(took(text) for _ in range(3)) for text in texts])
print(json.dumps({"masked": [mask(text) for text in given["texts"]], "times": times}))
`;

for (const [version, variable] of [
  ["Python", "PROMPT_COST_PYTHON_APP"],
  ["Python 3.9", "PROMPT_COST_PYTHON_39"],
] as const) {
  describe(`Masking in ${version}`, () => {
    const run = (texts: string[], units: string[] = []): { masked: string[]; times: [number, number][] } => {
      const { status, stdout, stderr } = spawnSync(
        process.env[variable] ?? assert.fail("run the tests with npm test: it sets up Python"),
        ["-c", program],
        {
          cwd: path.join(root, "src", "wrapper"),
          input: JSON.stringify({ texts, hostile: units, lengths: LENGTHS }),
          encoding: "utf8",
          maxBuffer: 1e9,
          env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
        },
      );
      assert.equal(status, 0, stderr);
      return JSON.parse(stdout) as ReturnType<typeof run>;
    };

    it("masks what TypeScript masks, and nothing in pages of prose, code and figures", () => {
      const { masked } = run([...samples, ...pages].map(({ text }) => text));
      assert.deepEqual(masked, [...samples.map((one) => one.masked), ...pages.map(({ text }) => text)]);
    });

    it("masks the same as TypeScript in any text, and raises at none", () => {
      const piece = fc.oneof(
        fc.constantFrom(...samples.map(({ text }) => text), ...hostile, "é", "я", "邮"),
        fc.stringMatching(/^[\x00-\x7f]{0,12}$/),
      );
      const joined = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
      const texts = fc.sample(joined, 3000);
      const { masked } = run(texts);
      for (const [index, text] of texts.entries()) assert.equal(masked[index], mask(text), JSON.stringify(text));
      // Lengths and white space of other scripts differ between the languages; there, both only have to go on.
      const foreign = ["\ud800 a@b.de \udfff", "", ...fc.sample(fc.string({ unit: "binary", size: "medium" }), 500)];
      assert.equal(run(foreign).masked.length, foreign.map(mask).length);
    });

    it("takes time that grows with the text, whatever the text is", () => {
      for (const [index, times] of run([], hostile).times.entries())
        assert.ok(isLinear(times), `${JSON.stringify(hostile[index])}: ${times.join(" ms, then ")} ms`);
    });
  });
}
