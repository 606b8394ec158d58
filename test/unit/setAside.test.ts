import * as assert from "node:assert/strict";
import { fingerprintOf } from "../../src/core/fingerprint";
import { SetAside, setAsideWords } from "../../src/editor/setAside";

describe("Documents that are set aside", () => {
  let now = 0;
  const create = (): SetAside => {
    now = 0;
    return new SetAside(() => now);
  };
  const fail = (aside: SetAside, text: string): void => {
    assert.equal(aside.sends("a", () => text).kind, "try");
    aside.ended("a", fingerprintOf(text), "hung");
  };

  it("are tried again with another text, never with the same one", () => {
    const aside = create();
    fail(aside, "bad");
    assert.deepEqual(
      aside.sends("a", () => "bad"),
      { kind: "set aside", why: "hung", inARow: 1, waitMs: 0 },
    );
    assert.equal(aside.sends("b", () => "bad").kind, "try");
    assert.equal(aside.sends("a", () => "good").kind, "try");
    aside.analysed("a");
    now += 3_600_000;
    assert.equal(aside.sends("a", () => "bad").kind, "set aside", "an undo brings the same text back");
    aside.clear();
    assert.equal(aside.sends("a", () => "bad").kind, "try");
  });

  it("wait ever longer where each new text fails, and no more after one that works", () => {
    const aside = create();
    const waits: number[] = [];
    for (let version = 1; version <= 9; version++) {
      fail(aside, `bad ${version}`);
      const verdict = aside.sends("a", () => "other");
      waits.push(verdict.kind === "try" ? 0 : verdict.waitMs / 1000);
      now += waits.at(-1) === 0 ? 0 : (waits.at(-1) ?? 0) * 1000;
    }
    assert.deepEqual(waits, [0, 0, 30, 60, 120, 240, 480, 600, 600]);
    assert.equal(aside.sends("a", () => "good").kind, "try");
    aside.analysed("a");
    fail(aside, "bad again");
    assert.equal(aside.sends("a", () => "another").kind, "try");
  });

  it("say why, and what comes next", () => {
    assert.equal(
      setAsideWords("chat.py", { kind: "set aside", why: "hung", inARow: 1, waitMs: 0 }, 5),
      "Prompt Cost Lens stopped analyzing chat.py: it took longer than 5 s. It will be tried again when the file changes.",
    );
    assert.match(
      setAsideWords("chat.py", { kind: "set aside", why: "crashed", inARow: 3, waitMs: 29_500 }, 5),
      /made the analysis fail, 3 versions in a row\. .* in 30 s at the earliest/,
    );
  });
});
