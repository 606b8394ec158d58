import * as assert from "node:assert/strict";
import { isClaim } from "../../../src/core/tokens/confidence";
import { analysePython, analyseTypeScript, chatTokens } from "../support";

const python = (messages: string, before: string, around = ""): string =>
  `${before}\n${around}client.chat.completions.create(model="gpt-4o", messages=${messages})\n`;
const inFunction = "def ask(x):\n    return ";
const shared = 'S = [{"role": "system", "content": "Be brief."}]';
const brief = (): number => chatTokens("Be brief.");

async function inPython(code: string) {
  const call = (await analysePython(code)).at(-1);
  return { tokens: call?.estimate.input.tokens, confidence: call?.estimate.input.confidence };
}
async function inTypeScript(code: string) {
  const call = (await analyseTypeScript(code)).at(-1);
  return { tokens: call?.estimate.input.tokens, confidence: call?.estimate.input.confidence };
}

describe("A prompt that other code changes", () => {
  const growing: Record<string, string> = {
    "another function appends": 'def add(x):\n    S.append({"role": "user", "content": x})',
    "another function extends": "def add(xs):\n    S.extend(xs)",
    "another function adds in place": "def add(xs):\n    S.extend(xs)\n    return None",
    "a nested function appends":
      'def outer():\n    def add(x):\n        S.append({"role": "user", "content": x})\n    return add',
    "a method appends": 'class A:\n    def add(self, x):\n        S.append({"role": "user", "content": x})',
    "it is handed to a function": "def setup():\n    register(S)",
    "it has another name": "def alias():\n    m = S\n    m.append(1)",
    "it is handed over at the module's level": "register(S)",
    "it is returned": "def get():\n    return S",
    "it is stored": 'def keep():\n    return {"messages": [S]}',
  };
  for (const [name, code] of Object.entries(growing))
    it(`is at least what is known: ${name} (Python)`, async () => {
      assert.deepEqual(await inPython(python("S", `${shared}\n${code}`, inFunction)), {
        tokens: brief(),
        confidence: "lowerBound",
      });
    });

  const reading: Record<string, string> = {
    "it is measured": "def size():\n    return len(S)",
    "it is copied": "def other():\n    return [*S, 1]",
    "it is logged": "def tell():\n    logging.info(S)\n    print(json.dumps(S))",
    "it is sent": 'def other():\n    return client.chat.completions.create(model="gpt-4o", messages=S)',
    "a parameter has its name": 'def add(S):\n    S.append({"role": "user", "content": "x"})',
    "a local variable has its name": 'def add():\n    S = []\n    S.append({"role": "user", "content": "x"})',
    "a text is handed over": 'T = "text"\ndef other():\n    register(T)',
  };
  for (const [name, code] of Object.entries(reading))
    it(`stays known: ${name} (Python)`, async () => {
      assert.deepEqual(await inPython(python("S", `${shared}\n${code}`, inFunction)), {
        tokens: brief(),
        confidence: "exact",
      });
    });

  it("stays known where a text is handed over", async () => {
    const code = python('[{"role": "user", "content": T}]', 'T = "text"\ndef other():\n    register(T)', inFunction);
    assert.deepEqual(await inPython(code), { tokens: chatTokens("text"), confidence: "exact" });
  });

  const typescript: Record<string, [code: string, confidence: string]> = {
    "another function pushes": ["function add(x) { s.push(x); }", "lowerBound"],
    "a closure pushes": ["const add = (x) => { s.push(x); };", "lowerBound"],
    "it is handed to a function": ["function setup() { register(s); }", "lowerBound"],
    "it has another name": ["function alias() { const m = s; m.push(1); }", "lowerBound"],
    "it is in an object": ["function keep() { return wrap({ s }); }", "lowerBound"],
    "it is copied": ["function other() { return [...s, 1]; }", "exact"],
    "it is logged": ["function tell() { console.log(JSON.stringify(s)); }", "exact"],
    "a parameter has its name": ["function add(s) { s.push(1); }", "exact"],
    "a local variable has its name": ["function add() { const s = []; s.push(1); }", "exact"],
  };
  for (const [name, [code, confidence]] of Object.entries(typescript))
    it(`says what it knows: ${name} (TypeScript)`, async () => {
      const text = `const s = [{ role: "system", content: "Be brief." }];\n${code}\nexport function ask() { return client.chat.completions.create({ model: "gpt-4o", messages: s }); }`;
      assert.deepEqual(await inTypeScript(text), { tokens: brief(), confidence });
    });

  it("that a method of its class pushes to is at least what is known", async () => {
    const code = `class Chat { history = [{ role: "system", content: "Be brief." }]; add(x) { this.history.push(x); } ask() { return client.chat.completions.create({ model: "gpt-4o", messages: this.history }); } }`;
    assert.deepEqual(await inTypeScript(code), { tokens: brief(), confidence: "lowerBound" });
  });

  it("loses a model that another function replaces", async () => {
    const code = `const params = { model: "gpt-4o", messages: [{ role: "user", content: "x" }] };\nexport function cheap() { params.model = "gpt-4o-mini"; }\nexport function ask() { return client.chat.completions.create(params); }`;
    const [call] = await analyseTypeScript(code);
    assert.deepEqual([call?.estimate.model.name, call?.estimate.cost.input], [null, null]);
  });
});

describe("A parameter's default", () => {
  for (const fallback of ["None", "[]", '""', "{}"])
    it(`of nothing is not the prompt (${fallback})`, async () => {
      const { confidence } = await inPython(
        `def f(messages=${fallback}):\n    client.chat.completions.create(model="gpt-4o", messages=messages)\n`,
      );
      assert.equal(confidence, "lowerBound");
    });

  it("of a text counts, and is never exact", async () => {
    const code = `def f(system="Be brief."):\n    client.chat.completions.create(model="gpt-4o", messages=[{"role": "system", "content": system}])\n`;
    assert.deepEqual(await inPython(code), { tokens: brief(), confidence: "estimated" });
    const script = `function f(system = "Be brief.") { client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "system", content: system }] }); }`;
    assert.deepEqual(await inTypeScript(script), { tokens: brief(), confidence: "estimated" });
  });

  const madeOf: Record<string, string> = {
    "JSON of it": 'json.dumps({"a": s})',
    "a text so many times": '"Hi " * n',
    "a format of several": '"%s, %s" % ("a", s)',
    "a text that it is put into": '"Be x.".replace("x", s)',
    "a joined text": '", ".join(["a", s])',
    "a text out of a file": "open(path).read()",
    "an entry that it is the default of": '{"a": "b"}.get("c", s)',
  };
  for (const [name, expression] of Object.entries(madeOf))
    it(`marks what is made of it: ${name}`, async () => {
      const code = `def f(s="Be brief.", n=3, path="prompt.md"):\n    client.chat.completions.create(model="gpt-4o", messages=[{"role": "system", "content": ${expression}}])\n`;
      const [call] = await analysePython(code, { "prompt.md": "Be brief." });
      assert.deepEqual([call?.estimate.input.confidence, call?.estimate.holes], ["estimated", []]);
    });

  it("marks the items that are spread out of it, and the parts that are taken of it", async () => {
    const spread = `def f(h=[{"role": "system", "content": "Be brief."}]):\n    client.chat.completions.create(model="gpt-4o", messages=[*h])\n`;
    assert.deepEqual(await inPython(spread), { tokens: brief(), confidence: "estimated" });
    const taken = `function f(o = { text: "Be brief." }) { const { text } = o; client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "system", content: text }] }); }`;
    assert.deepEqual(await inTypeScript(taken), { tokens: brief(), confidence: "estimated" });
  });

  it("of the model alone leaves the prompt's count exact", async () => {
    const code = `def f(model="gpt-4o"):\n    client.chat.completions.create(model=model, messages=[{"role": "system", "content": "Be brief."}])\n`;
    assert.deepEqual(await inPython(code), { tokens: brief(), confidence: "exact" });
  });
});

describe("A fallback", () => {
  const left = async (expression: string, before = "") =>
    inPython(python(`[{"role": "system", "content": ${expression}}]`, before));
  it("takes the side that counts where that is known", async () => {
    assert.deepEqual(await left('"" or "Be brief."'), { tokens: brief(), confidence: "exact" });
    assert.deepEqual(await left('None or "Be brief."'), { tokens: brief(), confidence: "exact" });
    assert.deepEqual(await left('"Be brief." or "no"'), { tokens: brief(), confidence: "exact" });
    const script = (content: string) =>
      inTypeScript(
        `client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "system", content: ${content} }] });`,
      );
    assert.deepEqual(await script('"" ?? "no"'), { tokens: chatTokens(""), confidence: "exact" });
    assert.deepEqual(await script('"" || "Be brief."'), { tokens: brief(), confidence: "exact" });
    assert.deepEqual(await script('null ?? "Be brief."'), { tokens: brief(), confidence: "exact" });
  });

  it("is a hole where the left side is unknown", async () => {
    for (const expression of ['given() or "Be brief."', 'f"{given()}" or "Be brief."', "unheard or unseen"]) {
      const { confidence } = await left(expression);
      assert.ok(confidence !== undefined && !isClaim(confidence), expression);
    }
  });
});

describe("An argument that isn't the API's own", () => {
  const call = (rest: string): string =>
    `client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Be brief."}]${rest})\n`;

  it("adds what nobody measured, and is named", async () => {
    const [found] = await analysePython(call(", response_model=User, max_retries=2"));
    assert.equal(found?.estimate.input.confidence, "estimated");
    assert.deepEqual(
      found.estimate.input.reasons.map(({ text }) => text),
      ["what `response_model` adds to the prompt is not measured"],
    );
    const [beta] = await analyseTypeScript(
      'client.beta.responses.create({ model: "gpt-5", input: "Hi", multi_agent: { enabled: true } });',
    );
    assert.equal(beta?.estimate.input.confidence, "estimated");
    const [mode] = await analyseTypeScript(
      'client.responses.create({ model: "gpt-5", input: "Hi", reasoning: { effort: "low", mode: "pro" } });',
    );
    assert.equal(mode?.estimate.input.confidence, "estimated");
  });

  it("says nothing where it is none, or how the request is sent", async () => {
    for (const rest of ["", ", response_model=None", ", temperature=0, timeout=3, user=name, seed=1, stop=[x]"])
      assert.equal((await inPython(call(rest))).confidence, "exact", rest);
  });
});
