import * as assert from "node:assert/strict";
import fc from "fast-check";
import { jsonText, label, oneLine, severalLines } from "../../../src/core/text/plain";
import { hostile } from "./hostile";

/** What moves a terminal's cursor, starts an escape or reorders text. */
const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

describe("Plain text", () => {
  it("has one line and nothing that a terminal obeys", () => {
    fc.assert(fc.property(hostile, (text) => assert.doesNotMatch(oneLine(text), OBEYED)));
    assert.equal(oneLine("a\u001b[2J\r\nb\tc\u009b\u202Ed"), "a�[2J b c��d");
    assert.equal(oneLine("naïve 模型 נתונים 👩‍💻"), "naïve 模型 נתונים 👩‍💻");
  });

  it("keeps the lines, tabs and line ends of a file", () => {
    assert.equal(severalLines("a\r\n\tb\n\u001b[31mc\rd"), "a\r\n\tb\n�[31mc�d");
  });

  it("has no icon and no link in a label", () => {
    fc.assert(fc.property(hostile, (text) => assert.doesNotMatch(label(text), /\$\(|\]\(|[\p{Cc}]/u)));
    assert.equal(label("$(trash) [a](command:x)").replaceAll("\u200b", ""), "$(trash) [a](command:x)");
  });

  it("is written to JSON without raw controls, and read back as it was", () => {
    const value = fc.record({ file: hostile, "\u202Ekey": hostile }, { noNullPrototype: true });
    fc.assert(
      fc.property(value, (given) => {
        const text = jsonText(given);
        assert.doesNotMatch(text.replaceAll("\n", ""), OBEYED);
        assert.deepEqual(JSON.parse(text), given);
      }),
    );
  });
});
