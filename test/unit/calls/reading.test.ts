import * as assert from "node:assert/strict";
import { analyse, analysePython, analyseTypeScript, chatTokens } from "../support";

/** Python code whose one call sends `content`, after some statements. */
const python = (content: string, before = "", signature = "def f():"): string =>
  `import os, json\nfrom pathlib import Path\nfrom textwrap import dedent\n${signature}\n${before
    .split("\n")
    .map((line) => `    ${line}`)
    .join(
      "\n",
    )}\n    client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": ${content}}])\n`;

const typescript = (content: string, before = "", signature = "function f() {"): string =>
  `import fs, { readFileSync } from "node:fs";\nimport path from "node:path";\n${signature}\n${before}\nclient.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: ${content} }] });\n}\n`;

type Case = [name: string, code: string, text: string, holes?: string[], beside?: Record<string, string>];

const pythonCases: Case[] = [
  ["a literal", python('"Hello"'), "Hello"],
  [
    "escapes",
    python(String.raw`"a\tb\n\u00e9\x41\
c"`),
    "a\tb\néAc",
  ],
  ["raw text", python(String.raw`r"a\tb"`), String.raw`a\tb`],
  ["neighbouring strings", python('("one " "two " f"three")'), "one two three"],
  ["a local constant", python("text", 'text = "Hello"'), "Hello"],
  ["the last of two assignments", python("text", 'text = "old"\ntext = "new words"'), "new words"],
  ["an f-string", python('f"Dear {name}!"', 'name = "Ada"'), "Dear Ada!"],
  ["an f-string with a hole", python('f"Dear {name}!"', "", "def f(name):"), "Dear !", ["name"]],
  ["doubled braces", python('f"{{a}} {1}"'), "{a} 1"],
  ["a format that isn't told", python('f"{x:.2f}"', "x = 3"), "", ["x"]],
  ["concatenation", python('"a" + "b" + tail', 'tail = "c"'), "abc"],
  [".format", python('"{} and {x}".format("one", x="two")'), "one and two"],
  ["percent", python('"%s is %d" % ("a", 3)'), "a is 3"],
  ["percent with one value", python('"Hi %s" % name', 'name = "you"'), "Hi you"],
  ["join", python('", ".join(["a", "b"])'), "a, b"],
  ["join with a hole", python('"\\n".join(["a", b])', "", "def f(b):"), "a\n", ["b"]],
  ["dedent and strip", python('dedent("""\n        one\n          two\n    """).strip()'), "one\n  two"],
  ["repetition", python('"=" * 5'), "====="],
  ["replace", python('"a NAME b".replace("NAME", "x")'), "a x b"],
  ["a text that grows", python("text", 'text = "a"\ntext += "b"'), "ab"],
  ["a text that grows perhaps", python("text", 'text = "a"\nif os.name:\n    text += "b"'), "a", ['"b"']],
  ["a parameter's default", python("tone", "", 'def f(tone="kind"):'), "kind"],
  ["an environment variable's default", python('os.getenv("X", "fallback words")'), "fallback words"],
  ["an environment variable without one", python('os.environ["X"]'), "", ['os.environ["X"]']],
  ["a conditional", python('"a" if x else "b"', "", "def f(x):"), "", ['"a" if x else "b"']],
  ["an assignment in a branch", python("text", 'text = "a"\nif os.name:\n    text = "b"'), "", ["text"]],
  [
    "both in the same branch",
    'def f(x):\n    if x:\n        text = "inner"\n        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}])\n',
    "inner",
  ],
  [
    "a comprehension's variable",
    python('"".join([w for w in words])', 'w = "not this"', "def f(words):"),
    "",
    ['"".join([w for w in words])'],
  ],
  ["json.dumps", python('json.dumps({"a": [1, "b"]})'), '{"a": [1, "b"]}'],
  ["a prompt file", python('Path("p.md").read_text()'), "From the file.\n", [], { "p.md": "From the file.\r\n" }],
  [
    "a prompt file by open",
    python("text", 'with open("prompts/p.md") as file:\n    text = file.read()'),
    "Read.",
    [],
    { "prompts/p.md": "Read." },
  ],
  [
    "a prompt file beside the code",
    python('(Path(__file__).parent / "p.md").read_text()'),
    "Beside.",
    [],
    { "p.md": "Beside." },
  ],
  ["a prompt file that is missing", python('Path("none.md").read_text()'), "", ['Path("none.md").read_text()']],
  ["a file outside of the workspace", python('open("/etc/hostname").read()'), "", ['open("/etc/hostname").read()']],
  [
    "an imported constant",
    `from prompts import SYSTEM as S\n${python("S")}`,
    "Imported.",
    [],
    { "prompts.py": 'SYSTEM = "Imported."' },
  ],
  [
    "a package's constant",
    `from app import prompts\n${python("prompts.SYSTEM")}`,
    "Imported.",
    [],
    { "app/__init__.py": "", "app/prompts.py": 'SYSTEM = "Imported."' },
  ],
  [
    "a module's constant",
    `import app.prompts\n${python("app.prompts.SYSTEM")}`,
    "Imported.",
    [],
    { "app/prompts.py": 'SYSTEM = "Imported."' },
  ],
  [
    "a constant passed on by a package",
    `from app import SYSTEM\n${python("SYSTEM")}`,
    "Imported.",
    [],
    { "app/__init__.py": "from .prompts import SYSTEM", "app/prompts.py": 'SYSTEM = "Imported."' },
  ],
  [
    "a class attribute",
    'class A:\n    system = "Of the class."\n    def f(self):\n        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": self.system}])\n',
    "Of the class.",
  ],
  [
    "an attribute set when made",
    'class A:\n    def __init__(self, system="Made."):\n        self.system = system\n    def f(self):\n        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": self.system}])\n',
    "Made.",
  ],
  [
    "an attribute that changes",
    'class A:\n    system = "a"\n    def g(self):\n        self.system = "b"\n    def f(self):\n        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": self.system}])\n',
    "",
    ["self.system"],
  ],
  [
    "a constant that a function changes",
    `TEXT = "a"\ndef g():\n    global TEXT\n    TEXT = "b"\n${python("TEXT")}`,
    "",
    ["TEXT"],
  ],
];

const typescriptCases: Case[] = [
  ["a template", typescript("`a ${b} c`", 'const b = "x";'), "a x c"],
  ["a template with a hole", typescript("`a ${b} c`", "", "function f(b: string) {"), "a  c", ["b"]],
  ["escapes", typescript(String.raw`"\u{1F600} \x41 \n"`), "😀 A \n"],
  ["concatenation", typescript('"a" + b + "c"', 'const b = "-";'), "a-c"],
  ["trim and join", typescript('[" a", "b "].join("\\n").trim()'), "a\nb"],
  ["dedent", `import dedent from "dedent";\n${typescript("dedent`\n    one\n      two\n  `")}`, "one\n  two"],
  ["an as const", typescript("TEXT", 'const TEXT = "x y" as const;'), "x y"],
  ["an object's member", typescript("P.system", 'const P = { system: "From an object." };'), "From an object."],
  ["a readFileSync", typescript('readFileSync("p.md", "utf8")'), "File.", [], { "p.md": "File." }],
  [
    "a file by __dirname",
    typescript('fs.readFileSync(path.join(__dirname, "prompts", "p.md"), "utf8")'),
    "Deep.",
    [],
    { "prompts/p.md": "Deep." },
  ],
  [
    "a file by import.meta.url",
    typescript('readFileSync(new URL("./p.md", import.meta.url), "utf8")'),
    "Url.",
    [],
    { "p.md": "Url." },
  ],
  [
    "an imported constant",
    `import { SYSTEM as S } from "./prompts.js";\n${typescript("S")}`,
    "Imported.",
    [],
    { "prompts.ts": 'export const SYSTEM = "Imported.";' },
  ],
  [
    "a namespace",
    `import * as prompts from "./prompts";\n${typescript("prompts.SYSTEM")}`,
    "Imported.",
    [],
    { "prompts/index.ts": 'export * from "./all";', "prompts/all.ts": 'export const SYSTEM = "Imported.";' },
  ],
  [
    "an alias of tsconfig",
    `import { SYSTEM } from "@/prompts";\n${typescript("SYSTEM")}`,
    "Imported.",
    [],
    {
      "tsconfig.json": '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
      "src/prompts.ts": 'export const SYSTEM = "Imported.";',
    },
  ],
  [
    "JSON",
    `import prompts from "./prompts.json";\n${typescript("prompts.system")}`,
    "From JSON.",
    [],
    { "prompts.json": '{ "system": "From JSON." }' },
  ],
  [
    "require",
    `const { SYSTEM } = require("./prompts");\n${typescript("SYSTEM")}`,
    "Required.",
    [],
    { "prompts.js": 'module.exports = { SYSTEM: "Required." };' },
  ],
  [
    "a field of the class",
    'class A { private system = "Field."; f() { client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: this.system }] }) } }',
    "Field.",
  ],
  [
    "a destructured parameter's default",
    typescript("tone", "", 'function f({ tone = "kind" }: { tone?: string }) {'),
    "kind",
  ],
  ["a let that changes", typescript("text", 'let text = "a";\nif (text) { text = "b"; }'), "", ["text"]],
  ["a block's own variable", typescript("text", 'const text = "outer";\nif (true) { const text = "inner"; }'), "outer"],
];

/** Cases whose text a caller or the environment can replace: never exact. */
const withDefaults = new Set([
  "a parameter's default",
  "an environment variable's default",
  "an attribute set when made",
  "a destructured parameter's default",
]);

describe("Reading the prompt", () => {
  for (const [language, cases] of [
    ["py", pythonCases],
    ["ts", typescriptCases],
  ] as const) {
    for (const [name, code, text, holes = [], beside = {}] of cases) {
      it(`reads ${name} (${language})`, async () => {
        const [call] = await analyse({ [`main.${language}`]: code, ...beside });
        assert.ok(call !== undefined, "the call is found");
        assert.deepEqual(call.estimate.holes, holes);
        assert.equal(call.estimate.input.tokens, chatTokens(text));
        const whole = withDefaults.has(name) ? "estimated" : "exact";
        assert.equal(call.estimate.input.confidence, holes.length === 0 ? whole : "lowerBound");
      });
    }
  }

  it("follows lists that are built before the call", async () => {
    const [call] = await analysePython(
      'def f(history, q):\n    m = [{"role": "system", "content": "S"}]\n    m.append({"role": "user", "content": "one"})\n    m.extend([{"role": "assistant", "content": "two"}])\n    m += [{"role": "user", "content": "three"}]\n    m.insert(0, {"role": "system", "content": "zero"})\n    client.chat.completions.create(model="gpt-4o", messages=m)\n',
    );
    assert.equal(call?.estimate.input.tokens, chatTokens("zero", "S", "one", "two", "three"));
    const [pushed] = await analyseTypeScript(
      'function f() { const m = [{ role: "system", content: "S" }]; m.push({ role: "user", content: "one" }, { role: "user", content: "two" }); client.chat.completions.create({ model: "gpt-4o", messages: [...m] }); }',
    );
    assert.equal(pushed?.estimate.input.tokens, chatTokens("S", "one", "two"));
  });

  it("takes what a loop adds for at least nothing", async () => {
    const [call] = await analysePython(
      'def f(docs):\n    m = [{"role": "system", "content": "S"}]\n    for d in docs:\n        m.append({"role": "user", "content": d})\n    client.chat.completions.create(model="gpt-4o", messages=m)\n',
    );
    assert.equal(call?.estimate.input.tokens, chatTokens("S"));
    assert.equal(call.estimate.input.confidence, "lowerBound");
  });

  it("is not sure of a list that a loop around the call adds to later", async () => {
    const [call] = await analysePython(
      'def f():\n    m = [{"role": "system", "content": "S"}]\n    while True:\n        r = client.chat.completions.create(model="gpt-4o", messages=m)\n        m.append(r)\n',
    );
    assert.equal(call?.estimate.input.confidence, "lowerBound");
  });

  it("assembles requests from spreads and known objects", async () => {
    const [py] = await analysePython(
      'opts = {"model": "gpt-4o", "max_tokens": 7}\nopts["n"] = 2\nclient.chat.completions.create(**opts, messages=[{"role": "user", "content": "x"}])\n',
    );
    assert.deepEqual(
      [py?.estimate.model, py?.estimate.outputLimit],
      [{ name: "gpt-4o", source: "constant", expression: null }, 14],
    );
    const [updated] = await analysePython(
      'kwargs = dict(model="gpt-4o")\nkwargs.update(max_tokens=3, messages=[{"role": "user", "content": "x"}])\nclient.chat.completions.create(**kwargs)\n',
    );
    assert.deepEqual(
      [updated?.estimate.model.name, updated?.estimate.outputLimit, updated?.estimate.input.tokens],
      ["gpt-4o", 3, chatTokens("x")],
    );
    const [ts] = await analyseTypeScript(
      'const base = { model: "gpt-4o", max_tokens: 5 };\nconst params: P = { ...base, messages: [] };\nparams.messages.push({ role: "user", content: "x" });\nparams.max_tokens = 9;\nclient.chat.completions.create(params);\n',
    );
    assert.deepEqual(
      [ts?.estimate.model.name, ts?.estimate.outputLimit, ts?.estimate.input.tokens],
      ["gpt-4o", 9, chatTokens("x")],
    );
  });

  const models: [code: string, language: "py" | "ts", name: string | null, source: string][] = [
    ['c.chat.completions.create(model="gpt-4o")', "py", "gpt-4o", "literal"],
    ['M = "gpt-4o"\nc.chat.completions.create(model=M)', "py", "gpt-4o", "constant"],
    ['M = {"fast": "gpt-4o"}\nc.chat.completions.create(model=M["fast"])', "py", "gpt-4o", "constant"],
    [
      'from enum import Enum\nclass M(str, Enum):\n    FAST = "gpt-4o"\nc.chat.completions.create(model=M.FAST.value)',
      "py",
      "gpt-4o",
      "constant",
    ],
    [
      'class C:\n    models = {"chat": {"fast": "gpt-4o"}}\nc.chat.completions.create(model=C.models["chat"]["fast"])',
      "py",
      "gpt-4o",
      "constant",
    ],
    [
      'const M = { chat: { fast: "gpt-4o" } };\nc.chat.completions.create({ model: M.chat.fast })',
      "ts",
      "gpt-4o",
      "constant",
    ],
    ['def f(model="gpt-4o"):\n    c.chat.completions.create(model=model)', "py", "gpt-4o", "default"],
    ['import os\nc.chat.completions.create(model=os.getenv("M", "gpt-4o"))', "py", "gpt-4o", "default"],
    ['import os\nc.chat.completions.create(model=os.environ.get("M") or "gpt-4o")', "py", "gpt-4o", "default"],
    ["def f(model):\n    c.chat.completions.create(model=model)", "py", null, "dynamic"],
    ["def f(**kwargs):\n    c.chat.completions.create(**kwargs)", "py", null, "dynamic"],
    ['const M = "gpt-4o";\nc.chat.completions.create({ model: M })', "ts", "gpt-4o", "constant"],
    ['c.chat.completions.create({ model: process.env.M ?? "gpt-4o" })', "ts", "gpt-4o", "default"],
    ['enum M { Fast = "gpt-4o" }\nc.chat.completions.create({ model: M.Fast })', "ts", "gpt-4o", "constant"],
    ['const { M = "gpt-4o" } = process.env;\nc.chat.completions.create({ model: M })', "ts", "gpt-4o", "default"],
    ["const M = pick();\nc.chat.completions.create({ model: M })", "ts", null, "dynamic"],
  ];
  for (const [code, language, name, source] of models) {
    it(`resolves the model of ${JSON.stringify(code)}`, async () => {
      const [call] = await analyse({ [`main.${language}`]: code });
      assert.deepEqual([call?.estimate.model.name, call?.estimate.model.source], [name, source]);
    });
  }
});
