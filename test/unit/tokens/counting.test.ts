import * as assert from "node:assert/strict";
import fc from "fast-check";
import { getEncoding } from "js-tiktoken";
import { EditedText } from "../../../src/core/tokens/editedText";
import { encodingNames } from "../../../src/core/tokens/encoding";
import { encodingOf } from "../../../src/core/tokens/models";
import { assets } from "../support";

/** Characters of every class that the patterns tell apart, and neighbours of them. */
const tricky = [..." \n\r\t'sStTrReEvVmMlLdDaAbBzZ019./!,-_éÉßǅʰ中文あ́̈٣½😀🇫🇷\u00a0\u3000"];
const character = fc.oneof(fc.constantFrom(...tricky), fc.string({ unit: "binary", minLength: 1, maxLength: 1 }));
const text = fc.array(character, { maxLength: 60 }).map((characters) => characters.join(""));

for (const name of encodingNames) {
  describe(`Encoding ${name}`, () => {
    const ours = assets.encodings.get(name);
    const reference = getEncoding(name);

    it("counts any text as js-tiktoken does", () => {
      fc.assert(
        fc.property(text, (one) => assert.equal(ours.count(one), reference.encode(one, [], []).length)),
        { numRuns: 1500 },
      );
    });

    it("counts an edited text as it counts it afresh", () => {
      const edit = fc.record({ at: fc.nat(200), cut: fc.nat(30), put: text });
      fc.assert(
        fc.property(fc.array(edit, { maxLength: 10 }), (edits) => {
          const edited = new EditedText(ours);
          let whole = "";
          for (const { at, cut, put } of edits) {
            whole = whole.slice(0, at) + put + whole.slice(at + cut);
            assert.equal(edited.count(whole), ours.count(whole));
          }
        }),
        { numRuns: 500 },
      );
    });
  });
}

describe("Long pieces", () => {
  // js-tiktoken needs a minute for the first two; the figures are gpt-tokenizer's and tiktoken's.
  it("are counted right", () => {
    const o200k = assets.encodings.get("o200k_base");
    const reference = getEncoding("o200k_base");
    assert.equal(o200k.count("a".repeat(20_000)), 2500);
    for (const piece of ["ab".repeat(150), "é".repeat(200), "Aa1".repeat(100), "日本".repeat(120)])
      assert.equal(o200k.count(piece), reference.encode(piece).length);
  });
});

describe("Encodings of models", () => {
  const models: [string, string, boolean][] = [
    ["gpt-4o", "o200k_base", true],
    ["gpt-4o-mini-2024-07-18", "o200k_base", true],
    ["ft:gpt-4o-mini-2024-07-18:org::id", "o200k_base", true],
    ["gpt-4.1-nano", "o200k_base", true],
    ["gpt-5.6-sol", "o200k_base", true],
    ["o3-mini", "o200k_base", true],
    ["gpt-4", "cl100k_base", true],
    ["gpt-4-turbo", "cl100k_base", true],
    ["gpt-3.5-turbo-0125", "cl100k_base", true],
    ["text-embedding-3-large", "cl100k_base", true],
    ["text-davinci-003", "p50k_base", true],
    ["text-ada-001", "r50k_base", true],
    ["llama-3", "o200k_base", false],
  ];
  for (const [model, encoding, known] of models)
    it(model, () => assert.deepEqual(encodingOf(model), { name: encoding, known }));
});
