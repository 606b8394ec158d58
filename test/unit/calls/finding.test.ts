import * as assert from "node:assert/strict";
import { analyse, analysePython, analyseTypeScript } from "../support";

const apisOf = async (code: string, language: "py" | "ts"): Promise<string[]> =>
  (await (language === "py" ? analysePython(code) : analyseTypeScript(code))).map((call) => call.api);

const found: [name: string, language: "py" | "ts", code: string, api: string][] = [
  ["a client", "py", "client.chat.completions.create()", "chat.completions.create"],
  [
    "a member of self",
    "py",
    "class A:\n  def f(self):\n    return self.client.chat.completions.create()",
    "chat.completions.create",
  ],
  ["a constructor's result", "py", "OpenAI().chat.completions.create()", "chat.completions.create"],
  ["a function's result", "py", "get_client(1).chat.completions.create()", "chat.completions.create"],
  [
    "an Azure client, awaited",
    "py",
    "async def f():\n  await AsyncAzureOpenAI().chat.completions.create()",
    "chat.completions.create",
  ],
  ["element access", "py", 'client["chat"].completions.create()', "chat.completions.create"],
  ["raw responses", "py", "client.chat.completions.with_raw_response.create()", "chat.completions.create"],
  ["streaming responses", "py", "client.chat.completions.with_streaming_response.create()", "chat.completions.create"],
  ["beta parse", "py", "client.beta.chat.completions.parse()", "chat.completions.parse"],
  ["options on the way", "py", "client.with_options(timeout=3).chat.completions.create()", "chat.completions.create"],
  ["several lines", "py", "(\n  client\n  .chat\n  .completions\n  .create(model='m')\n)", "chat.completions.create"],
  ["the old class", "py", "import openai\nopenai.ChatCompletion.create(messages=[])", "ChatCompletion.create"],
  [
    "a method in a variable",
    "py",
    "create = client.chat.completions.create\ncreate(model='m')",
    "chat.completions.create",
  ],
  [
    "a resource in a variable",
    "py",
    "completions = client.chat.completions\ncompletions.create()",
    "chat.completions.create",
  ],
  [
    "functools.partial",
    "py",
    "from functools import partial\nask = partial(client.chat.completions.create, model='m')\nask(messages=[])",
    "chat.completions.create",
  ],
  [
    "responses",
    "py",
    "from openai import OpenAI\nclient = OpenAI()\nclient.responses.create(model='m', input='x')",
    "responses.create",
  ],
  ["embeddings", "py", "client = openai.OpenAI()\nclient.embeddings.create(model='m', input='x')", "embeddings.create"],
  [
    "legacy completions",
    "py",
    "from openai import OpenAI\nc = OpenAI()\nc.completions.create(model='m', prompt='x')",
    "completions.create",
  ],
  ["inside an f-string", "py", "f'{client.chat.completions.create()}'", "chat.completions.create"],
  ["this", "ts", "class A { f() { return this.openai.chat.completions.create({}) } }", "chat.completions.create"],
  ["optional chaining", "ts", "client?.chat?.completions?.create?.({})", "chat.completions.create"],
  ["casts and non-null marks", "ts", "(client as any)!.chat!.completions.create({})", "chat.completions.create"],
  ["element access", "ts", 'client["chat"]["completions"]["create"]({})', "chat.completions.create"],
  ["withResponse", "ts", "await client.chat.completions.create({}).withResponse()", "chat.completions.create"],
  ["a stream", "ts", "client.chat.completions.stream({})", "chat.completions.stream"],
  ["type arguments", "ts", "client.responses.parse<Foo>({ model: 'm', input: 'x' })", "responses.parse"],
  ["a destructured resource", "ts", "const { chat } = openai;\nchat.completions.create({})", "chat.completions.create"],
  ["a destructured method", "ts", "const { create } = openai.chat.completions;\ncreate({})", "chat.completions.create"],
  [
    "a bound method",
    "ts",
    "const ask = openai.chat.completions.create.bind(openai.chat.completions);\nask({})",
    "chat.completions.create",
  ],
  ["inside a template", "ts", "`${await client.chat.completions.create({})}`", "chat.completions.create"],
];

const notFound: [name: string, language: "py" | "ts", code: string][] = [
  ["comments", "py", "# client.chat.completions.create()"],
  ["strings", "py", "x = 'client.chat.completions.create()'"],
  ["docstrings", "py", 'def f():\n  """client.chat.completions.create()"""'],
  ["definitions", "py", "def create(): pass"],
  ["mocks being assigned", "py", "client.chat.completions.create = Mock()"],
  ["what is asked of a mock", "py", "client.chat.completions.create.assert_called_once()"],
  [
    "Anthropic's completions",
    "py",
    "from anthropic import Anthropic\nclient = Anthropic()\nclient.completions.create(model='claude-2', prompt='x')",
  ],
  ["a client that is called anthropic", "py", "anthropic.completions.create(model='claude-2', prompt='x')"],
  [
    "another service's embeddings",
    "py",
    "import voyageai\nvo = voyageai.Client()\nvo.embeddings.create(model='m', input='x')",
  ],
  ["surveys", "ts", "client.responses.create({ formId: 1 })"],
  ["types", "ts", "type P = Parameters<typeof client.chat.completions.create>[0]"],
  ["spies", "ts", 'vi.spyOn(client.chat.completions, "create")'],
  ["methods handed on", "ts", "expect(client.chat.completions.create).toHaveBeenCalled()"],
  ["comments", "ts", "/* client.chat.completions.create({}) */"],
];

describe("Finding calls", () => {
  for (const [name, language, code, api] of found)
    it(`finds ${name} (${language})`, async () => assert.deepEqual(await apisOf(code, language), [api]));
  for (const [name, language, code] of notFound)
    it(`does not take ${name} for a call (${language})`, async () =>
      assert.deepEqual(await apisOf(code, language), []));

  it("gives the place of the call expression, without await", async () => {
    const code = "async def f():\n    x = await client.chat.completions.create(a=1)\n";
    const [call] = await analysePython(code);
    assert.equal(code.slice(call?.start, call?.end), "client.chat.completions.create(a=1)");
  });

  it("finds calls in every language's files", async () => {
    for (const name of ["a.py", "a.ts", "a.tsx", "a.mts", "a.cts", "a.js", "a.jsx", "a.mjs", "a.cjs"]) {
      assert.equal(
        (await analyse({ [name]: name === "a.py" ? "c.chat.completions.create()" : "c.chat.completions.create({})" }))
          .length,
        1,
        name,
      );
    }
  });

  it("keeps the other calls while one is half typed", async () => {
    const good = (name: string): string =>
      `def ${name}():\n    return client.chat.completions.create(model="gpt-4o", messages=[])\n\n`;
    for (const broken of [
      "client.chat.completions.create(model=",
      'x = """never closed',
      "messages=[{",
      "def g(",
      "f'{",
      "if x:",
      "client.chat.",
    ]) {
      const calls = await analysePython(`${good("a")}def broken():\n    ${broken}\n\n${good("b")}`);
      assert.ok(calls.filter((call) => call.estimate.model.name === "gpt-4o").length >= 2, broken);
    }
    const goodTs = (name: string): string =>
      `export async function ${name}() {\n  return client.chat.completions.create({ model: "gpt-4o", messages: [] });\n}\n\n`;
    for (const broken of [
      "client.chat.completions.create({ model: ",
      "const x = `never closed",
      'foo("',
      "if (x",
      "{ a: [",
      "client.chat?.",
    ]) {
      const calls = await analyseTypeScript(`${goodTs("a")}function broken() {\n  ${broken}\n\n${goodTs("b")}`);
      assert.ok(calls.filter((call) => call.estimate.model.name === "gpt-4o").length >= 2, broken);
    }
  });

  it("neither throws nor hangs on deep nesting and odd text", async () => {
    const call = '\nclient.chat.completions.create(model="gpt-4o", messages=[])\n';
    const deep = [
      "(".repeat(10_000),
      "[".repeat(10_000),
      "x = " + "-".repeat(10_000) + "1",
      `x = ${'"a" + '.repeat(5_000)}"b"`,
      `"${"a".repeat(1_000_000)}"`,
      "\0\ud800\udfff",
      "{".repeat(10_000) + "}".repeat(10_000),
    ];
    for (const text of deep) {
      await analysePython(text + call);
      await analyseTypeScript(text + call.replace("model=", "{model:").replace("messages=[])", "messages:[]})"));
    }
  });
});
