import * as assert from "node:assert/strict";
import { MAX_CHARACTERS, MAX_STEPS } from "../../../src/core/calls/budget";
import { Evaluator } from "../../../src/core/calls/evaluate";
import { findCalls } from "../../../src/core/calls/finder";
import { python } from "../../../src/core/languages/python/pack";
import { languageOfFile } from "../../../src/core/languages/registry";
import { ModuleParser } from "../../../src/core/calls/module";
import { Modules } from "../../../src/core/calls/modules";
import { describeEstimate } from "../../../src/core/estimate/describe";
import { type Request, readRequest } from "../../../src/core/calls/request";
import type { Grammars } from "../../../src/core/calls/syntax";
import { MemoryFiles, analyse, assets } from "../support";

/** A generous time for one input on a busy machine; before there were limits, most took minutes or all memory. */
const MAX_TIME = 30_000;

/** One operation may run over the budget before the next one is refused. */
const MAX_OVERRUN = 10;

interface Evaluated {
  request: Request;
  steps: number;
  characters: number;
}

const grammars: Grammars = assets.grammars;

/** Finds and reads every call of the first file; what each one's evaluation took. */
async function evaluateCalls(files: Record<string, string>): Promise<Evaluated[]> {
  const [[name, code] = ["", ""]] = Object.entries(files);
  const language = languageOfFile(name);
  assert.ok(language);
  const loaded = await grammars.load(language);
  const parser = new ModuleParser(loaded, `/work/${name}`);
  const module = parser.parse(code, MAX_TIME);
  const evaluator = new Evaluator(new Modules(new MemoryFiles(files), new Map([[language.grammar, loaded]])));
  const calls = findCalls(module, evaluator, MAX_TIME).map((call): Evaluated => {
    evaluator.begin();
    const request = readRequest(call, evaluator);
    return { request, steps: evaluator.budget.steps, characters: evaluator.budget.characters };
  });
  parser.dispose();
  return calls;
}

/** Name and files: imports that run in circles, beside a call that is there to be found. */
const circles: [name: string, files: Record<string, string>][] = [
  ["a name that two files import from each other", { "main.py": "from b import X", "b.py": "from main import X" }],
  ["a name that a file imports from itself", { "main.py": "from main import X", "b.py": "" }],
  ["a module that imports itself", { "main.py": "import main\nX = main.X", "b.py": "" }],
  ["three files", { "main.py": "from b import X", "b.py": "from c import X", "c.py": "from main import X" }],
  ["an alias of an alias", { "main.py": "from b import Y as X", "b.py": "from main import X as Y" }],
  ["stars", { "main.py": "from b import *", "b.py": "from main import *" }],
  ["a package", { "main.py": "from p import X", "p/__init__.py": "from .q import X", "p/q.py": "from . import X" }],
  ["a class that inherits from itself", { "main.py": "class X(X):\n    m = X.m\nX = X.m", "b.py": "" }],
  [
    "classes that inherit from each other",
    { "main.py": "from b import B\nclass A(B): pass\nX = A().m", "b.py": "from main import A\nclass B(A): pass" },
  ],
  ["relative imports", { "p/main.py": "from .b import X", "p/b.py": "from .main import X" }],
  ["export *", { "main.ts": 'import { X } from "./b";\nexport * from "./b";', "b.ts": 'export * from "./main";' }],
  [
    "export { x }",
    { "main.ts": 'import { X } from "./b";', "b.ts": 'export { X } from "./c";', "c.ts": 'export { X } from "./b";' },
  ],
  [
    "a default",
    { "main.ts": 'import X from "./b"; export default X;', "b.ts": 'import Y from "./main"; export default Y;' },
  ],
  ["itself", { "main.ts": 'import { X } from "./main"; export { X } from "./main";', "b.ts": "" }],
  [
    "a namespace",
    {
      "main.ts": 'import * as b from "./b"; export const X = b.X;',
      "b.ts": 'import * as m from "./main"; export const X = m.X;',
    },
  ],
  [
    "require",
    {
      "main.js": 'const { X } = require("./b"); exports.X = X;',
      "b.js": 'const { X } = require("./main"); exports.X = X;',
    },
  ],
  [
    "module.exports",
    {
      "main.js": 'const X = require("./b").X; module.exports = require("./b");',
      "b.js": 'module.exports = require("./main");',
    },
  ],
  [
    "a class of TypeScript",
    {
      "main.ts": 'import { B } from "./b"; export class A extends B { m = new B().m; } const X = new A().m;',
      "b.ts": 'import { A } from "./main"; export class B extends A { m = new A().m; }',
    },
  ],
];

const big = (letter: string, length: number): string => letter.repeat(length);
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

const pythonCall = (content: string): string =>
  `client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": ${content}}])`;
const typescriptCall = (content: string): string =>
  `client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: ${content} }] });`;

/** Name, statements, and the content of the hostile call. */
type Case = [name: string, before: string, content: string];

const pythonCases: Case[] = [
  ["repetition of a repetition", 'a = "x" * 1000000\nb = a * 1000', "b"],
  ["repetition so often", "", '"x" * 1000000000000'],
  ["repetition with the number first", "", '10 ** 9 * "x" + 1000000000 * "y"'],
  ["nested repetition", "", `${big("(", 30)}"x"${big(" * 10)", 30)}`],
  ["doubling, 40 times", `a = "x" * 1000\n${lines(40, () => "a = a + a")}`, "a"],
  ["doubling in place", `a = "x" * 1000\n${lines(40, () => "a += a")}`, "a"],
  ["doubling under new names", `a0 = "xy"\n${lines(40, (i) => `a${i + 1} = a${i} + a${i}`)}`, "a40"],
  ["doubling in f-strings", `a0 = "xy"\n${lines(40, (i) => `a${i + 1} = f"{a${i}}{a${i}}"`)}`, "a40"],
  ["doubling by format", `a0 = "xy"\n${lines(40, (i) => `a${i + 1} = "{0}{0}".format(a${i})`)}`, "a40"],
  ["doubling by percent", `a0 = "xy"\n${lines(40, (i) => `a${i + 1} = "%s%s" % (a${i}, a${i})`)}`, "a40"],
  ["doubling by replace", `a0 = "xx"\n${lines(40, (i) => `a${i + 1} = a${i}.replace("x", "xx")`)}`, "a40"],
  ["doubling lists", `a0 = ["xy"]\n${lines(40, (i) => `a${i + 1} = [*a${i}, *a${i}]`)}`, '"".join(a40)'],
  ["doubling nested lists", `a0 = ["xy"]\n${lines(40, (i) => `a${i + 1} = [a${i}, a${i}]`)}`, "a40"],
  ["doubling added lists", `a0 = ["xy"]\n${lines(40, (i) => `a${i + 1} = a${i} + a${i}`)}`, "a40"],
  ["a list that extends itself", `a = ["x"]\n${lines(40, () => "a.extend(a)")}`, '"".join(a)'],
  ["doubling records", `a0 = {"k": "x"}\n${lines(40, (i) => `a${i + 1} = {"l": a${i}, "r": a${i}, **a${i}}`)}`, "a40"],
  ["replace of a letter by a large text", 'a = "x" * 100000\nb = a.replace("x", a)', "b"],
  ["replace of nothing", 'a = "x" * 1000000\nb = a.replace("", a)', "b"],
  ["join with a large separator", `a = "x" * 1000000\nb = a.join([${big('"", ', 1000)}])`, "b"],
  ["join of large texts", `a = "x" * 1000000\nb = "".join([${big("a, ", 1000)}])`, "b"],
  ["a percent format as wide as memory", "", '"%1000000000d" % 5'],
  ["a percent format of many zeros", `a = "%${big("0", 500_000)}"`, "a % 5"],
  ["percent formats that never end", `a = "${big("%(", 300_000)}"`, "a % {}"],
  ["a format as wide as memory", "", '"{:>1000000000}".format("x")'],
  ["an f-string as wide as memory", 'x = "x"', 'f"{x:>1000000000}"'],
  ["format fields that never end", `a = "${big("{", 500_000)}"`, "a.format(1)"],
  ["many format fields with a large text", `a = "x" * 1000000\nb = "${big("{0}", 10_000)}"`, "b.format(a)"],
  ["strip of many runs", `a = "${big("x".repeat(100) + " ".repeat(3000), 200)}x"`, "a.strip()"],
  ["strip of a set in many runs", `a = "b${big("a", 600_000)}b"`, 'a.rstrip("a").strip("ab")'],
  ["strip with a large set", `a = "${big("[]^\\\\-", 100_000)}"`, "a.strip(a)"],
  ["ljust and zfill", "", '"x".ljust(1000000000).zfill(1000000000)'],
  ["dedent of large texts", `from textwrap import dedent\na = "  x\\n" * 500000`, "dedent(dedent(dedent(a)))"],
  [
    "json with indents",
    `import json\na = [${big("[", 50)}${big("1,", 5_000)}${big("]", 50)}]`,
    "json.dumps(a, indent=1000000)",
  ],
  [
    "paths that double",
    `import os\np0 = "p"\n${lines(40, (i) => `p${i + 1} = os.path.join(p${i}, p${i})`)}`,
    "open(p40).read()",
  ],
  ["10,000 parentheses", "", `${big("(", 10_000)}"deep"${big(")", 10_000)}`],
  ["10,000 operands", 'a = "y"', Array(10_000).fill("a").join(" + ")],
  ["10,000 nested lists", "", `${big("[", 10_000)}"deep"${big("]", 10_000)}`],
  ["10,000 nested calls", "", `${big("str(", 10_000)}"deep"${big(")", 10_000)}`],
  ["10,000 nested indexes", "", `a${big("[0]", 10_000)}`],
  ["10,000 members", "", `a${big(".value", 10_000)}`],
  ["10,000 methods in a row", "", `"x"${big(".strip()", 10_000)}`],
  ["10,000 names for one value", `${big("a = ", 10_000)}"x"`, "a"],
  ["a deep pattern", `for ${big("(", 5_000)}a,${big("),", 5_000)} in b: pass`, "a"],
  ["10,000 statements on one name", `a = "x"\n${lines(10_000, () => "a += 'x'")}`, "a + a + a + a"],
  ["10,000 items that are put in", `a = []\n${lines(10_000, () => "a.append('x')")}`, '"".join(a)'],
  ["10,000 keys that are set", `a = {}\n${lines(10_000, (i) => `a["k${i}"] = "x"`)}`, "str(a)"],
  ["100,000 items", `a = [${big("a, ", 100_000)}]`, '"".join(a)'],
  ["a name of itself", "a = b\nb = a\na = a", "a"],
  ["clients of each other", "a = b\nb = a\na.responses.create(model='m')\nb.embeddings.create(x=1)", "a"],
  ["many methods in one chain", `x${big(".create", 2_000)}`, '"x"'],
];

const typescriptCases: Case[] = [
  ["repeat of repeat", 'const a = "x".repeat(1000000); const b = a.repeat(1000);', "b"],
  ["padStart", "", '"x".padStart(1000000000)'],
  ["doubling", `let a = "x";\n${lines(40, () => "a = a + a;")}`, "a"],
  [
    "doubling in templates",
    `const a0 = "xy";\n${lines(40, (i) => `const a${i + 1} = \`\${a${i}}\${a${i}}\`;`)}`,
    "a40",
  ],
  ["doubling by concat", `const a0 = "xy";\n${lines(40, (i) => `const a${i + 1} = a${i}.concat(a${i});`)}`, "a40"],
  [
    "doubling arrays",
    `const a0 = ["x"];\n${lines(40, (i) => `const a${i + 1} = [...a${i}, ...a${i}];`)}`,
    "a40.join()",
  ],
  [
    "doubling arrays by concat",
    `const a0 = ["x"];\n${lines(40, (i) => `const a${i + 1} = a${i}.concat(a${i});`)}`,
    "a40.join()",
  ],
  ["spread objects", `const a0 = { k: "x" };\n${lines(40, (i) => `const a${i + 1} = { ...a${i}, a: a${i} };`)}`, "a40"],
  [
    "assigned objects",
    `const a0 = { k: "x" };\n${lines(40, (i) => `const a${i + 1} = Object.assign({}, a${i}, { z: a${i} });`)}`,
    "a40",
  ],
  ["replaceAll", 'const a = "x".repeat(100000); const b = a.replaceAll("x", a);', "b"],
  ["replaceAll of nothing", 'const a = "x".repeat(1000000); const b = a.replaceAll("", a);', "b"],
  ["join", `const a = "x".repeat(1000000); const b = [${big('"",', 1000)}].join(a);`, "b"],
  ["trim of many runs", `const a = "${big("x" + " ".repeat(3000), 200)}x";`, "a.trim().trimEnd()"],
  ["10,000 parentheses", "", `${big("(", 10_000)}"deep"${big(")", 10_000)}`],
  ["10,000 operands", 'const a = "y";', Array(10_000).fill("a").join(" + ")],
  ["10,000 nested arrays", "", `${big("[", 10_000)}"deep"${big("]", 10_000)}`],
  ["10,000 nested objects", "", `${big("{ a: ", 10_000)}"deep"${big("}", 10_000)}`],
  ["10,000 marks", "", `${big("!", 10_000)}a`],
  ["5,000 alternatives", "", `${big("a ?? ", 5_000)}"b"`],
  ["a deep pattern", `const ${big("[", 2_000)}a${big("]", 2_000)} = b;`, "a"],
  ["an enum's value's value", "enum E { A = 'x' }", `E.A${big(".value", 5_000)}`],
  ["10,000 declarations in one function", `function f() { ${big("let b; ", 10_000)} a = 1; }\nlet a = "x";`, "a"],
  ["a client of itself", "const a = b; const b = a; a.responses.create({ model: 'm' });", "a"],
];

const ordinary = "An ordinary prompt.";

describe("hostile code", function () {
  this.timeout(MAX_TIME);

  const check = (calls: readonly Evaluated[]): void => {
    const last = calls.at(-1);
    assert.deepEqual(last?.request.body.messages, [{ role: "user", content: ordinary }]);
    assert.equal(last?.request.model.name, "gpt-4o");
    assert.deepEqual(last?.request.limits, []);
    assert.ok(calls.length >= 2, "the hostile call is found too");
    for (const { request, steps, characters } of calls) {
      assert.ok(steps <= MAX_STEPS * MAX_OVERRUN, `${steps} steps`);
      assert.ok(characters <= MAX_CHARACTERS, `${characters} characters`);
      assert.ok(JSON.stringify(request).length <= MAX_CHARACTERS * 2);
    }
  };

  for (const [name, before, content] of pythonCases)
    it(`Python: ${name}`, async () => {
      check(await evaluateCalls({ "main.py": `${before}\n${pythonCall(content)}\n${pythonCall(`"${ordinary}"`)}\n` }));
    });

  for (const [name, before, content] of typescriptCases)
    it(`TypeScript: ${name}`, async () => {
      check(
        await evaluateCalls({
          "main.ts": `${before}\n${typescriptCall(content)}\n${typescriptCall(`"${ordinary}"`)}\n`,
        }),
      );
    });

  for (const [name, files] of circles)
    it(`imports in a circle: ${name} (${Object.keys(files)[0] ?? ""})`, async () => {
      const [[main, code] = ["", ""], ...others] = Object.entries(files);
      const call = main.endsWith(".py") ? pythonCall : typescriptCall;
      const text = `${code}\n${call("X")}\n${call(`"${ordinary}"`)}\n`;
      const calls = await evaluateCalls({ [main]: text, ...Object.fromEntries(others) });
      check(calls);
      assert.deepEqual(calls[0]?.request.holes, [{ expression: "X" }]);
    });

  it("finds what a file beside the circle defines", async () => {
    const [call] = await evaluateCalls({
      "main.ts": `import { X } from "./b";\n${typescriptCall("X")}`,
      "b.ts": 'export * from "./main";\nexport * from "./b";\nexport * from "./c";',
      "c.ts": 'export * from "./b";\nexport const X = "found";',
    });
    assert.deepEqual(call?.request.body.messages, [{ role: "user", content: "found" }]);
  });

  it("says why a text is not evaluated, and claims no exact figure for it", async () => {
    const code = `a = "x" * 1000000\nb = a * 1000\n${pythonCall('"Start: " + b')}\n${pythonCall(`"${ordinary}"`)}\n`;
    const [hostile, plain] = await analyse({ "main.py": code });
    assert.deepEqual(hostile?.estimate.holes, ["b"]);
    assert.equal(hostile.estimate.input.confidence, "lowerBound");
    assert.deepEqual(hostile.estimate.limits, ["text longer than 4 million characters"]);
    assert.match(
      describeEstimate("chat.completions", hostile.estimate).text,
      /what `b` will hold was not fully evaluated \(text longer than 4 million characters\)/,
    );
    assert.equal(plain?.estimate.input.confidence, "exact");
  });

  it("says that code is nested too deep", async () => {
    const code = `${pythonCall(`${big("str(", 200)}"deep"${big(")", 200)}`)}\n`;
    const [call] = await analyse({ "main.py": code });
    assert.deepEqual(call?.estimate.limits, ["expressions nested deeper than 60 levels"]);
  });

  it("looks through any number of parentheses", async () => {
    const [call] = await evaluateCalls({ "main.py": pythonCall(`${big("(", 5_000)}"deep"${big(")", 5_000)}`) });
    assert.deepEqual(call?.request.body.messages, [{ role: "user", content: "deep" }]);
  });

  it("gives up parsing and finding where that takes too long, and says so", async () => {
    const code = `x${big(".create", 1_000)}\n${pythonCall(`"${ordinary}"`)}\n`;
    const loaded = await grammars.load(python);
    const parser = new ModuleParser(loaded, null);
    assert.throws(() => parser.parse(big(code, 50), 0), /^Error: parsing it takes longer than 2 seconds$/);
    const module = parser.parse(code, MAX_TIME);
    const evaluator = new Evaluator(new Modules(new MemoryFiles({}), new Map()));
    assert.throws(() => findCalls(module, evaluator, 0), /^Error: finding its calls takes longer than 4 seconds$/);
    // What was given up leaves nothing behind for the next text.
    assert.equal(findCalls(module, evaluator, MAX_TIME).length, 1);
    parser.dispose();
  });

  it("leaves every call something where a file has hundreds of hostile ones", async () => {
    const hostile = lines(300, () => pythonCall("a40"));
    const code = `a0 = "xy"\n${lines(40, (i) => `a${i + 1} = a${i} + a${i}`)}\n${hostile}\n${pythonCall(`"${ordinary}"`)}\n`;
    const calls = await evaluateCalls({ "main.py": code });
    assert.equal(calls.length, 301);
    check(calls);
    assert.ok(calls.reduce((sum, { steps }) => sum + steps, 0) < 2_000_000);
    assert.ok(calls.reduce((sum, { characters }) => sum + characters, 0) < 5 * MAX_CHARACTERS);
  });
});
