import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { LlmSpan } from "../../../../src/core/telemetry/llmSpan";
import { OwnedStore } from "../../../../src/core/telemetry/local/ownedStore";
import { MOST_SITES, type SpendDetail } from "../../../../src/core/telemetry/spend";
import { builtInPrices } from "../../support";
import { MINUTE_US, call } from "./calls";

const HOUR_US = 60 * MINUTE_US;
const FROM_US = Date.UTC(2026, 10, 20, 6) * 1000;
const TO_US = FROM_US + 2 * HOUR_US;

describe("The detail of the local store", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-detail-"));
  let files = 0;
  let spans = 0;
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Two hours of a store that holds these calls. */
  function detailOf(calls: readonly Partial<LlmSpan>[]): SpendDetail {
    const store = new OwnedStore(path.join(folder, `${++files}.sqlite`), { retentionDays: 36_500, maxBytes: 1e12 });
    const id = (): string => (++spans).toString(16).padStart(16, "0");
    store.write(calls.map((given) => call({ traceId: id() + id(), spanId: id(), startUs: FROM_US, ...given })));
    const query = { fromUs: FROM_US, toUs: TO_US, bucketUs: HOUR_US, filters: {}, withDetail: true };
    const { detail } = store.spend(query, builtInPrices);
    store.close();
    return detail ?? assert.fail("there is no detail");
  }

  it("compares with the period of the same length right before the range, to the microsecond", () => {
    const at = (startUs: number, costUsd: number): Partial<LlmSpan> => ({ startUs, costUsd });
    const { before } = detailOf([
      at(FROM_US - 2 * HOUR_US - 1, 100),
      at(FROM_US - 2 * HOUR_US, 1),
      at(FROM_US - HOUR_US, 2),
      at(FROM_US - 1, 4),
      at(FROM_US, 200),
      at(TO_US, 400),
      { ...at(FROM_US - 5 * MINUTE_US, 8), feature: "chat" },
    ]);
    assert.deepEqual(
      Object.fromEntries((before ?? []).map(({ feature, costUsd, calls }) => [feature.value, [costUsd, calls]])),
      { support: [7, 3], chat: [8, 1] },
    );
  });

  it("lists places in the code by their cost, then by their calls, and no more than the most expensive", () => {
    const site = (file: string, costUsd: number, calls = 1): Partial<LlmSpan>[] =>
      Array.from({ length: calls }, () => ({ file, line: 7, costUsd: costUsd / calls }));
    const { sites } = detailOf([
      ...site("cheap.py", 1),
      ...site("dear.py", 4),
      ...site("often.py", 2, 4),
      ...site("rare.py", 2),
      { costUsd: 50 },
    ]);
    assert.deepEqual(
      sites.map(({ file, calls, costUsd }) => [file, calls, costUsd]),
      [
        ["dear.py", 1, 4],
        ["often.py", 4, 2],
        ["rare.py", 1, 2],
        ["cheap.py", 1, 1],
      ],
    );
    const many = detailOf(Array.from({ length: MOST_SITES + 5 }, (_, at) => site(`${at}.py`, 1 + at)[0] ?? {})).sites;
    assert.deepEqual([many.length, many[0]?.file, many.at(-1)?.file], [MOST_SITES, `${MOST_SITES + 4}.py`, "5.py"]);
  });

  it("counts the reasons why calls ended, the most usual first", () => {
    const { finishReasons } = detailOf([
      { finishReason: "length" },
      {},
      {},
      { finishReason: null },
      {},
      { finishReason: "length" },
    ]);
    assert.deepEqual(finishReasons, [
      { reason: "stop", calls: 3 },
      { reason: "length", calls: 2 },
      { reason: null, calls: 1 },
    ]);
  });
});
