import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { OwnedStore } from "../../../src/core/telemetry/local/ownedStore";
import { llmSpans } from "./spans";

const attributes = (user: number) => ({ user_id: `user ${user}`, "gen_ai.usage.cost_usd": 0.5 });
const calls = (count: number, at = Date.now() - 3_600_000) =>
  llmSpans(Array.from({ length: count }, (_, index) => ({ at: at + index, attributes: attributes(index % 50) })));

describe("The owned store", () => {
  let folder = "";
  let file = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-owned-"));
    file = path.join(folder, "spans.sqlite");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("forgets everything in a store that has seen users and nested spans, and keeps what comes after", () => {
    const store = new OwnedStore(file);
    const trace = "a".repeat(32);
    store.write(
      llmSpans([
        { trace, id: "1".repeat(16), at: Date.now() - 5000, attributes: attributes(1) },
        { trace, id: "2".repeat(16), parent: "1".repeat(16), at: Date.now() - 4000, attributes: attributes(1) },
      ]),
    );
    store.clear();
    assert.equal(store.status().spans, 0);
    store.write(calls(3));
    assert.equal(store.status().spans, 3);
    store.close();
    const reopened = new OwnedStore(file);
    assert.deepEqual([reopened.status().spans, reopened.notice], [3, null]);
    reopened.close();
  });

  it("empties the write-ahead log under load, so that it stays bounded", () => {
    const store = new OwnedStore(file);
    let largest = 0;
    // Small batches, as of a quiet application: each writes the same few pages again.
    for (let batch = 0; batch < 2000; batch++) {
      store.write(calls(3));
      largest = Math.max(largest, statSync(`${file}-wal`).size);
    }
    assert.equal(store.status().spans, 6000);
    // 4000 pages of 8 KiB start a checkpoint; the transaction that passes them is small.
    assert.ok(largest < 40_000_000, `${largest} bytes of log`);
    store.close();
  });
});
