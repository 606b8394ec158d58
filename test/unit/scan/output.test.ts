import * as assert from "node:assert/strict";
import { LineStarts } from "../../../src/core/scan/lineStarts";
import { toScanOutput } from "../../../src/core/scan/output";
import { analysePython } from "../support";

describe("What a scan prints", () => {
  it("counts lines and columns from 1", () => {
    const lines = new LineStarts("ab\r\n\nc😀d\n");
    const places = [0, 2, 4, 5, 8, 10].map((offset) => Object.values(lines.at(offset)).join(":"));
    assert.deepEqual(places, ["1:1", "1:3", "2:1", "3:1", "3:4", "4:1"]);
  });

  it("has the input's and the output's cost, each in its place, and claims no more than the count", async () => {
    const code = (content: string): string =>
      `client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": ${content}}], max_tokens=1000)\n`;
    const found = await analysePython(code('"Hello"') + code("f'Hello {name}'"));
    const { calls } = toScanOutput(
      {
        calls: found.map(({ api, estimate }) => ({
          api,
          estimate,
          file: "/work/main.py",
          cell: 3,
          line: 2,
          column: 5,
          language: "python",
        })),
        files: { scanned: 1, skipped: {} },
        problems: [],
      },
      (file) => file.slice("/work/".length),
    );
    const [known, open] = calls;
    // gpt-4o: 2.50 and 10 USD per million.
    assert.deepEqual(known?.costUsd, { input: (8 * 2.5) / 1e6, outputLimit: 0.01 });
    assert.deepEqual(known.input, { tokens: 8, exact: true, confidence: "exact", reasons: [] });
    assert.deepEqual([known.file, known.cell, known.line, known.column], ["main.py", 3, 2, 5]);
    assert.deepEqual([open?.input.exact, open?.input.confidence, open?.holes], [false, "lowerBound", ["name"]]);
  });
});
