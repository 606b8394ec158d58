import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { printPatch } from "../../src/cli/output";
import { root } from "./support";

const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const ESCAPES = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202E";
const call = (model: string): string =>
  `client.chat.completions.create(model="${model}", messages=[{"role": "user", "content": "x"}], max_tokens=5)\n`;

describe("What the command line prints", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-output-"));
  const name = `${ESCAPES}a.py`;
  const python = `from openai import OpenAI\nclient = OpenAI()\nx = ${call(`gpt${ESCAPES}`)}`;
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [path.join(root, "dist", "cli.js"), ...args], { cwd: folder, encoding: "utf8" });
  const isClean = (text: string): void => assert.doesNotMatch(text.replaceAll("\n", ""), OBEYED);

  before(() => {
    writeFileSync(path.join(folder, name), python);
    writeFileSync(path.join(folder, `${ESCAPES}broken.py`), "client.chat.completions.create(");
    writeFileSync(path.join(folder, `${ESCAPES}.jsonl`), `{"id":"${"\\u001b[2J"}","endpoint":"\\u001b[2J"}`);
    writeFileSync(path.join(folder, "prompt-cost.pricing.json"), `{"models": {"\u009b\u202E": 1}}`);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const commands: string[][] = [
    ["scan", name, "--pricing", path.join(root, "test/vscode/workspace/prompt-cost.pricing.json")],
    ["scan", "."],
    ["scan", `missing${ESCAPES}`],
    ["check", `${ESCAPES}.jsonl`],
    ["check", `missing${ESCAPES}`],
    ["count", `missing${ESCAPES}`],
    ["count", "--model", ESCAPES, name],
    ["instrument", name, "--check"],
    ["instrument", `${ESCAPES}broken.py`],
    [
      "instrument",
      name,
      "--feature",
      "f",
      "--dry-run",
      "--pricing",
      path.join(root, "test/vscode/workspace/prompt-cost.pricing.json"),
    ],
    ["spend", ESCAPES],
    ["spend", "--by", ESCAPES],
    ["spend", "--source", "openobserve", "--url", `http://127.0.0.1:1/${ESCAPES}`],
    ["receive", ESCAPES],
    [ESCAPES],
    ["scan", `--${ESCAPES}`],
  ];
  for (const args of commands)
    it(`moves no cursor: ${JSON.stringify(args.join(" ").replaceAll(ESCAPES, "ESC"))}`, () => {
      const { stdout, stderr } = run(...args);
      assert.notEqual(stdout + stderr, "");
      isClean(stdout);
      isClean(stderr);
    });

  it("is JSON that a terminal can show, and that holds every name as it is", () => {
    const { stdout } = run(
      "scan",
      name,
      "--json",
      "--pricing",
      path.join(root, "test/vscode/workspace/prompt-cost.pricing.json"),
    );
    isClean(stdout);
    const { calls } = JSON.parse(stdout) as { calls: { file: string; model: { name: string } }[] };
    assert.deepEqual(
      calls.map(({ file, model }) => [file, model.name]),
      [[name, `gpt${ESCAPES}`]],
    );
  });

  it("is a patch that applies, byte for byte, when it isn't a terminal", () => {
    const file = "odd\tname\n+++ b.py";
    writeFileSync(path.join(folder, file), python);
    const { stdout, stderr } = run(
      "instrument",
      file,
      "--feature",
      "f",
      "--diff",
      "--dry-run",
      "--pricing",
      path.join(root, "test/vscode/workspace/prompt-cost.pricing.json"),
    );
    assert.ok(stdout.includes(`gpt${ESCAPES}`), stderr);
    const patch = stdout.slice(0, stdout.indexOf("Dry run"));
    const applied = spawnSync("git", ["apply", "-p0", "--unsafe-paths", "-"], {
      cwd: folder,
      input: patch,
      encoding: "utf8",
    });
    assert.equal(applied.status, 0, applied.stderr);
    assert.ok(readFileSync(path.join(folder, file), "utf8").includes('feature="f"'));
  });

  it("is a patch without escapes on a terminal", () => {
    const written: string[] = [];
    printPatch(`-a\tb\r\n+${ESCAPES}\n`, { isTTY: true, write: (text) => written.push(text) });
    assert.deepEqual(written, ["-a\tb\r\n+�]0;owned��[2J�31m�\n"]);
  });
});
