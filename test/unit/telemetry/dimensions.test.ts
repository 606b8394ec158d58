import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { defaultLimits } from "../../../src/core/telemetry/defaults";
import {
  type CellDimension,
  type Dimension,
  dimensionTable,
  dimensions,
  dimensionsOf,
} from "../../../src/core/telemetry/dimensions";
import { OwnedStore } from "../../../src/core/telemetry/local/ownedStore";
import { groupBy } from "../../../src/core/telemetry/spend";
import { builtInPrices } from "../support";
import { llmSpans } from "./spans";

/** The table with two dimensions more, as somebody would add them. */
const more = {
  ...dimensionTable,
  region: {
    title: "Region",
    plural: "regions",
    unset: "(no region)",
    columns: ["cloud_region"],
    sqlName: "region",
    isInCube: true,
  },
  tenant: {
    title: "Tenant",
    plural: "tenants",
    unset: "(no tenant)",
    columns: ["tenant"],
    sqlName: "tenant",
    isInCube: false,
  },
} as const;
type More = keyof typeof more;

describe("A dimension that is added to the table", () => {
  const all = dimensionsOf<More, CellDimension | "region">(more);

  it("is named, and has a key in cells where the cube tells it apart", () => {
    assert.deepEqual(all.names, [...dimensions, "region", "tenant"]);
    assert.deepEqual(all.inCube, ["feature", "model", "team", "environment", "region"]);
    assert.deepEqual(Object.keys(all.cellKeys(() => null)), all.inCube);
    assert.deepEqual(all.from((name) => more[name].columns)["region"], ["cloud_region"]);
  });

  it("doesn't compile where it is forgotten", () => {
    const forgotten = { feature: "", model: "", team: "", environment: "" };
    // @ts-expect-error what has a value of each dimension can't do without one
    const keys: Record<CellDimension | "region", string> = forgotten;
    assert.equal("region" in keys, false);
  });
});

describe("The table of dimensions", () => {
  it("gives every dimension names of its own", () => {
    for (const name of ["title", "plural", "unset", "sqlName"] as const)
      assert.equal(new Set(dimensions.map((dimension) => dimensionTable[dimension][name])).size, dimensions.length);
  });

  it("is what spans report: each column of a dimension reaches its groups and its filter in the local store", async () => {
    const at = Date.now() - 60_000;
    const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-dimensions-"));
    const columnsOf = (name: Dimension): readonly string[] => dimensionTable[name].columns;
    try {
      for (let choice = 0; dimensions.some((name) => columnsOf(name).length > choice); choice++) {
        const named = dimensions.filter((name) => columnsOf(name).length > choice);
        const attributes = Object.fromEntries(named.map((name) => [columnsOf(name)[choice] ?? "", `a ${name}`]));
        const store = new OwnedStore(path.join(folder, `${choice}.sqlite`), defaultLimits);
        try {
          store.write(llmSpans([{ at, attributes: { "gen_ai.request.model": "-", ...attributes } }, { at: at + 1 }]));
          const range = { fromUs: 0, toUs: (at + 10) * 1000, bucketUs: (at + 10) * 1000 };
          for (const name of named) {
            const found = async (value: string | null) =>
              groupBy(await store.spend({ ...range, filters: { [name]: [value] } }, builtInPrices), name);
            const [group, ...others] = await found(`a ${name}`);
            assert.deepEqual([group?.key, group?.calls, others], [{ value: `a ${name}`, isRest: false }, 1, []]);
            assert.deepEqual(await found("another"), []);
          }
        } finally {
          store.close();
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
