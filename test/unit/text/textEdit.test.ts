import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { editBetween } from "../../../src/core/edit";
import { applyChanges, editAfter, narrowed } from "../../../src/core/textEdit";

const text = fc.string({ unit: fc.constantFrom("a", "b", "\n", "é", "😀"), maxLength: 30 });
/** Changes as shares of a text's length, so that they fit whatever text they are made in. */
const change = fc.record({ from: fc.double({ min: 0, max: 1, noNaN: true }), take: fc.nat(5), put: text });

/** The changes in a text, each in what the one before has left. */
function changesIn(before: string, drawn: readonly { from: number; take: number; put: string }[]) {
  let now = before;
  const changes = drawn.map(({ from, take, put }) => {
    const start = Math.floor(from * now.length);
    const made = { start, end: Math.min(now.length, start + take), text: put };
    now = now.slice(0, made.start) + put + now.slice(made.end);
    return made;
  });
  return { changes, after: now };
}

describe("Changes of a text", () => {
  it("make the text that they would one after the other, within the one edit that covers them", () => {
    fc.assert(
      fc.property(text, fc.array(change, { maxLength: 6 }), (before, drawn) => {
        const { changes, after } = changesIn(before, drawn);
        const made = applyChanges(before, changes);
        assert.ok(made !== null);
        assert.equal(made.text, after);
        const narrow = narrowed(made.edit, before, after);
        assert.ok(narrow !== undefined);
        const { start, oldEnd, newEnd } = narrow;
        assert.equal(before.slice(0, start) + after.slice(start, newEnd) + before.slice(oldEnd), after);
      }),
      { numRuns: 1000 },
    );
  });

  it("are covered together as if they had come at once", () => {
    fc.assert(
      fc.property(text, fc.array(change, { minLength: 2, maxLength: 6 }), fc.nat(), (before, drawn, cut) => {
        const { changes, after } = changesIn(before, drawn);
        const at = 1 + (cut % (changes.length - 1));
        const first = applyChanges(before, changes.slice(0, at));
        const second = applyChanges(first?.text ?? "", changes.slice(at));
        assert.ok(first !== null && second !== null);
        const { start, oldEnd, newEnd } = narrowed(editAfter(first.edit, second.edit), before, after) ?? assert.fail();
        assert.equal(before.slice(0, start) + after.slice(start, newEnd) + before.slice(oldEnd), after);
      }),
      { numRuns: 1000 },
    );
  });

  it("outside of the text are none", () => {
    assert.equal(applyChanges("abc", [{ start: 3, end: 4, text: "" }]), null);
    assert.equal(applyChanges("abc", [{ start: -1, end: 0, text: "" }]), null);
    assert.equal(applyChanges("abc", [{ start: 2, end: 1, text: "" }]), null);
  });

  it("are told from those that can't have made a text, and hold no more than what changed", () => {
    const edit = editBetween("one two", "one three");
    assert.deepEqual(narrowed({ start: 0, oldEnd: 7, newEnd: 9 }, "one two", "one three"), edit);
    assert.equal(narrowed(edit, "one two", "one three "), undefined);
    assert.equal(narrowed({ ...edit, oldEnd: 20, newEnd: 22 }, "one two", "one three"), undefined);
  });
});
