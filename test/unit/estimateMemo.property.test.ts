import * as assert from "node:assert/strict";
import fc from "fast-check";
import { languageOfFile } from "../../src/core/languages/registry";
import { AnalysedText, Analyser } from "../../src/core/estimate/analyser";
import type { Analysis, EstimatedCall } from "../../src/core/estimate/analysis";
import { MemoryFiles, assets, builtInPrices } from "./support";

/** Statements that a module is put together from: classes with equal methods, shared values, and who changes them. */
const python = {
  name: "a.py",
  head: "from openai import OpenAI\nclient = OpenAI()",
  pieces: [
    'MODEL = "gpt-4o"',
    'MODEL = "gpt-4o-mini"',
    "ALIAS = MODEL",
    'SHARED = [{"role": "system", "content": "Be brief."}]',
    'SHARED = [{"role": "system", "content": "Be brief, and kind to everybody."}]',
    'SHARED.append({"role": "user", "content": "one more"})',
    'if FLAG:\n    SHARED = []\n    MODEL = "o1"',
    'for x in range(3):\n    SHARED.append({"role": "user", "content": "again"})',
    'def change():\n    global MODEL\n    MODEL = "gpt-4.1"',
    'def grow():\n    SHARED.append({"role": "user", "content": "grown"})',
    "def idle():\n    return 1",
    "OTHER = SHARED",
    'OTHER.append({"role": "user", "content": "through another name"})',
    "COPY = [*SHARED]",
    "def grow_other(x):\n    o = SHARED\n    o.append(x)",
    "def hand_on():\n    add(SHARED, 1)",
    "def add(items, x):\n    items.append(x)",
    "def add(items, x):\n    return len(items)",
    'def rewrite(x):\n    for m in SHARED:\n        m["content"] = x',
    'REQUEST = {"model": MODEL, "messages": SHARED}',
    'def overwrite(x):\n    REQUEST["model"] = x',
    "def requested():\n    return client.chat.completions.create(**REQUEST)",
    "def copied():\n    return client.chat.completions.create(model=MODEL, messages=COPY + OTHER)",
    'def local(x):\n    own = [{"role": "user", "content": "local"}]\n    def inner():\n        own.append(x)\n    add(own, 2)\n    return client.chat.completions.create(model=MODEL, messages=own)',
    'class Bot:\n    model = "gpt-4o"\n    def __init__(self, text="given"):\n        self.text = text\n        self.log = [{"role": "user", "content": text}]\n    def add(self, x):\n        add(self.log, x)\n    def chat(self):\n        return client.chat.completions.create(model=self.model, messages=self.log)\n    METHOD',
    'bot = Bot("another text")',
    'class Other(Bot):\n    model = "o1"\n    text = "of another class"',
    'def handing():\n    own = [{"role": "user", "content": "local"}]\n    add(own, 2)\n    return client.chat.completions.create(model=MODEL, messages=own)',
    'class Own:\n    def add(self, items):\n        self.kept = items\n    def chat(self):\n        own = [{"role": "user", "content": "local"}]\n        self.add(own)\n        return client.chat.completions.create(model=MODEL, messages=own)',
    'class Own:\n    def add(self, items):\n        self.kept = items\n    def later(self):\n        self.kept.append(1)\n    def chat(self):\n        own = [{"role": "user", "content": "local"}]\n        self.add(own)\n        return client.chat.completions.create(model=MODEL, messages=own)',
    'class Own:\n    def set(self):\n        self.log.append(1)\n    def chat(self):\n        self.log = [{"role": "user", "content": "own"}]\n        self.set()\n        return client.chat.completions.create(model=MODEL, messages=self.log)',
    'class Own:\n    def set(self):\n        return 1\n    def chat(self):\n        self.log = [{"role": "user", "content": "own"}]\n        self.set()\n        return client.chat.completions.create(model=MODEL, messages=self.log)',
    "def tweak(x):\n    bot.text = x\n    Bot.model = x",
    'def botted():\n    return client.chat.completions.create(model=bot.model, messages=[{"role": "user", "content": bot.text}])',
    'CONFIG = {"model": "gpt-4o", "text": "short"}',
    'CONFIG["text"] = "a much longer text than before"',
    'class Settings:\n    model = "gpt-4o"\n    text = "from settings"',
    'class Settings:\n    model = MODEL\n    text = "changed settings"',
    "settings = Settings()",
    'class Cheap:\n    model = "gpt-4o-mini"\n    text = "cheap"\n    METHOD',
    'class Dear:\n    model = "gpt-4o"\n    text = "dear and long, with many words"\n    METHOD',
    'class Made:\n    def __init__(self, model="o1"):\n        self.model = model\n        self.text = CONFIG["text"]\n    METHOD',
    'class Changing:\n    model = "gpt-4o"\n    text = "x"\n    def other(self):\n        self.text = "changed"\n    METHOD',
    "def shared():\n    return client.chat.completions.create(model=MODEL, messages=SHARED)",
    "def aliased():\n    return client.chat.completions.create(model=ALIAS, messages=[*SHARED])",
    'def configured():\n    return client.chat.completions.create(model=CONFIG["model"], messages=[{"role": "user", "content": CONFIG["text"]}])',
    'def settled():\n    return client.chat.completions.create(model=settings.model, messages=[{"role": "user", "content": settings.text}])',
    "def by_default(model=MODEL):\n    def inner():\n        return client.chat.completions.create(model=model, messages=SHARED)\n    return inner",
    'def shared():\n    SHARED = [{"role": "user", "content": "its own"}]\n    return client.chat.completions.create(model=MODEL, messages=SHARED)',
    "client.chat.completions.create(model=MODEL, messages=SHARED)",
    'client = OpenAI(base_url="http://localhost:8000")',
    "client = OpenAI(base_url=URL, api_key=KEY)",
    'URL = "https://openrouter.ai/api/v1"',
    'URL = os.environ["GROQ_URL"]',
    "URL = None",
    'KEY = os.environ["DEEPSEEK_API_KEY"]',
    "if FLAG:\n    client = make()",
    "def make():\n    return OpenAI(base_url=URL)",
    "def make(url=URL):\n    made = OpenAI()\n    made.base_url = url\n    return made",
    "def by_function():\n    return make().chat.completions.create(model=MODEL, messages=SHARED)",
    "def by_variable():\n    own = make()\n    own.base_url = URL\n    return own.chat.completions.create(model=MODEL, messages=SHARED)",
    "def reset():\n    global client\n    client = make()",
    "class Holder:\n    @property\n    def client(self):\n        return make()\n    def ask(self):\n        return self.client.chat.completions.create(model=MODEL, messages=SHARED)",
    "class Holder:\n    def start(self):\n        self.client = OpenAI(base_url=self.url)\n    url = URL\n    def ask(self):\n        return self.client.chat.completions.create(model=MODEL, messages=SHARED)",
    'class Holder:\n    def __init__(self):\n        self.client = self.build()\n    def build(self):\n        return OpenAI(base_url="http://localhost:11434")\n    def ask(self):\n        return self.client.chat.completions.create(model=MODEL, messages=SHARED)',
    "class Heir(Holder):\n    def more(self):\n        return self.client.chat.completions.create(model=MODEL, messages=SHARED)",
    "holder = Holder()",
    "def held():\n    return holder.client.chat.completions.create(model=MODEL, messages=SHARED)",
  ],
  method:
    'def ask(self):\n        return client.chat.completions.create(model=self.model, messages=[{"role": "user", "content": self.text}])',
};

const typescript = {
  name: "a.ts",
  head: 'import OpenAI from "openai";\nconst client = new OpenAI();',
  pieces: [
    'let model = "gpt-4o";',
    'model = "gpt-4o-mini";',
    "const alias = model;",
    'const shared = [{ role: "system", content: "Be brief." }];',
    'const shared = [{ role: "system", content: "Be brief, and kind to everybody." }];',
    'shared.push({ role: "user", content: "one more" });',
    'if (flag) { shared.push({ role: "user", content: "perhaps" }); model = "o1"; }',
    'function change() { model = "gpt-4.1"; }',
    'function grow() { shared.push({ role: "user", content: "grown" }); }',
    "function idle() { return 1; }",
    "const other = shared;",
    'other.push({ role: "user", content: "through another name" });',
    "const copy = [...shared];",
    "function growOther(x) { const o = shared; x && o.push(x); }",
    "function handOn() { add(shared, 1); }",
    "function add(items, x) { items.push(x); }",
    "function add(items, x) { return items.length; }",
    "function rewrite(x) { shared.forEach((m) => { m.content = x; }); }",
    "const request = { model, messages: shared };",
    "function overwrite(x) { delete request.model; request.messages[0]!.content = x; }",
    "function requested() { return client.chat.completions.create(request); }",
    "function copied() { return client.chat.completions.create({ model, messages: [...copy, ...other] }); }",
    'function local(x) { const own = [{ role: "user", content: "local" }]; x.forEach((y) => own.push(y)); add(own, 2); return client.chat.completions.create({ model, messages: own }); }',
    'class Bot { model = "gpt-4o"; log = [{ role: "user", content: "x" }]; constructor(readonly text = "given") {} add = (x) => { add(this.log, x); }; chat() { return client.chat.completions.create({ model: this.model, messages: this.log }); } METHOD }',
    'const bot = new Bot("another text");',
    'class Other extends Bot { model = "o1"; log = []; }',
    'function handing() { const own = [{ role: "user", content: "local" }]; add(own, 2); return client.chat.completions.create({ model, messages: own }); }',
    "function tweak(x) { bot.text = x; Bot.model = x; }",
    'function botted() { return client.chat.completions.create({ model: bot.model, messages: [{ role: "user", content: bot.text }] }); }',
    'const config = { model: "gpt-4o", text: "short" };',
    'config.text = "a much longer text than before";',
    'function reconfigure() { config.model = "o1"; }',
    'class Cheap { model = "gpt-4o-mini"; text = "cheap"; METHOD }',
    'export class Dear { model = "gpt-4o"; text = "dear and long, with many words"; METHOD }',
    'class Made { text: string; constructor(private model = "o1") { this.text = config.text; } METHOD }',
    'class Changing { model = "gpt-4o"; text = "x"; other() { this.text = "changed"; } METHOD }',
    "const ask = async () => client.chat.completions.create({ model, messages: shared });",
    "function aliased() { return client.chat.completions.create({ model: alias, messages: [...shared] }); }",
    'function configured() { return client.chat.completions.create({ model: config.model, messages: [{ role: "user", content: config.text }] }); }',
    "function byDefault(name = model) { return () => client.chat.completions.create({ model: name, messages: shared }); }",
    'const ask = async () => { const shared = "its own"; return client.chat.completions.create({ model, messages: shared }); };',
    "client.chat.completions.create({ model, messages: shared });",
    'const url = "https://openrouter.ai/api/v1";',
    "const url = process.env.OLLAMA_URL;",
    "const settings = { baseURL: url };",
    "settings.baseURL = undefined;",
    "const make = () => new OpenAI({ baseURL: url });",
    "function make() { return kept ??= new OpenAI(settings); }",
    "let kept = new OpenAI();",
    "function reset() { kept = make(); }",
    "function byFunction() { return make().chat.completions.create({ model, messages: shared }); }",
    "function byVariable() { return kept.chat.completions.create({ model, messages: shared }); }",
    "class Holder { private client = make(); ask() { return this.client.chat.completions.create({ model, messages: shared }); } }",
    "class Holder { get client() { return make(); } ask() { return this.client.chat.completions.create({ model, messages: shared }); } }",
    "class Holder { constructor(readonly client = new OpenAI({ baseURL: url })) {} ask() { return this.client.chat.completions.create({ model, messages: shared }); } }",
    "class Heir extends Holder { more() { return this.client.chat.completions.create({ model, messages: shared }); } }",
    "const holder = new Holder();",
    "function held() { return holder.client.chat.completions.create({ model, messages: shared }); }",
  ],
  method:
    'ask() { return client.chat.completions.create({ model: this.model, messages: [{ role: "user", content: this.text }] }); }',
};

const analyser = (): Analyser => new Analyser(assets.grammars, assets.encodings, new MemoryFiles({}));

describe("An estimate with memory", () => {
  for (const { name, head, pieces, method } of [python, typescript]) {
    it(`equals one without, whatever is edited (${name})`, async () => {
      const piece = fc.integer({ min: 0, max: pieces.length - 1 });
      const module = fc.array(piece, { minLength: 2, maxLength: 14 });
      const edit = fc.record({ at: fc.nat(20), remove: fc.nat(2), insert: fc.array(piece, { maxLength: 2 }) });
      const text = (chosen: readonly number[]): string =>
        `${[head, ...chosen.map((index) => pieces[index]?.replace("METHOD", method))].join("\n")}\n`;
      const language = languageOfFile(name);
      assert.ok(language !== undefined);
      await fc.assert(
        fc.asyncProperty(module, fc.array(edit, { minLength: 1, maxLength: 6 }), async (first, edits) => {
          const remembering = new AnalysedText(analyser(), language, `/work/${name}`);
          let chosen = first;
          for (const next of [null, ...edits]) {
            if (next !== null) {
              chosen = [...chosen];
              chosen.splice(next.at % (chosen.length + 1), next.remove, ...next.insert);
            }
            const fresh = new AnalysedText(analyser(), language, `/work/${name}`);
            const withMemory: Analysis = await remembering.analyse(text(chosen), builtInPrices);
            const without: Analysis = await fresh.analyse(text(chosen), builtInPrices);
            fresh.dispose();
            assert.deepEqual(figures(withMemory.calls), figures(without.calls), text(chosen));
            assert.equal(new Set(withMemory.calls.map(({ id }) => id)).size, without.calls.length, text(chosen));
          }
          remembering.dispose();
        }),
        { numRuns: 150 },
      );
    });
  }
});

/** All but the identity, which follows a call from edit to edit. */
const figures = (calls: readonly EstimatedCall[]): unknown[] =>
  calls.map(({ start, end, estimate }) => ({ start, end, estimate }));
