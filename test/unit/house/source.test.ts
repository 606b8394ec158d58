import * as assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "../support";
import { floorOf, floors } from "./floors";
import { cycles, importsOf, sourceFiles } from "./graph";

describe("The source", () => {
  const files = sourceFiles();
  const graph = importsOf(files);

  it("has no file that needs itself to be loaded", () => {
    assert.deepEqual(
      cycles(files, (file) => graph.get(file)?.values ?? []),
      [],
    );
  });

  it("has no types that go round in circles, but those of languages and of what walks by them", () => {
    const all = cycles(files, (file) => graph.get(file)?.all ?? []);
    assert.deepEqual(
      all.filter((cycle) => !cycle.every((file) => /^src\/core\/(calls|languages)\//.test(file))),
      [],
    );
  });

  it("lets data walk one way: a folder imports only from those below it", () => {
    const upwards: string[] = [];
    for (const file of files) {
      for (const imported of graph.get(file)?.all ?? []) {
        const [from, to] = [floorOf(file), floorOf(imported)];
        if (from < to) upwards.push(`${file} (${floors[from] ?? ""}) → ${imported} (${floors[to] ?? ""})`);
      }
    }
    assert.deepEqual(upwards, []);
  });

  it("has a floor for each folder", () => {
    for (const file of files) assert.ok(floorOf(file) >= 0, `${file} is on no floor of test/unit/house/floors.ts`);
  });

  it("makes Markdown of its own markup in one file", () => {
    const users = files.filter((file) => readFileSync(path.join(root, file), "utf8").includes("fromOwn"));
    assert.deepEqual(users, ["src/core/text/markdown.ts"]);
  });
});

describe("The graph of imports", () => {
  it("sees types, defaults, re-exports, dynamic imports and files that draw", () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-graph-"));
    const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
    write("types.ts", 'import type { A } from "./drawn";\nimport { type B } from "./b";\n');
    write("drawn.tsx", 'import Default from "./b";\nexport { c } from "./c";\n');
    write("b.ts", 'export * from "./types";\nconst later = import("./c");\n');
    write("c.ts", 'export type { A } from "./types";\n');
    const names = ["types.ts", "drawn.tsx", "b.ts", "c.ts"];
    const graph = importsOf(names, folder);
    rmSync(folder, { recursive: true });
    const read = (kind: "all" | "values"): Record<string, string[]> =>
      Object.fromEntries(names.map((name) => [name, graph.get(name)?.[kind] ?? []]));
    assert.deepEqual(read("all"), {
      "types.ts": ["drawn.tsx", "b.ts"],
      "drawn.tsx": ["b.ts", "c.ts"],
      "b.ts": ["types.ts", "c.ts"],
      "c.ts": ["types.ts"],
    });
    assert.deepEqual(read("values"), {
      "types.ts": [],
      "drawn.tsx": ["b.ts", "c.ts"],
      "b.ts": ["types.ts", "c.ts"],
      "c.ts": [],
    });
    assert.deepEqual(
      cycles(names, (name) => read("values")[name] ?? []),
      [],
    );
    assert.deepEqual(
      cycles(names, (name) => read("all")[name] ?? []).map((cycle) => cycle.length),
      [4],
    );
  });
});
