import * as assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { DiskFiles } from "../../../src/core/calls/files";
import { applyEdits } from "../../../src/core/textEdit";
import { Instrumenter } from "../../../src/core/instrument/instrumenter";
import { assets } from "../support";

const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-edit-"));
mkdirSync(path.join(folder, "api", "chat"), { recursive: true });
const instrumenter = new Instrumenter(assets, new DiskFiles([folder]));

const plain = { feature: "f", userId: null, team: null, environment: null };

async function track(name: string, text: string, feature = "f", userId: string | null = null): Promise<string> {
  const opened = (await instrumenter.open(path.join(folder, name), text, folder)) ?? assert.fail("unknown language");
  const result = applyEdits(
    text,
    opened.track(
      opened.calls.map((call) => ({ call, attribution: { feature, userId, team: null, environment: null } })),
    ),
  );
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
  "single quotes and Windows line ends": [
    "b.py",
    "from openai import OpenAI\r\nx = await OpenAI().chat.completions.parse(model='gpt-4o')\r\n",
    "from openai import OpenAI\r\nfrom prompt_cost import tracked\r\nx = await tracked(OpenAI().chat.completions, feature='f').parse(model='gpt-4o')\r\n",
  ],
  "a docstring and no import": [
    "c.py",
    '#!/usr/bin/env python\n"""Doc."""\n\nclient.chat.completions.create(model="m")\n',
    '#!/usr/bin/env python\n"""Doc."""\n\nfrom prompt_cost import tracked\n\nclient.chat.completions.create(model="m")\n'
      .replace("client.chat", "tracked(client.chat")
      .replace("completions.create", 'completions, feature="f").create'),
  ],
  "a comment and no import": [
    "d.py",
    '# Licence.\n\nclient.chat.completions.create(model="m")',
    '# Licence.\n\nfrom prompt_cost import tracked\n\ntracked(client.chat.completions, feature="f").create(model="m")',
  ],
  "raw responses": [
    "e.py",
    'import openai\nc.chat.completions.with_raw_response.create(model="m")\n',
    'import openai\nfrom prompt_cost import tracked\ntracked(c.chat.completions.with_raw_response, feature="f").create(model="m")\n',
  ],
  "TypeScript, with endings": [
    "a.ts",
    'import OpenAI from "openai";\nimport { p } from "./p.js";\n\nconst r = await client.chat.completions.create({ model: "m", messages: [] });\n',
    'import OpenAI from "openai";\nimport { p } from "./p.js";\nimport { tracked } from "./promptCost.js";\n\nconst r = await tracked(client.chat.completions, { feature: "f" }).create({ model: "m", messages: [] });\n',
  ],
  "use client, no semicolons": [
    "b.tsx",
    "'use client'\nimport OpenAI from 'openai'\nthis.client.responses.create({ model: 'm', input: 'x' })\n",
    "'use client'\nimport OpenAI from 'openai'\nimport { tracked } from './promptCost'\ntracked(this.client.responses, { feature: 'f' }).create({ model: 'm', input: 'x' })\n",
  ],
  CommonJS: [
    "a.js",
    'const OpenAI = require("openai");\nconst client = new OpenAI();\nclient.chat.completions.stream({ model: "m" });\n',
    'const OpenAI = require("openai");\nconst { tracked } = require("./promptCost.cjs");\nconst client = new OpenAI();\ntracked(client.chat.completions, { feature: "f" }).stream({ model: "m" });\n',
  ],
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
        const opened =
          (await instrumenter.open(path.join(folder, name), await track(name, before, feature), folder)) ??
          assert.fail();
        assert.deepEqual(
          [opened.calls.length, opened.calls[0]?.isTracked, opened.calls[0]?.feature, opened.hasErrors],
          [1, true, feature, false],
          name,
        );
        opened.close();
      }
    }
  });

  it("adds the user, the team and the environment where they are known", async () => {
    for (const [name, text, wanted] of [
      [
        "a.py",
        "c.chat.completions.create(model='m')\n",
        "tracked(c.chat.completions, feature='f', user_id=user.id, team='docs', environment='it\\'s').create",
      ],
      [
        "a.ts",
        'c.chat.completions.create({ model: "m" });\n',
        'tracked(c.chat.completions, { feature: "f", userId: user.id, team: "docs", environment: "it\'s" }).create',
      ],
    ] as const) {
      const opened = (await instrumenter.open(path.join(folder, name), text, folder)) ?? assert.fail();
      const after = applyEdits(
        text,
        opened.track(
          opened.calls.map((call) => ({
            call,
            attribution: { feature: "f", userId: "user.id", team: "docs", environment: "it's" },
          })),
        ),
      );
      assert.ok(after.includes(wanted), after);
      opened.close();
      assert.equal(await untrack(name, after), text);
    }
  });

  const openText = async (name: string, text: string) =>
    (await instrumenter.open(path.join(folder, name), text, folder)) ?? assert.fail("unknown language");

  it("refuses what can't be done safely, with the reason, and writes nothing", async () => {
    const refused: [string, string, RegExp][] = [
      ["a.ts", "const { create } = client.chat.completions;\ncreate({ model: 'm' });\n", /taken out of its API/],
      ["b.py", "import openai\nopenai.ChatCompletion.create(model='m', messages=[])\n", /before version 1/],
      ["c.py", "with client.chat.completions.with_streaming_response.create(model='m') as r: pass\n", /bare body/],
      ["d.py", "def broken(:\n    pass\nclient.chat.completions.create(model='m', messages=[])\n", /syntax errors/],
      ["e.ts", "client?.chat.completions.create({ model: 'm' })\n", /may be missing/],
      [
        "f.py",
        "from jobs import tracked\nclient.chat.completions.create(model='m')\n",
        /uses the name tracked for something else/,
      ],
      [
        "g.ts",
        "function tracked() {}\nclient.chat.completions.create({ model: 'm' });\n",
        /uses the name tracked for something else/,
      ],
      ["h.py", "x = f\"{f'{client.chat.completions.create(model=m)}'}\"\n", /both kinds of quotes/],
      [
        "i.py",
        "from prompt_cost import tracked\ndef f():\n    return tracked(client.chat.completions, feature='f').create(model='m')\ndef g(:\n",
        /syntax errors/,
      ],
    ];
    for (const [name, text, reason] of refused) {
      const opened = await openText(name, text);
      assert.match(opened.calls[0]?.refusal ?? `${name}: no refusal of ${opened.calls.length} calls`, reason);
      assert.deepEqual(opened.track(opened.calls.map((call) => ({ call, attribution: plain }))), [], name);
      assert.deepEqual(opened.untrack(opened.calls), [], name);
      opened.close();
    }
  });

  it("takes no other name for its own: a member, an argument, somebody else's function", async () => {
    const member = await openText("a.py", "job.tracked = f(tracked=1)\nclient.chat.completions.create(model='m')\n");
    assert.equal(member.calls[0]?.refusal, null);
    member.close();
    const foreign = await openText(
      "b.py",
      "from jobs import tracked\ntracked(client.chat.completions, feature='f').create(model='m')\n",
    );
    assert.deepEqual([foreign.calls.length, foreign.calls[0]?.isTracked], [1, false]);
    foreign.close();
  });

  it("knows a call whose client was tracked where a variable is set, and does not track it twice", async () => {
    for (const [name, text] of [
      [
        "a.py",
        "from prompt_cost import tracked\nchat = tracked(client.chat.completions, feature='f')\nchat.create(model='m')\n",
      ],
      [
        "a.ts",
        "import { tracked } from './promptCost';\nconst chat = tracked(client.chat.completions, { feature: 'f' });\nchat.create({ model: 'm' });\n",
      ],
      [
        "b.py",
        "from prompt_cost import tracked\nclass A:\n    def __init__(self):\n        self.chat = tracked(client.chat.completions, feature='f')\n    def f(self):\n        self.chat.create(model='m')\n",
      ],
    ] as const) {
      const opened = await openText(name, text);
      assert.deepEqual(
        opened.calls.map(({ isTracked, feature }) => [isTracked, feature]),
        [[true, "f"]],
        name,
      );
      assert.match(opened.calls[0]?.refusal ?? "", /where the variable is set/);
      assert.deepEqual(
        [opened.track(opened.calls.map((call) => ({ call, attribution: plain }))), opened.untrack(opened.calls)],
        [[], []],
      );
      opened.close();
    }
  });

  it("tracks a method where it is named, for all calls that use it", async () => {
    for (const [name, before, after] of [
      [
        "a.py",
        "from functools import partial\nask = partial(client.chat.completions.create, model='m')\n\ndef queue_of(text):\n    return ask(messages=[])\n",
        "from functools import partial\nfrom prompt_cost import tracked\nask = partial(tracked(client.chat.completions, feature='f').create, model='m')\n\ndef queue_of(text):\n    return ask(messages=[])\n",
      ],
      [
        "b.py",
        "import x\ncreate = client.chat.completions.create\n\ncreate(model='m', messages=[])\ncreate(model='n', messages=[])\n",
        "import x\nfrom prompt_cost import tracked\ncreate = tracked(client.chat.completions, feature='f').create\n\ncreate(model='m', messages=[])\ncreate(model='n', messages=[])\n",
      ],
      [
        "a.ts",
        "const ask = client.chat.completions.create.bind(client.chat.completions);\nask({ model: 'm' });\n",
        "import { tracked } from './promptCost';\n\nconst ask = tracked(client.chat.completions, { feature: 'f' }).create.bind(client.chat.completions);\nask({ model: 'm' });\n",
      ],
    ] as const) {
      assert.equal(await track(name, before), after);
      const opened = await openText(name, after);
      assert.ok(
        opened.calls.length > 0 && opened.calls.every(({ isTracked, feature }) => isTracked && feature === "f"),
        name,
      );
      opened.close();
      assert.equal(await track(name, after), after);
      assert.equal(await untrack(name, after), before);
    }
  });

  it("leaves read-only files alone, and files of other people that have the wrapper's name", async () => {
    const own = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-own-"));
    const file = path.join(own, "a.py");
    const text = "client.chat.completions.create(model='m')\n";
    writeFileSync(file, text, { mode: 0o444 });
    const readOnly = (await instrumenter.open(file, text, own)) ?? assert.fail();
    assert.equal(readOnly.calls[0]?.refusal, "its file is read-only");
    readOnly.close();
    chmodSync(file, 0o644);
    writeFileSync(path.join(own, "prompt_cost.py"), "mine = 1\n");
    const taken = (await instrumenter.open(file, text, own)) ?? assert.fail();
    assert.match(taken.calls[0]?.refusal ?? "", /prompt_cost\.py.* is a file of your own/);
    taken.close();
    rmSync(own, { recursive: true });
  });

  it("keeps to the other quotes inside of f-strings, as Python before 3.12 wants it", async () => {
    const before = 'print(f"It said {client.chat.completions.create(model=m)}")\n';
    const after = await track("a.py", before);
    assert.match(after, /\{tracked\(client\.chat\.completions, feature='f'\)\.create/);
    assert.equal(await untrack("a.py", after), before);
  });

  it("sorts the import into its section, and takes exactly it away", async () => {
    const call = "\n\nclient.chat.completions.create(model='m')\n";
    for (const [before, after] of [
      [
        "import os\n\nfrom openai import OpenAI",
        "import os\n\nfrom openai import OpenAI\n\nfrom prompt_cost import tracked",
      ],
      ["import os\nfrom openai import OpenAI", "import os\nfrom openai import OpenAI\nfrom prompt_cost import tracked"],
      ["from openai import OpenAI", "from openai import OpenAI\n\nfrom prompt_cost import tracked"],
      [
        "from openai import OpenAI\n\nfrom app.a import b\nfrom zoo.a import b",
        "from openai import OpenAI\n\nfrom app.a import b\nfrom prompt_cost import tracked\nfrom zoo.a import b",
      ],
      [
        "from openai import OpenAI\n\n\nfrom .near import b",
        "from openai import OpenAI\n\n\nfrom .near import b\nfrom .prompt_cost import tracked",
      ],
      ["from zoo import b", "from prompt_cost import tracked\nfrom zoo import b"],
      [
        '"""Doc."""\n\nfrom __future__ import annotations',
        '"""Doc."""\n\nfrom __future__ import annotations\n\nfrom prompt_cost import tracked',
      ],
    ] as const) {
      for (const name of ["app", "zoo"]) writeFileSync(path.join(folder, `${name}.py`), "");
      assert.equal(
        await track("sorted.py", before + call),
        after + call.replace("client.chat.completions", "tracked(client.chat.completions, feature='f')"),
      );
      assert.equal(
        await untrack(
          "sorted.py",
          after + call.replace("client.chat.completions", "tracked(client.chat.completions, feature='f')"),
        ),
        before + call,
      );
    }
  });

  it("removes the tracking whatever a formatter has made of it", async () => {
    const text =
      "from prompt_cost import tracked\n\nr = tracked(\n    client.chat.completions,\n    feature='f',  # why\n).create(\n    model='m',\n)\n";
    assert.equal(await untrack("a.py", text), "r = client.chat.completions.create(\n    model='m',\n)\n");
  });

  it("suggests the name of what is around the call", async () => {
    const suggestions = async (name: string, text: string): Promise<string[]> => {
      const opened = await openText(name, text);
      opened.close();
      return opened.calls.map(({ suggestion }) => suggestion);
    };
    assert.deepEqual(
      await suggestions(
        "answers.py",
        "class Support:\n    def _summarise(self):\n        self.c.chat.completions.create(model='m')\n    def __init__(self):\n        self.c.chat.completions.create(model='m')\n\nc.chat.completions.create(model='m')\n",
      ),
      ["summarise", "Support", "answers"],
    );
    assert.deepEqual(
      await suggestions(
        "api/chat/route.ts",
        "export async function POST(req) { return c.chat.completions.create({ model: 'm' }); }\nexport const draftReply = async () => c.chat.completions.create({ model: 'm' });\n",
      ),
      ["chat", "draftReply"],
    );
  });

  it("offers what looks like the user's id, where it has a value, and nothing else", async () => {
    const offered = async (name: string, text: string): Promise<string[]> => {
      const opened = await openText(name, text);
      opened.close();
      return opened.calls[0]?.userIds ?? assert.fail(`${name}: no call`);
    };
    const call = "c.chat.completions.create(model='m')";
    assert.deepEqual(await offered("a.py", `def f(user_id, text):\n    ${call}\n`), ["user_id"]);
    assert.deepEqual(await offered("a.py", `def f(user):\n    log(user.id)\n    ${call}\n`), ["user.id"]);
    assert.deepEqual(await offered("a.py", `def f(user):\n    ${call}\n`), ["user"]);
    assert.deepEqual(
      await offered("a.py", `def f(request):\n    name = request.user.name\n    x = request.user\n    ${call}\n`),
      ["request.user"],
    );
    assert.deepEqual(
      await offered(
        "a.py",
        `def f(session):\n    ${call[0]}.chat.completions.create(model='m', user=session.user_id)\n`,
      ),
      ["session.user_id"],
    );
    assert.deepEqual(
      await offered(
        "a.py",
        `class A:\n    def __init__(self, user_id):\n        self.user_id = user_id\n    def f(self):\n        ${call}\n`,
      ),
      ["self.user_id"],
    );
    assert.deepEqual(
      await offered(
        "a.py",
        `def f(text):\n    # user_id is not known\n    say("user_id", user_id=1)\n    ${call}\n    user_id = 1\n`,
      ),
      [],
    );
    assert.deepEqual(await offered("a.py", `def f(text):\n    if text:\n        user_id = 1\n    ${call}\n`), []);
    assert.deepEqual(
      await offered(
        "a.ts",
        "app.post('/', async (req, res) => {\n  const name = req.user;\n  await c.chat.completions.create({ model: 'm' });\n});\n",
      ),
      ["req.user"],
    );
    assert.deepEqual(
      await offered(
        "a.ts",
        "async function f({ userId, text }) {\n  await c.chat.completions.create({ model: 'm', user: session.userId });\n}\n",
      ),
      ["userId"],
    );
    assert.deepEqual(
      await offered(
        "a.ts",
        "async function f(session) {\n  await c.chat.completions.create({ model: 'm', user: session.userId });\n}\n",
      ),
      ["session.userId"],
    );
  });

  it("gives the bytes back for any file, and what results always parses", async () => {
    const heads = fc
      .array(fc.constantFrom("import os\n", "from a import b\n", "# note\n", "\n", "import (x)\n".slice(0, 0)), {
        maxLength: 4,
      })
      .map((parts) => parts.join(""));
    const call = fc.constantFrom(
      'client.chat.completions.create(model="m", messages=[])',
      "self.c.responses.create(\n    input='x',  # é\n    model='m',\n)",
      'await c.embeddings.create(input="x", model="m")',
      "OpenAI().chat.completions.create(**kwargs)",
      "(client).chat.completions.create(model='m')",
      "client.chat.completions \\\n    .create(model='m')",
    );
    const body = fc
      .array(fc.tuple(fc.constantFrom("x = ", "", "print(", "return_ = [", "y = 1\nz = "), call), {
        minLength: 1,
        maxLength: 4,
      })
      .map((parts) =>
        parts
          .map(([before, text]) => `${before}${text}${before === "print(" ? ")" : before.endsWith("[") ? "]" : ""}\n`)
          .join(""),
      );
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

  it("does so for TypeScript and JavaScript too", async () => {
    const head = fc.constantFrom(
      "",
      "#!/usr/bin/env node\n",
      "'use client'\n",
      '"use strict";\n\n',
      "// Licence\n\n",
      "/* a */\n",
    );
    const esm = fc.array(
      fc.constantFrom(
        'import a from "a";\n',
        "import { b } from './b'\n",
        'import type { C } from "./c.js";\n',
        "\n",
        "// note\n",
      ),
      { maxLength: 4 },
    );
    const cjs = fc.array(fc.constantFrom('const a = require("a");\n', "const { b } = require('./b')\n", "\n"), {
      maxLength: 4,
    });
    const call = fc.constantFrom(
      'client.chat.completions.create({ model: "m" })',
      "this.client\n  .chat.completions // é\n  .create({\n    model,\n  })",
      "await c.embeddings.create({ input, model })",
      "new OpenAI().responses.parse({ input: `x`, model })",
      "(await get()).chat.completions.stream({ model })",
      "client!.chat.completions.create({ model })",
    );
    const body = fc
      .array(fc.tuple(fc.constantFrom("const x = ", "", "f(", "export const y = async () => "), call), {
        minLength: 1,
        maxLength: 3,
      })
      .map((parts) =>
        parts
          .map(
            ([before, text], index) =>
              `${before.replace(/[xy] =/, `v${index} =`)}${text}${before === "f(" ? ")" : ""};\n`,
          )
          .join(""),
      );
    await fc.assert(
      fc.asyncProperty(
        head,
        fc.oneof(esm, cjs),
        body,
        fc.boolean(),
        fc.constantFrom("any.ts", "any.mjs", "any.cjs", "any.tsx"),
        async (first, imports, code, isWindows, name) => {
          const text = `${first}${imports.join("")}${name.endsWith("js") ? code.replaceAll("!", "") : code}`.replaceAll(
            "\n",
            isWindows ? "\r\n" : "\n",
          );
          const original = await openText(name, text);
          original.close();
          fc.pre(!original.hasErrors);
          const after = await track(name, text, "f", "userId");
          assert.notEqual(after, text);
          const opened = await openText(name, after);
          opened.close();
          assert.deepEqual(
            [opened.hasErrors, opened.calls.length, opened.calls.every(({ isTracked }) => isTracked)],
            [false, original.calls.length, true],
            after,
          );
          assert.equal(await track(name, after), after);
          assert.equal(await untrack(name, after), text);
        },
      ),
      { numRuns: 200 },
    );
  });
});
