import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { IgnoreRules } from "../../../src/core/scan/ignoreRules";

describe("The rules of .gitignore", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-ignore-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const rulesOf = (...lines: string[]): IgnoreRules => {
    writeFileSync(path.join(folder, ".gitignore"), lines.join("\n"));
    return new IgnoreRules(folder);
  };
  const decide = (rules: IgnoreRules, file: string): boolean | undefined =>
    rules.decide(path.join(folder, file), false);

  const hostile = [
    `${"a*".repeat(30)}b`,
    `${"**/".repeat(30)}b`,
    `${"*a".repeat(200)}`,
    "***a***a***b",
    `${"[a-z]*".repeat(20)}0`,
    `${"?*".repeat(50)}0`,
    "[z-a]x",
    "[",
    "\\",
    `${"(a+)+".repeat(50)}$`,
    "x".repeat(100_000),
    "!".repeat(300),
    `**/${"a*/**/".repeat(20)}b`,
  ];
  for (const line of hostile)
    it(`holds the rest, whatever ${line.slice(0, 30)} (${line.length} characters) is`, () => {
      const rules = rulesOf("before/", line, "*.gen.py", "!kept.gen.py");
      assert.equal(decide(rules, `${"a".repeat(240)}.py`) ?? false, false);
      assert.equal(decide(rules, `${"a/".repeat(90)}${"a".repeat(200)}`) ?? false, false);
      assert.equal(decide(rules, "before/x.py"), true);
      assert.equal(decide(rules, "x.gen.py"), true);
      assert.equal(decide(rules, "kept.gen.py"), false);
    });

  it("holds what people write", () => {
    const rules = rulesOf("/build", "**/*.egg-info/", "docs/**/*.py", "test_*_*.py", "# comment", "", "*.py[cod]");
    for (const file of ["build/a.py", "x/y.egg-info/a.py", "docs/a/b.py", "test_a_b.py", "a.pyc"])
      assert.equal(decide(rules, file), true, file);
    for (const file of ["src/build.py", "docs.py", "test_a.py", "a.py"])
      assert.equal(decide(rules, file), undefined, file);
  });

  it("stays quick with thousands of the most costly lines that are taken", () => {
    const rules = rulesOf(...Array.from({ length: 20_000 }, (_, index) => `*a*a*${index}`), "*.gen.py");
    for (let index = 0; index < 500; index++) decide(rules, `${"a".repeat(240)}${index}z`);
    assert.equal(decide(rulesOf("*.gen.py"), "x.gen.py"), true);
  });
});
