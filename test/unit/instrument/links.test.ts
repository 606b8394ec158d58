import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { writeAll } from "../../../src/cli/writeFiles";
import { DiskFiles } from "../../../src/core/calls/files";
import { Instrumenter } from "../../../src/core/instrument/instrumenter";
import { currentWrapper } from "../../../src/core/instrument/wrapperFiles";
import { assets, root } from "../support";

const code = "def greet():\n    c.chat.completions.create(model='m')\n";

describe("What instrumenting writes, and where", () => {
  let folder: string;
  let project: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-links-"));
    project = path.join(folder, "project");
    mkdirSync(path.join(folder, "outside"));
    mkdirSync(project);
    writeFileSync(path.join(folder, "outside", "a.py"), code);
    writeFileSync(path.join(project, "a.py"), code);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [path.join(root, "dist", "cli.js"), "instrument", ...args], {
      cwd: project,
      encoding: "utf8",
      timeout: 60_000,
    });
  /** Every file below the folder with its bytes, links as what they lead to. */
  const all = (at = folder): Record<string, string> =>
    Object.fromEntries(
      readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
        const file = path.join(at, entry.name);
        if (entry.isDirectory()) return Object.entries(all(file));
        return [[file, entry.isFile() ? readFileSync(file, "utf8") : String(lstatSync(file).mode)]];
      }),
    );
  const link = (to: string, at: string): void => symlinkSync(path.join(folder, to), path.join(project, at));

  const cases: [string, () => void, string[], RegExp][] = [
    ["a source file that is a link", () => link("outside/a.py", "b.py"), ["b.py"], /b\.py is a symbolic link/],
    ["a folder that is a link", () => link("outside", "sub"), ["sub"], /sub is a symbolic link/],
    ["a file behind a folder that is a link", () => link("outside", "sub"), ["sub/a.py"], /behind a symbolic link/],
    [
      "a file outside of the project beside one inside",
      () => undefined,
      ["a.py", "../outside/a.py"],
      /outside of the project/,
    ],
    [
      "a wrapper that is a link",
      () => link("outside/w.py", "prompt_cost.py"),
      ["a.py"],
      /prompt_cost\.py is a symbolic link/,
    ],
    [
      "prices that are a link",
      () => link("outside/a.py", "prompt_cost_prices.py"),
      ["."],
      /prompt_cost_prices\.py is a sym/,
    ],
    [
      "a package's folder that is a link",
      () => {
        writeFileSync(path.join(project, "package.json"), "{}");
        link("outside", "src");
      },
      ["src/a.py"],
      /behind a symbolic link/,
    ],
  ];
  if (process.platform !== "win32") {
    const pipe = (name: string) => (): void => void spawnSync("mkfifo", [path.join(project, name)]);
    cases.push(
      ["a source file that is a pipe", pipe("b.py"), ["b.py"], /b\.py is neither a file nor a folder/],
      ["a wrapper that is a pipe", pipe("prompt_cost.py"), ["a.py"], /prompt_cost\.py is not a regular file/],
    );
  }
  for (const [what, prepare, paths, reason] of cases) {
    it(`refuses ${what}, and writes nothing`, () => {
      prepare();
      // Another file that could be written, before and after the one that is refused.
      mkdirSync(path.join(project, "0"));
      mkdirSync(path.join(project, "z"));
      for (const name of ["0/x.mjs", "z/x.mjs"])
        writeFileSync(path.join(project, name), "export const x = client.responses.create({ model, input });\n");
      const before = all();
      const { status, stderr, stdout } = run("0/x.mjs", ...paths, "z/x.mjs", "--all");
      assert.deepEqual([status, stdout], [2, ""], stderr);
      assert.match(stderr, /nothing was written/);
      assert.match(stderr, reason);
      assert.deepEqual(all(), before);
    });
  }

  it("tracks in a project that is itself reached by a link, and resolves ..", () => {
    symlinkSync(project, path.join(folder, "linked"));
    mkdirSync(path.join(project, "sub"));
    const { status, stderr } = spawnSync(
      process.execPath,
      [path.join(root, "dist", "cli.js"), "instrument", "sub/../a.py", "--feature", "f"],
      { cwd: path.join(folder, "linked"), encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
    assert.match(readFileSync(path.join(project, "a.py"), "utf8"), /tracked\(/);
  });

  it("keeps the mode of what it replaces, and leaves no file of its own", () => {
    chmodSync(path.join(project, "a.py"), 0o750);
    assert.equal(run("a.py", "--feature", "f").status, 0);
    assert.equal(statSync(path.join(project, "a.py")).mode & 0o777, 0o750);
    assert.deepEqual(readdirSync(project).sort(), ["a.py", "prompt_cost.py", "prompt_cost_prices.py"]);
    assert.equal(run("a.py", "--remove").status, 0);
    assert.equal(statSync(path.join(project, "a.py")).mode & 0o777, 0o750);
    assert.deepEqual(readdirSync(project), ["a.py"]);
  });

  it("replaces a file as a whole: who has it open reads the old text to its end", () => {
    const inode = statSync(path.join(project, "a.py")).ino;
    assert.equal(run("a.py", "--feature", "f").status, 0);
    assert.notEqual(statSync(path.join(project, "a.py")).ino, inode);
  });

  it("writes all files or none where one has become a link since it was read", () => {
    const [a, b] = [path.join(project, "a.py"), path.join(project, "b.py")];
    symlinkSync(path.join(folder, "outside", "a.py"), b);
    const before = all();
    assert.throws(
      () =>
        writeAll(
          new Map([
            [a, { before: code, after: "new" }],
            [b, { before: code, after: "new" }],
          ]),
          project,
        ),
      /nothing was written: b\.py is a symbolic link/,
    );
    assert.deepEqual(all(), before);
  });

  it("refuses for the editor too, and offers no new text for a wrapper behind a link", async () => {
    link("outside/w.py", "prompt_cost.py");
    const instrumenter = new Instrumenter(assets, new DiskFiles([project]));
    const opened = (await instrumenter.open(path.join(project, "a.py"), code, project)) ?? assert.fail();
    assert.deepEqual(
      opened.calls.map(({ refusal }) => refusal),
      ["prompt_cost.py is a symbolic link"],
    );
    opened.close();
    const source = { dist: assets.folder, table: null, catalogue: assets.catalogue };
    assert.deepEqual(currentWrapper(path.join(project, "prompt_cost.py"), project, source), []);
  });
});
