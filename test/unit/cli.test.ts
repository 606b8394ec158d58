import * as assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { scanOutput } from "../../src/core/scan/output";
import { chatTokens, root } from "./support";

const cli = path.join(root, "dist", "cli.js");
const run = (args: string[], options: { cwd?: string; input?: string } = {}) =>
  spawnSync(process.execPath, [cli, ...args], { encoding: "utf8", ...options });

describe("Command line", () => {
  const tree = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-cli-"));
  const call = (content: string): string =>
    `client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": ${content}}], max_tokens=500)`;
  const write = (file: string, text: string | Uint8Array): void => {
    mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
    writeFileSync(path.join(tree, file), text);
  };
  const scan = (...args: string[]) => {
    const { stdout, stderr, status } = run(["scan", ".", "--json", ...args], { cwd: tree });
    assert.equal(status, 0, stderr);
    return scanOutput.strict().parse(JSON.parse(stdout));
  };

  before(() => {
    write("app/summary.py", `import os\n\ndef f(document):\n    return ${call('f"Summarise: {document}"')}\n`);
    write(
      "book.ipynb",
      JSON.stringify({
        cells: [
          { cell_type: "markdown", source: "# x" },
          { cell_type: "code", source: ["!pip install openai\n", "TEXT = 'Hello'\n"] },
          { cell_type: "code", source: [`x = ${call("TEXT")}`] },
        ],
        metadata: { language_info: { name: "python" } },
      }),
    );
    write(".gitignore", "ignored/\n*.gen.py\n");
    write("ignored/a.py", call('"x"'));
    write("b.gen.py", call('"x"'));
    write("node_modules/p/a.js", "client.chat.completions.create({})");
    write("min.js", `${"var a=client.chat.completions.create({});".repeat(500)}`);
    write("binary.py", Buffer.from([0, 1, 2, 3]));
    write("long.py", `x = "${"completions ".repeat(200_000)}"`);
    write("broken.ipynb", '{"cells": [client.chat.completions.create');
    symlinkSync(tree, path.join(tree, "loop"));
  });
  after(() => rmSync(tree, { recursive: true, force: true }));

  it("scans in the published form", () => {
    const { calls, files } = scan();
    assert.deepEqual(calls[0], {
      file: "app/summary.py",
      cell: null,
      line: 4,
      column: 12,
      language: "python",
      api: "chat.completions.create",
      model: { name: "gpt-4o", source: "literal" },
      vendor: { id: "openai", name: "OpenAI", kind: "own", host: null, decidedBy: "assumed" },
      input: { tokens: chatTokens("Summarise: "), exact: false, confidence: "lowerBound", reasons: [] },
      output: { limit: 500 },
      costUsd: { input: (chatTokens("Summarise: ") * 2.5) / 1e6, outputLimit: 0.005 },
      holes: ["document"],
    });
    assert.deepEqual(
      [calls[1]?.file, calls[1]?.cell, calls[1]?.line, calls[1]?.column, calls[1]?.input.tokens],
      ["book.ipynb", 2, 1, 5, chatTokens("Hello")],
    );
    assert.equal(calls.length, 2);
    assert.deepEqual(files.skipped, { binary: 1, minified: 1, overLong: 1 });
  });

  it("reads what .gitignore leaves out when told to", () => {
    const files = scan("--no-ignore").calls.map(({ file }) => file);
    assert.deepEqual(files, ["app/summary.py", "b.gen.py", "book.ipynb", "ignored/a.py", "node_modules/p/a.js"]);
  });

  it("prices by a given table, and says where one is broken", () => {
    write("prices.json", '{ "models": { "gpt-4o": { "input": 1000000, "output": 0 } } }');
    assert.equal(scan("--pricing", "prices.json").calls[0]?.costUsd.input, chatTokens("Summarise: "));
    write("broken.json", '{ "models": {\n  "gpt-4o": { "input": "x" } } }');
    const { status, stderr } = run(["scan", ".", "--pricing", "broken.json"], { cwd: tree });
    assert.equal(status, 2);
    assert.match(stderr, /^prompt-cost: broken\.json:2:24: [^\n]+\n$/);
  });

  it("prints a table that people read", () => {
    const { stdout } = run(["scan", "app"], { cwd: tree });
    assert.match(stdout, /app\/summary\.py:4 +chat\.completions\.create +gpt-4o +OpenAI +\d+\+ +≤ 500 +\$0\.005\d+\+/);
    assert.match(stdout, /1 call\. 1 file scanned\./);
  });

  it("says of a call of whose prompt nothing is known what the lens says, and sums nothing of it", () => {
    write("unread/a.py", "def f(messages):\n    client.chat.completions.create(model='gpt-4o', messages=messages)\n");
    const { stdout } = run(["scan", "unread"], { cwd: tree });
    rmSync(path.join(tree, "unread"), { recursive: true });
    assert.match(stdout, /gpt-4o +OpenAI +prompt from messages +– +\?\n/);
    assert.match(stdout, /Each call once: tokens unknown, cost unknown\./);
    assert.match(stdout, /1 of 1 call: prompt unknown/);
  });

  it("counts a file, standard input, and by model", () => {
    write("text.txt", "hello world");
    assert.equal(run(["count", "text.txt"], { cwd: tree }).stdout, "2\n");
    assert.equal(run(["count", "--model", "gpt-4"], { input: "hello world" }).stdout, "2\n");
  });

  it("says exact only without any condition, in scan as in check", () => {
    const request = {
      model: "gpt-4o",
      input: "Hi",
      // Classic models may call it several times in one answer.
      tools: [
        {
          type: "function",
          name: "get_weather",
          description: "Weather in a city.",
          parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
        },
      ],
    };
    const given = Object.entries(request).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    write("tools/main.py", `client.responses.create(${given.join(", ")})\n`);
    write(
      "tools.jsonl",
      JSON.stringify({ id: "a", endpoint: "responses", model: "gpt-4o", request, usage: { input_tokens: 37 } }),
    );
    const scanned = JSON.parse(run(["scan", "tools", "--json"], { cwd: tree }).stdout) as {
      calls: { input: object }[];
    };
    const checked = JSON.parse(run(["check", "tools.jsonl", "--json"], { cwd: tree }).stdout) as { lines: object[] };
    const wanted = { confidence: "exactForOneCall", exact: false };
    assert.deepEqual({ ...scanned.calls[0]?.input, ...wanted }, scanned.calls[0]?.input);
    assert.deepEqual({ ...checked.lines[0], ...wanted }, checked.lines[0]);
  });

  it("checks estimates against usage", () => {
    const line = (id: string, prompt: number): string =>
      JSON.stringify({
        id,
        endpoint: "chat/completions",
        model: "gpt-4o-2024-08-06",
        request: { messages: [{ role: "user", content: "Hello" }] },
        usage: { prompt_tokens: prompt },
      });
    write("usage.jsonl", `${line("a", 8)}\n${line("b", 10)}\n`);
    const { stdout } = run(["check", "usage.jsonl", "--json"], { cwd: tree });
    const { lines, summary } = JSON.parse(stdout) as {
      lines: unknown[];
      summary: { correctShare: number; largestError: number }[];
    };
    assert.deepEqual(lines[0], {
      id: "a",
      endpoint: "chat/completions",
      feature: "plain",
      model: "gpt-4o-2024-08-06",
      estimate: 8,
      confidence: "exact",
      exact: true,
      knowable: true,
      reasons: [],
      truth: 8,
    });
    assert.deepEqual([summary[0]?.correctShare, summary[0]?.largestError], [0.5, 0.2]);
    const stored = JSON.stringify({
      id: "e",
      endpoint: "responses",
      model: "gpt-4o-2024-08-06",
      request: { input: "Hello", previous_response_id: "resp_1" },
      usage: { input_tokens: 50 },
    });
    const unknowable = `${line("c", 12).slice(0, -1)},"knowable":false}`;
    write("usage.jsonl", `${line("a", 8)}\n${unknowable}\n`);
    const knowable = JSON.parse(run(["check", "usage.jsonl", "--json", "--knowable"], { cwd: tree }).stdout) as {
      lines: { id: string }[];
    };
    assert.deepEqual(
      knowable.lines.map(({ id }) => id),
      ["a"],
    );
    // A file that doesn't say what is knowable: a stored history isn't.
    write(
      "usage.jsonl",
      `${line("a", 8)}\n${line("d", 12).replace('"messages"', '"prediction":{},"messages"')}\n${stored}\n`,
    );
    const derived = JSON.parse(run(["check", "usage.jsonl", "--json", "--knowable"], { cwd: tree }).stdout) as {
      lines: { id: string; confidence: string }[];
    };
    assert.deepEqual(
      derived.lines.map(({ id, confidence }) => [id, confidence]),
      [
        ["a", "exact"],
        ["d", "estimated"],
      ],
    );
    write("usage.jsonl", `${line("a", 8)}\n${unknowable}\n`);
    const text = run(["check", "usage.jsonl"], { cwd: tree }).stdout;
    assert.match(text, /Wrong counts:\nc \(gpt-4o-2024-08-06\): 8 for 12, exact\n/);
  });

  it("answers mistakes with one line and exit code 2", () => {
    write("bad.jsonl", "{bad");
    for (const args of [
      ["scan"],
      ["scan", "nowhere"],
      ["scan", ".", "--what"],
      ["scan", ".", "--pricing", "nowhere.json"],
      ["check"],
      ["check", "nowhere"],
      ["check", "bad.jsonl"],
      ["count", "nowhere"],
      ["count", "a", "b"],
      ["what"],
    ]) {
      const { status, stderr, stdout } = run(args, { cwd: tree });
      assert.deepEqual([status, stdout], [2, ""], args.join(" "));
      assert.match(stderr, /^prompt-cost: [^\n]+\n$/);
    }
  });

  it("ends quietly when its reader is gone", async () => {
    const child = spawn(process.execPath, [cli, "scan", ".", "--json", "--no-ignore"], {
      cwd: tree,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (data) => (stderr += String(data)));
    const code = await new Promise((resolve) => child.once("close", resolve));
    assert.deepEqual([code, stderr.replace(/.*broken\.ipynb.*\n/, "")], [0, ""]);
  });

  it("publishes its schema", () => {
    const schema = JSON.parse(readFileSync(path.join(root, "dist", "scan.schema.json"), "utf8")) as {
      properties: object;
    };
    assert.deepEqual(Object.keys(schema.properties), ["calls", "files"]);
  });
});
