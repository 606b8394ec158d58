import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { writeAll } from "../../../src/cli/writeFiles";
import { root } from "../support";

describe("prompt-cost instrument", () => {
  const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-instrument-"));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [path.join(root, "dist", "cli.js"), "instrument", ...args], {
      cwd: workspace,
      encoding: "utf8",
    });
  before(() => cpSync(path.join(root, "examples"), workspace, { recursive: true }));
  after(() => rmSync(workspace, { recursive: true, force: true }));

  it("gates, shows, tracks, and takes back a whole tree", () => {
    const before = readFileSync(path.join(workspace, "assistant/answers.py"), "utf8");
    const open = run(".", "--check");
    assert.equal(open.status, 1);
    assert.match(open.stdout, /assistant\/answers\.py:39 chat\.completions\.create/);
    const dry = run(".", "--all", "--dry-run", "--diff");
    assert.match(dry.stdout, /\+\s+response = tracked\(client\.chat\.completions, feature="summarise"\)\.create\(/);
    assert.equal(
      readFileSync(path.join(workspace, "assistant/answers.py"), "utf8"),
      before,
      "a dry run writes nothing",
    );
    const done = run(".", "--all");
    assert.equal(done.status, 0, done.stderr);
    const after = readFileSync(path.join(workspace, "assistant/answers.py"), "utf8");
    assert.match(after, /from prompt_cost import tracked/);
    assert.match(
      readFileSync(path.join(workspace, "prompt_cost.py"), "utf8"),
      /Written by Prompt Cost Lens, version \d+,/,
    );
    assert.match(readFileSync(path.join(workspace, "prompt_cost_prices.py"), "utf8"), /"lantern-support"/);
    assert.equal(run(".", "--all").stdout, "Nothing to track.\n");
    const removed = run(".", "--remove");
    assert.match(removed.stdout, /removes prompt_cost\.py/);
    assert.equal(readFileSync(path.join(workspace, "assistant/answers.py"), "utf8"), before);
    assert.deepEqual(
      readdirSync(workspace).filter((name) => /prompt_?cost/i.test(name)),
      [],
      "the wrapper goes with the last call that it tracks",
    );
  });

  it("asks for what it needs, in words", () => {
    assert.match(run("assistant/answers.py").stderr, /use --all to track each of them/);
    mkdirSync(path.join(workspace, "one"), { recursive: true });
    writeFileSync(path.join(workspace, "one", "x.py"), "def greet():\n    c.chat.completions.create(model='m')\n");
    assert.match(run("one/x.py").stderr, /use --feature NAME, such as --feature greet/);
    assert.equal(run("one/x.py", "--feature", "hello").status, 0);
    assert.match(readFileSync(path.join(workspace, "one", "x.py"), "utf8"), /feature='hello'/);
  });

  const one = "def greet():\n    c.chat.completions.create(model='m')\n";
  const fresh = (
    files: Record<string, string | Buffer>,
  ): ((...args: string[]) => ReturnType<typeof run>) & { folder: string } => {
    const folder = mkdtempSync(path.join(workspace, "fresh-"));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    return Object.assign(
      (...args: string[]) =>
        spawnSync(process.execPath, [path.join(root, "dist", "cli.js"), "instrument", ...args], {
          cwd: folder,
          encoding: "utf8",
        }),
      { folder },
    );
  };

  it("leaves a call alone whose f-string can't hold the name, and tracks all others", () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-names-"));
    const text = 'import openai\nclient = openai.OpenAI()\nprint(f"{client.chat.completions.create(model=m)}")\n';
    writeFileSync(path.join(folder, "a.py"), `${text}client.chat.completions.create(model=m)\n`);
    const { status, stderr } = spawnSync(
      process.execPath,
      [path.join(root, "dist", "cli.js"), "instrument", ".", "--all", "--feature", 'a"b'],
      {
        cwd: folder,
        encoding: "utf8",
      },
    );
    assert.equal(status, 0);
    assert.match(stderr, /a\.py:3 is left alone: a call in an f-string takes only plain names/);
    const after = readFileSync(path.join(folder, "a.py"), "utf8");
    assert.match(after, /f"\{client\.chat\.completions\.create\(model=m\)\}"/);
    assert.match(after, /\ntracked\(client\.chat\.completions, feature="a\\"b"\)\.create\(model=m\)\n/);
    rmSync(folder, { recursive: true, force: true });
  });

  it("passes the gate once every call is tracked, and finds a new one", () => {
    const inFolder = fresh({ "a.py": one, "b.ts": 'client.responses.create({ model: "m", input: "x" });\n' });
    assert.deepEqual(
      [inFolder("--check", ".").status, inFolder(".", "--all").status, inFolder("--check", ".").status],
      [1, 0, 0],
    );
    writeFileSync(path.join(inFolder.folder, "c.py"), one);
    const { status, stdout } = inFolder("--check", ".");
    assert.deepEqual([status, stdout], [1, "c.py:2 chat.completions.create\n1 call is not tracked.\n"]);
  });

  it("takes team and environment from the folder's settings", () => {
    const inFolder = fresh({
      "app/a.py": one,
      ".vscode/settings.json":
        '{\n  // ours\n  "promptCost.tracking.team": "docs",\n  "promptCost.tracking.environment": "",\n}\n',
    });
    assert.equal(inFolder("app/a.py", "--feature", "f").status, 0);
    assert.match(readFileSync(path.join(inFolder.folder, "app/a.py"), "utf8"), /feature='f', team='docs'\)/);
  });

  it("keeps a byte order mark and Windows line ends, and leaves other encodings alone", () => {
    const marked = Buffer.from(`\uFEFF${one.replaceAll("\n", "\r\n")}`);
    const inFolder = fresh({ "a.py": marked, "b.py": Buffer.from(`# caf\xe9\n${one}`, "latin1") });
    assert.equal(inFolder("a.py", "--feature", "f").status, 0);
    const after = readFileSync(path.join(inFolder.folder, "a.py"), "utf8");
    assert.ok(after.startsWith("\uFEFFfrom prompt_cost import tracked\r\n\r\ndef greet"), JSON.stringify(after));
    assert.equal(inFolder("a.py", "--remove").status, 0);
    assert.deepEqual(readFileSync(path.join(inFolder.folder, "a.py")), marked);
    const other = inFolder("b.py", "--feature", "f");
    assert.equal(other.status, 1);
    assert.match(other.stderr, /b\.py:3 is left alone: its file isn't UTF-8/);
  });

  it("writes nothing into files that are read-only, broken or taken, and says why", () => {
    const inFolder = fresh({
      "a.py": one,
      "b.py": `${one}def broken(:\n`,
      "c/c.py": one,
      "c/prompt_cost.py": "mine = 1\n",
      "c/other.py": "",
    });
    chmodSync(path.join(inFolder.folder, "a.py"), 0o444);
    for (const [file, reason] of [
      ["a.py", /a\.py:2 is left alone: its file is read-only/],
      ["b.py", /b\.py:2 is left alone: its file has syntax errors/],
    ] as const) {
      const { status, stderr, stdout } = inFolder(file, "--feature", "f");
      assert.deepEqual([status, stdout], [1, "Nothing was written.\n"]);
      assert.match(stderr, reason);
    }
    assert.deepEqual(readdirSync(inFolder.folder).sort(), ["a.py", "b.py", "c"]);
    const taken = spawnSync(
      process.execPath,
      [path.join(root, "dist", "cli.js"), "instrument", "c.py", "--feature", "f"],
      { cwd: path.join(inFolder.folder, "c"), encoding: "utf8" },
    );
    assert.match(taken.stderr, /prompt_cost\.py.*file of your own/);
    assert.equal(readFileSync(path.join(inFolder.folder, "c/prompt_cost.py"), "utf8"), "mine = 1\n");
  });

  it("leaves out what it can't do, and takes back the rest to the byte", () => {
    const inFolder = fresh({ "a.py": one, "z.py": one });
    // The second folder's wrapper can't be written, after the first one's was.
    mkdirSync(path.join(inFolder.folder, "b"));
    writeFileSync(
      path.join(inFolder.folder, "b", "b.mjs"),
      "export const x = client.responses.create({ model, input });\n",
    );
    mkdirSync(path.join(inFolder.folder, "b", "promptCost.mjs"));
    const { status, stderr } = inFolder(".", "--all");
    assert.match(stderr, /promptCost\.mjs.*file of your own/);
    assert.equal(status, 0);
    assert.equal(inFolder(".", "--remove").status, 0);
    assert.deepEqual(
      [
        readFileSync(path.join(inFolder.folder, "a.py"), "utf8"),
        existsSync(path.join(inFolder.folder, "prompt_cost.py")),
      ],
      [one, false],
    );
  });
});

describe("Files of the command line", () => {
  it("are all written, or none", () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-write-"));
    const [a, b, c] = ["a.py", "b.py", "c.py"].map((name) => path.join(folder, name)) as [string, string, string];
    writeFileSync(a, "one");
    writeFileSync(b, "changed meanwhile");
    assert.throws(
      () =>
        writeAll(
          new Map([
            [c, { before: null, after: "new" }],
            [a, { before: "one", after: "two" }],
            [b, { before: "old", after: "newer" }],
          ]),
          folder,
        ),
      /nothing was written: .*b\.py has changed in the meantime/,
    );
    assert.deepEqual(
      [readFileSync(a, "utf8"), readFileSync(b, "utf8"), existsSync(c)],
      ["one", "changed meanwhile", false],
    );
    rmSync(folder, { recursive: true });
  });
});
