import * as assert from "node:assert/strict";
import { toInsight } from "../../../src/core/insight/build";
import { totalOverTime } from "../../../src/core/insight/groups";
import { type Selection, insight as insightSchema, tabIds } from "../../../src/core/insight/insight";
import { chartPanel, timeAxis } from "../../../src/core/insight/panels/panel";
import { panels } from "../../../src/core/insight/panels/registry";
import { PriceBook } from "../../../src/core/pricing/price";
import { csvOf } from "../../../src/webview/csv";
import { colorOf } from "../../../src/webview/theme";
import { assets } from "../support";
import { REST, cell, cubeOf, key } from "./cubes";

const prices = new PriceBook(null, assets.catalogue);
const selection: Selection = { range: { last: "24h" }, filters: [] };
const cube = cubeOf(2, [
  // Two models that are called like what stands for many.
  cell(0, { feature: key("all others"), model: "not split" }, { calls: 3, costUsd: 2, unpricedCalls: 1 }),
  cell(1, { feature: REST, model: "gpt-4o" }, { calls: 4, costUsd: 5 }),
]);

describe("The list of panels", () => {
  it("is all that the dashboard needs of a new chart", () => {
    const fake = chartPanel(
      { id: "fake", tab: "efficiency", title: "Calls without a price over time", form: "stacked", unit: "calls" },
      ({ model }) => ({
        axis: timeAxis(model),
        series: [
          {
            id: "unpriced",
            name: "unpriced",
            role: "value",
            target: null,
            values: totalOverTime(model, ({ unpricedCalls }) => unpricedCalls),
          },
        ],
      }),
    );
    const drawn = toInsight(cube, prices, selection, 0, [...panels, fake]);
    // What the view takes of what crosses to it.
    const crossed = insightSchema.parse(structuredClone(drawn));
    assert.equal(crossed.panels.length, panels.length + 1);
    const [found] = crossed.panels.filter(({ id }) => id === "fake");
    assert.ok(found?.kind === "chart");
    assert.deepEqual([found.tab, found.series[0]?.values], ["efficiency", [1, 0]]);
    assert.match(csvOf(found), /^Time,unpriced \(calls\)\r\n1970-01-01T00:00:00.000Z,1\r\n/);
  });

  it("has an id for each panel, and a tab that there is", () => {
    const drawn = toInsight(cube, prices, selection, 0).panels;
    assert.equal(new Set(drawn.map(({ id }) => id)).size, panels.length);
    for (const { id, tab } of drawn) assert.ok(tabIds.includes(tab), id);
  });
});

describe("A value of a chart", () => {
  it("is what it is by its id and role, whatever it is called", () => {
    const { timeline, features, panels: drawn } = toInsight(cube, prices, selection, 0);
    assert.deepEqual(
      timeline.series.map(({ name, role }) => [name, role]),
      [
        ["all others", "value"],
        ["all others", "others"],
      ],
    );
    assert.equal(new Set(features.map(({ id }) => id)).size, 2);
    const theme = { text: "", faint: "", line: "", background: "", series: ["blue"], others: "grey" };
    assert.deepEqual(
      timeline.series.map(({ role }, index) => colorOf(theme, index, role)),
      ["blue", "grey"],
    );
    const split = drawn.find(({ id }) => id === "input-output-cost");
    assert.ok(split?.kind === "chart");
    assert.deepEqual(
      split.series.map(({ id, role }) => [id, role]),
      [
        ["input", "value"],
        ["output", "value"],
        ["unsplit", "unsplit"],
      ],
    );
  });
});
