import * as assert from "node:assert/strict";
import { SetAside, setAsideWords } from "../../src/editor/setAside";

describe("Documents that are set aside", () => {
  let now = 0;
  const create = (): SetAside => {
    now = 0;
    return new SetAside(() => now);
  };
  const fail = (aside: SetAside, version: number, text: string): void => {
    assert.equal(aside.sends("a", version, text).kind, "try");
    aside.ended("a", version, "hung");
    aside.restarted();
  };

  it("are tried again with another text, never with the same one", () => {
    const aside = create();
    fail(aside, 1, "bad");
    assert.deepEqual(aside.sends("a", 1, "bad"), { kind: "set aside", why: "hung", inARow: 1, waitMs: 0 });
    assert.equal(aside.sends("b", 1, "bad").kind, "try");
    assert.equal(aside.sends("a", 2, "good").kind, "try");
    aside.analysed("a", 2);
    now += 3_600_000;
    assert.equal(aside.sends("a", 3, "bad").kind, "set aside", "an undo brings the same text back");
    aside.clear();
    assert.equal(aside.sends("a", 4, "bad").kind, "try");
  });

  it("wait ever longer where each new text fails, and no more after one that works", () => {
    const aside = create();
    const waits: number[] = [];
    for (let version = 1; version <= 9; version++) {
      fail(aside, version, `bad ${version}`);
      const verdict = aside.sends("a", version + 1, "other");
      waits.push(verdict.kind === "try" ? 0 : verdict.waitMs / 1000);
      now += waits.at(-1) === 0 ? 0 : (waits.at(-1) ?? 0) * 1000;
    }
    assert.deepEqual(waits, [0, 0, 30, 60, 120, 240, 480, 600, 600]);
    assert.equal(aside.sends("a", 20, "good").kind, "try");
    aside.analysed("a", 20);
    fail(aside, 21, "bad again");
    assert.equal(aside.sends("a", 22, "another").kind, "try");
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
