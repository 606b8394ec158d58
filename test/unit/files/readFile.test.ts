import * as assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { DiskFiles } from "../../../src/core/calls/files";
import { type Within, MAX_FILE_SIZE, readTextFile, readTextFileAsync } from "../../../src/core/files/readFile";
import { walk } from "../../../src/core/scan/walk";
import { root } from "../support";

const cli = path.join(root, "dist", "cli.js");
/** No run needs a tenth of it; one that reads a pipe or a device never ends by itself. Milliseconds. */
const MAX_TIME = 60_000;

describe("Files of a repository", function () {
  this.timeout(2 * MAX_TIME);
  const base = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-files-"));
  const workspace = path.join(base, "workspace");
  const inside = (name: string): string => path.join(workspace, name);
  const call = (content: string): string =>
    `from pathlib import Path\nclient.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": ${content}}])\n`;
  const run = (args: readonly string[], cwd = workspace) =>
    spawnSync(process.execPath, [cli, ...args], { encoding: "utf8", cwd, timeout: MAX_TIME });

  before(() => {
    mkdirSync(inside("folder"), { recursive: true });
    mkdirSync(path.join(base, "outside"));
    writeFileSync(path.join(base, "outside", "secret.txt"), "secret");
    writeFileSync(path.join(base, "outside", "call.py"), call('"x"'));
    writeFileSync(inside("prompt.txt"), "A prompt.");
    writeFileSync(inside("wide.txt"), Buffer.from("\ufeffwide", "utf16le"));
    writeFileSync(inside("large.txt"), "");
    truncateSync(inside("large.txt"), MAX_FILE_SIZE + 1);
    symlinkSync(inside("prompt.txt"), inside("link.txt"));
    symlinkSync(path.join(base, "outside", "secret.txt"), inside("leaves.txt"));
    symlinkSync(path.join(base, "outside"), inside("leaving"));
    symlinkSync("loop.txt", inside("loop.txt"));
    symlinkSync(workspace, path.join(base, "alias"));
    symlinkSync(workspace, inside("folder/cycle"));
    symlinkSync("/dev/zero", inside("zero.txt"));
    assert.equal(spawnSync("mkfifo", [inside("pipe.txt")]).status, 0);
  });
  after(() => rmSync(base, { recursive: true, force: true }));

  const cases: [name: string, file: string, within: Within | null, result: string | { unreadable: string }][] = [
    ["a regular file", "prompt.txt", null, "A prompt."],
    ["UTF-16", "wide.txt", null, "wide"],
    ["a link within the workspace", "link.txt", null, "A prompt."],
    ["a link out of the workspace", "leaves.txt", null, { unreadable: "outside the workspace" }],
    ["a file in a folder that leads out", "leaving/secret.txt", null, { unreadable: "outside the workspace" }],
    ["a path that leads out", "../outside/secret.txt", null, { unreadable: "outside the workspace" }],
    ["a link that a person named", "leaves.txt", "anywhere", "secret"],
    ["a link to itself", "loop.txt", "anywhere", { unreadable: "missing" }],
    ["a missing file", "none.txt", null, { unreadable: "missing" }],
    ["a folder", "folder", null, { unreadable: "not a regular file" }],
    ["a pipe", "pipe.txt", null, { unreadable: "not a regular file" }],
    ["a pipe that a person named", "pipe.txt", "anywhere", { unreadable: "not a regular file" }],
    ["a device that never ends", "zero.txt", "anywhere", { unreadable: "not a regular file" }],
    ["a file that is too large", "large.txt", null, { unreadable: "too large" }],
  ];
  for (const [name, file, within, expected] of cases)
    it(`reads or refuses ${name}`, async () => {
      const result = typeof expected === "string" ? { text: expected } : expected;
      assert.deepEqual(readTextFile(inside(file), within ?? [workspace]), result);
      assert.deepEqual(await readTextFileAsync(inside(file), within ?? [workspace]), result);
    });

  it("reads in a workspace that is itself a link", () => {
    assert.deepEqual(readTextFile(path.join(base, "alias", "prompt.txt"), [path.join(base, "alias")]), {
      text: "A prompt.",
    });
  });

  it("never reads what lies outside, while another process exchanges the file for a link", () => {
    const [file, secret] = [inside("changing.txt"), path.join(base, "outside", "secret.txt")];
    const exchange = `const fs = require("node:fs"); for (;;) {
      fs.writeFileSync("${file}.new", "mine"); fs.renameSync("${file}.new", "${file}");
      fs.symlinkSync("${secret}", "${file}.link"); fs.renameSync("${file}.link", "${file}"); }`;
    const other = spawn(process.execPath, ["-e", exchange], { stdio: "ignore" });
    try {
      const seen = new Set<string>();
      const has = (part: string): boolean => [...seen].some((result) => result.includes(part));
      // Until the other process has been seen at work both ways, and then for a while.
      for (let round = 0; round < 20_000 || (round < 2_000_000 && !(has("mine") && has("outside"))); round++)
        seen.add(JSON.stringify(readTextFile(file, [workspace])));
      assert.ok(has("mine") && has("outside"), [...seen].join());
      assert.ok(![...seen].some((result) => result.includes("secret")), [...seen].join());
    } finally {
      other.kill("SIGKILL");
    }
  });

  it("keeps what one folder may read from another that may not", () => {
    const files = new DiskFiles([workspace]);
    const secret = path.join(base, "outside", "secret.txt");
    assert.equal(files.read(secret, [path.join(base, "outside")]), "secret");
    assert.equal(files.read(secret, [workspace]), undefined);
    files.forget(path.join(base, "outside"));
    assert.equal(files.read(secret, [path.join(base, "outside")]), "secret");
  });

  it("takes no prompt from a link out of the workspace, a pipe or a device", () => {
    for (const name of ["leaves.txt", "leaving/secret.txt", "pipe.txt", "zero.txt"]) {
      writeFileSync(inside("main.py"), call(`Path("${name}").read_text()`));
      const { stdout, status } = run(["scan", "main.py", "--json"]);
      assert.equal(status, 0, name);
      assert.match(stdout, /"holes": \[\s*"Path/, name);
    }
    writeFileSync(inside("main.py"), call('Path("link.txt").read_text()'));
    assert.match(run(["scan", "main.py", "--json"]).stdout, /"holes": \[\]/);
    rmSync(inside("main.py"));
  });

  it("walks past links to folders, files and devices", () => {
    symlinkSync(path.join(base, "outside", "call.py"), inside("linked.py"));
    assert.equal(spawnSync("mkfifo", [inside("pipe.py")]).status, 0);
    writeFileSync(inside("own.py"), call('"x"'));
    assert.deepEqual([...walk(workspace, false)], [inside("own.py")]);
    for (const name of ["linked.py", "pipe.py", "own.py"]) rmSync(inside(name));
  });

  for (const [name, make] of [
    ["a device", (file: string) => symlinkSync("/dev/zero", file)],
    ["a pipe", (file: string) => void spawnSync("mkfifo", [file])],
    ["a link out of the repository", (file: string) => symlinkSync(path.join(base, "outside", "secret.txt"), file)],
  ] as const)
    it(`is not held up by files of a repository's settings that are ${name}`, () => {
      const folder = mkdtempSync(path.join(base, "repository-"));
      mkdirSync(path.join(folder, ".git"));
      writeFileSync(
        path.join(folder, "main.ts"),
        'import { X } from "alias/x";\nclient.chat.completions.create({ model: "gpt-4o", messages: [] });\n',
      );
      for (const file of [".gitignore", "tsconfig.json", "package.json"]) make(path.join(folder, file));
      const scanned = run(["scan", "."], folder);
      assert.equal(scanned.status, 0, scanned.stderr);
      assert.match(scanned.stdout, /1 call\. 1 file scanned/);
      const checked = run(["instrument", ".", "--check"], folder);
      assert.match(checked.stdout, /1 call is not tracked/);
      make(path.join(folder, "prompt-cost.pricing.json"));
      const priced = run(["scan", "."], folder);
      assert.equal(priced.status, 2);
      assert.match(priced.stderr, /can't be read: it is (not a regular file|outside the workspace)/);
    });

  it("refuses pipes and devices on the command line at once, and reads links", () => {
    for (const args of [
      ["scan", "pipe.txt"],
      ["instrument", "pipe.txt"],
      ["scan", "/dev/zero"],
      ["count", "pipe.txt"],
      ["count", "/dev/zero"],
      ["check", "pipe.txt"],
      ["scan", "folder", "--pricing", "pipe.txt"],
    ]) {
      const { stderr, status } = run(args);
      assert.equal(status, 2, args.join(" "));
      assert.match(
        stderr,
        /(a pipe, a socket or a device|not a regular file|neither a file nor a folder)/,
        args.join(" "),
      );
    }
    assert.equal(run(["count", "leaves.txt"]).stdout, "1\n");
    const piped = spawnSync(process.execPath, [cli, "count", "-"], { input: "secret", encoding: "utf8" });
    assert.equal(piped.stdout, "1\n");
  });

  it("is the only way in which the source reads files", () => {
    for (const place of ["src/core/scan/walk.ts", "src/cli/count.ts", "src/worker/session.ts", "src/editor/log.ts"]) {
      const { stdout } = spawnSync(
        process.execPath,
        [path.join(root, "node_modules", "eslint", "bin", "eslint.js"), "--print-config", place],
        { encoding: "utf8", cwd: root, timeout: MAX_TIME },
      );
      const { rules } = z
        .object({
          rules: z.object({ "no-restricted-imports": z.tuple([z.number(), z.object({ paths: restricted })]) }),
        })
        .parse(JSON.parse(stdout));
      const { paths } = rules["no-restricted-imports"][1];
      assert.deepEqual(
        paths.map(({ name }) => name),
        ["fs", "node:fs", "fs/promises", "node:fs/promises"],
        place,
      );
      for (const reader of ["default", "openSync", "readFile", "readFileSync", "createReadStream"])
        assert.ok(paths[1]?.importNames?.includes(reader), reader);
    }
  });
});

const restricted = z.array(z.object({ name: z.string(), importNames: z.array(z.string()).optional() }));
