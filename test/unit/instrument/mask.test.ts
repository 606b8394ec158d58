import * as assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as source from "../../../src/wrapper/promptCost";
import { root } from "../support";
import { LENGTHS, hostile, isLinear, pages, samples } from "./masking/fixtures";

type Mask = (text: string) => string;
const built = path.join(root, "dist", "wrapper", "promptCost");
const forms: Record<string, () => Promise<Mask>> = {
  TypeScript: async () => source.mask,
  "an ES module": async () => ((await import(pathToFileURL(`${built}.mjs`).href)) as { mask: Mask }).mask,
  CommonJS: async () => (createRequire(__filename)(`${built}.cjs`) as { mask: Mask }).mask,
};

for (const [form, load] of Object.entries(forms)) {
  describe(`Masking in ${form}`, () => {
    let mask: Mask;
    before(async () => (mask = await load()));

    it("masks keys, passwords, e-mail addresses, bank, card and phone numbers, and nothing around them", () => {
      for (const { text, masked } of samples) assert.equal(mask(text), masked, text);
    });

    it("masks nothing in pages of prose, code and figures", () => {
      for (const { name, text } of pages) assert.deepEqual(mask(text).split("\n"), text.split("\n"), name);
    });
  });
}

describe("Masking", () => {
  it("takes time that grows with the text, whatever the text is", () => {
    // The processor's time, not the clock's: the machine may be busy with something else.
    const took = (text: string): number => {
      const started = process.cpuUsage();
      source.mask(text);
      const { user, system } = process.cpuUsage(started);
      return (user + system) / 1000;
    };
    for (const unit of hostile) {
      const [short, long] = LENGTHS.map((length) => {
        const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
        return Math.min(took(text), took(text), took(text));
      }) as [number, number];
      assert.ok(isLinear([short, long]), `${JSON.stringify(unit)}: ${short} ms, then ${long} ms`);
    }
  });
});
