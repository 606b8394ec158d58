import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync, cpSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { DiskFiles } from "../../../src/core/calls/files";
import { applyEdits } from "../../../src/core/instrument/edit";
import { Instrumenter } from "../../../src/core/instrument/instrumenter";
import { assets, root } from "../support";

const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-edit-"));
const instrumenter = new Instrumenter(assets, new DiskFiles([folder]));

async function track(name: string, text: string, feature = "f", userId: string | null = null): Promise<string> {
  const opened = (await instrumenter.open(path.join(folder, name), text, folder)) ?? assert.fail("unknown language");
  const result = applyEdits(text, opened.track(opened.calls.map((call) => ({ call, attribution: { feature, userId, team: null, environment: null } }))));
  opened.close();
  return result;
}

async function untrack(name: string, text: string): Promise<string> {
  const opened = (await instrumenter.open(path.join(folder, name), text, folder)) ?? assert.fail("unknown language");
  const result = applyEdits(text, opened.untrack(opened.calls));
  opened.close();
  return result;
}

/** Each a whole file, and what it becomes. */
const cases: Record<string, [string, string, string]> = {
  "a plain call in Python": [
    "a.py",
    `"""Doc."""\nfrom __future__ import annotations\n\nimport os\nfrom openai import OpenAI\n\nclient = OpenAI()\nr = client.chat.completions.create(\n    model="gpt-4o",  # why\n    messages=[],\n)\n`,
    `"""Doc."""\nfrom __future__ import annotations\n\nimport os\nfrom openai import OpenAI\nfrom prompt_cost import tracked\n\nclient = OpenAI()\nr = tracked(client.chat.completions, feature="f").create(\n    model="gpt-4o",  # why\n    messages=[],\n)\n`,
  ],
  "single quotes and Windows line ends": ["b.py", "from openai import OpenAI\r\nx = await OpenAI().chat.completions.parse(model='gpt-4o')\r\n", "from openai import OpenAI\r\nfrom prompt_cost import tracked\r\nx = await tracked(OpenAI().chat.completions, feature='f').parse(model='gpt-4o')\r\n"],
  "a docstring and no import": ["c.py", '#!/usr/bin/env python\n"""Doc."""\n\nclient.chat.completions.create(model="m")\n', '#!/usr/bin/env python\n"""Doc."""\n\nfrom prompt_cost import tracked\n\nclient.chat.completions.create(model="m")\n'.replace("client.chat", "tracked(client.chat").replace("completions.create", 'completions, feature="f").create')],
  "a comment and no import": ["d.py", '# Licence.\n\nclient.chat.completions.create(model="m")', '# Licence.\n\nfrom prompt_cost import tracked\n\ntracked(client.chat.completions, feature="f").create(model="m")'],
  "raw responses": ["e.py", 'import openai\nc.chat.completions.with_raw_response.create(model="m")\n', 'import openai\nfrom prompt_cost import tracked\ntracked(c.chat.completions.with_raw_response, feature="f").create(model="m")\n'],
  "TypeScript, with endings": ["a.ts", 'import OpenAI from "openai";\nimport { p } from "./p.js";\n\nconst r = await client.chat.completions.create({ model: "m", messages: [] });\n', 'import OpenAI from "openai";\nimport { p } from "./p.js";\nimport { tracked } from "./promptCost.js";\n\nconst r = await tracked(client.chat.completions, { feature: "f" }).create({ model: "m", messages: [] });\n'],
  "use client, no semicolons": ["b.tsx", "'use client'\nimport OpenAI from 'openai'\nthis.client.responses.create({ model: 'm', input: 'x' })\n", "'use client'\nimport OpenAI from 'openai'\nimport { tracked } from './promptCost'\ntracked(this.client.responses, { feature: 'f' }).create({ model: 'm', input: 'x' })\n"],
  "CommonJS": ["a.js", 'const OpenAI = require("openai");\nconst client = new OpenAI();\nclient.chat.completions.stream({ model: "m" });\n', 'const OpenAI = require("openai");\nconst { tracked } = require("./promptCost.cjs");\nconst client = new OpenAI();\ntracked(client.chat.completions, { feature: "f" }).stream({ model: "m" });\n'],
};

describe("Instrumenting a call", () => {
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [title, [name, before, wanted]] of Object.entries(cases)) {
    it(`changes nothing but the callee: ${title}`, async () => {
      const after = await track(name, before);
      assert.equal(after, wanted);
      assert.equal(await track(name, after), after, "twice changes nothing");
      assert.equal(await untrack(name, after), before, "removing restores every byte");
    });
  }

  it("still finds the call, and names its feature, whatever it is called", async () => {
    for (const feature of ["document_summary", `it's "odd" \\ é🙂`]) {
      for (const [name, before] of Object.values(cases)) {
        const opened = (await instrumenter.open(path.join(folder, name), await track(name, before, feature), folder)) ?? assert.fail();
        assert.deepEqual([opened.calls.length, opened.calls[0]?.isTracked, opened.calls[0]?.feature, opened.hasErrors], [1, true, feature, false], name);
        opened.close();
      }
    }
  });

  it("adds the user, the team and the environment where they are known", async () => {
    for (const [name, text, wanted] of [
      ["a.py", "c.chat.completions.create(model='m')\n", "tracked(c.chat.completions, feature='f', user_id=user.id, team='docs', environment='it\\'s').create"],
      ["a.ts", 'c.chat.completions.create({ model: "m" });\n', 'tracked(c.chat.completions, { feature: "f", userId: user.id, team: "docs", environment: "it\'s" }).create'],
    ] as const) {
      const opened = (await instrumenter.open(path.join(folder, name), text, folder)) ?? assert.fail();
      const after = applyEdits(text, opened.track(opened.calls.map((call) => ({ call, attribution: { feature: "f", userId: "user.id", team: "docs", environment: "it's" } }))));
      assert.ok(after.includes(wanted), after);
      opened.close();
      assert.equal(await untrack(name, after), text);
    }
  });

  it("refuses what can't be done safely, with the reason", async () => {
    const refused: Record<string, [string, RegExp]> = {
      "a.py": ["create = client.chat.completions.create\ncreate(model='m', messages=[])\n", /kept in a variable/],
      "b.py": ["import openai\nopenai.ChatCompletion.create(model='m', messages=[])\n", /before version 1/],
      "c.py": ["with client.chat.completions.with_streaming_response.create(model='m') as r: pass\n", /bare body/],
      "d.py": ["def broken(:\n    pass\nclient.chat.completions.create(model='m', messages=[])\n", /syntax errors/],
      "e.ts": ["client?.chat.completions.create({ model: 'm' })\n", /may be missing/],
    };
    for (const [name, [text, reason]] of Object.entries(refused)) {
      const opened = (await instrumenter.open(path.join(folder, name), text, folder)) ?? assert.fail();
      assert.match(opened.calls[0]?.refusal ?? `${name}: no refusal of ${opened.calls.length} calls`, reason);
      assert.deepEqual(opened.track(opened.calls.map((call) => ({ call, attribution: { feature: "f", userId: null, team: null, environment: null } }))), []);
      opened.close();
    }
  });

  it("suggests the name of what is around the call", async () => {
    const opened = (await instrumenter.open(path.join(folder, "answers.py"), "class A:\n    def _summarise(self):\n        self.c.chat.completions.create(model='m')\n\nc.chat.completions.create(model='m')\n", folder)) ?? assert.fail();
    assert.deepEqual(opened.calls.map(({ suggestion }) => suggestion), ["summarise", "answers"]);
    opened.close();
  });

  it("gives the bytes back for any file, and what results always parses", async () => {
    const heads = fc.array(fc.constantFrom("import os\n", "from a import b\n", "# note\n", "\n", "import (x)\n".slice(0, 0)), { maxLength: 4 }).map((parts) => parts.join(""));
    const call = fc.constantFrom('client.chat.completions.create(model="m", messages=[])', "self.c.responses.create(\n    input='x',  # é\n    model='m',\n)", 'await c.embeddings.create(input="x", model="m")', "OpenAI().chat.completions.create(**kwargs)", "(client).chat.completions.create(model='m')", "client.chat.completions \\\n    .create(model='m')");
    const body = fc.array(fc.tuple(fc.constantFrom("x = ", "", "print(", "return_ = [", "y = 1\nz = "), call), { minLength: 1, maxLength: 4 }).map((parts) => parts.map(([before, text]) => `${before}${text}${before === "print(" ? ")" : before.endsWith("[") ? "]" : ""}\n`).join(""));
    const docstring = fc.constantFrom("", '"""Doc."""\n', "'''Doc'''\n\n");
    await fc.assert(
      fc.asyncProperty(docstring, heads, body, fc.boolean(), async (doc, head, code, isWindows) => {
        const text = `${doc}${head}${code}`.replaceAll("\n", isWindows ? "\r\n" : "\n");
        const after = await track("any.py", text, "f", "user_id");
        assert.notEqual(after, text);
        const opened = (await instrumenter.open(path.join(folder, "any.py"), after, folder)) ?? assert.fail();
        const { hasErrors } = opened;
        opened.close();
        const original = (await instrumenter.open(path.join(folder, "any.py"), text, folder)) ?? assert.fail();
        assert.equal(hasErrors, original.hasErrors);
        original.close();
        assert.equal(await untrack("any.py", after), text);
      }),
      { numRuns: 150 },
    );
  });
});

describe("prompt-cost instrument", () => {
  const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-instrument-"));
  const run = (...args: string[]) => spawnSync(process.execPath, [path.join(root, "dist", "cli.js"), "instrument", ...args], { cwd: workspace, encoding: "utf8" });
  before(() => cpSync(path.join(root, "examples"), workspace, { recursive: true }));
  after(() => rmSync(workspace, { recursive: true, force: true }));

  it("gates, shows, tracks, and takes back a whole tree", () => {
    const before = readFileSync(path.join(workspace, "assistant/answers.py"), "utf8");
    const open = run(".", "--check");
    assert.equal(open.status, 1);
    assert.match(open.stdout, /assistant\/answers\.py:39 chat\.completions\.create/);
    const dry = run(".", "--all", "--dry-run", "--diff");
    assert.match(dry.stdout, /\+\s+response = tracked\(client\.chat\.completions, feature="summarise"\)\.create\(/);
    assert.equal(readFileSync(path.join(workspace, "assistant/answers.py"), "utf8"), before, "a dry run writes nothing");
    const done = run(".", "--all");
    assert.equal(done.status, 0, done.stderr);
    const after = readFileSync(path.join(workspace, "assistant/answers.py"), "utf8");
    assert.match(after, /from prompt_cost import tracked/);
    assert.match(readFileSync(path.join(workspace, "prompt_cost.py"), "utf8"), /Written by Prompt Cost Lens, version 1/);
    assert.match(readFileSync(path.join(workspace, "prompt_cost_prices.py"), "utf8"), /"lantern-support"/);
    assert.equal(run(".", "--all").stdout, "Nothing to track.\n");
    run(".", "--remove");
    assert.equal(readFileSync(path.join(workspace, "assistant/answers.py"), "utf8"), before);
  });

  it("asks for what it needs, in words", () => {
    assert.match(run("assistant/answers.py").stderr, /say --all to track each of them/);
    mkdirSync(path.join(workspace, "one"), { recursive: true });
    writeFileSync(path.join(workspace, "one", "x.py"), "def greet():\n    c.chat.completions.create(model='m')\n");
    assert.match(run("one/x.py").stderr, /say --feature NAME, such as --feature greet/);
    assert.equal(run("one/x.py", "--feature", "hello").status, 0);
    assert.match(readFileSync(path.join(workspace, "one", "x.py"), "utf8"), /feature='hello'/);
  });
});
