import * as assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { apis, methodNames } from "../../../src/core/calls/apis";
import { root } from "../support";

describe("The query files", () => {
  it("look for every method of the APIs' table", () => {
    for (const file of ["python/methods.scm", "ecmascript/methods.scm"]) {
      const query = readFileSync(path.join(root, "src/core/languages", file), "utf8");
      for (const method of methodNames) assert.ok(query.includes(`"${method}"`), `${method} in ${file}`);
    }
    assert.ok(apis.length > 3);
  });
});

describe("The source", () => {
  const files = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.join(root, "src", file));
  const importsOf = (file: string): string[] =>
    [...readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type\b)[^;]*?from "(\.[^"]+)";/gms)].map(
      (match) => `${path.resolve(path.dirname(file), match[1] ?? "")}.ts`,
    );

  it("has no cycles", () => {
    const done = new Set<string>();
    const visit = (file: string, trail: string[]): void => {
      const at = trail.indexOf(file);
      assert.ok(at < 0, `a cycle: ${[...trail.slice(at), file].map((one) => path.relative(root, one)).join(" → ")}`);
      if (done.has(file) || !files.includes(file)) return;
      for (const imported of importsOf(file)) visit(imported, [...trail, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });

  it("makes Markdown of its own markup in one file", () => {
    const users = files.filter((file) => readFileSync(file, "utf8").includes("fromOwn"));
    assert.deepEqual(
      users.map((file) => path.relative(root, file)),
      [path.join("src", "core", "text", "markdown.ts")],
    );
  });
});
