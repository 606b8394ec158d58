import * as assert from "node:assert/strict";
import { analysePython, analyseTypeScript } from "../support";

/** How sure the last call's count is, and whether its prompt has holes. */
type Claim = "exact" | "not exact";

async function inPython(code: string, beside: Record<string, string> = {}): Promise<Claim> {
  const call = (await analysePython(`${code}\n`, beside)).at(-1);
  assert.ok(call !== undefined);
  return call.estimate.input.confidence === "exact" ? "exact" : "not exact";
}
async function inTypeScript(code: string): Promise<Claim> {
  const call = (await analyseTypeScript(`${code}\n`)).at(-1);
  assert.ok(call !== undefined);
  return call.estimate.input.confidence === "exact" ? "exact" : "not exact";
}

const brief = '[{"role": "system", "content": "Be brief."}]';
const create = (messages: string): string => `client.chat.completions.create(model="gpt-4o", messages=${messages})`;

/** A list of the module, what other code does with it, and a function that sends it. */
const shared = (code: string): string => `S = ${brief}\n${code}\ndef ask():\n    return ${create("S")}`;
/** A function's own list, what it does with it, and the call. */
const local = (code: string): string => `def ask(x):\n    s = ${brief}\n${code}\n    return ${create("s")}`;
/** A class that keeps a list, what its methods do with it, and the one that sends it. */
const kept = (code: string, around = ""): string =>
  `class Chat:\n    def __init__(self):\n        self.s = ${brief}\n        self.other = []\n${code}\n    def ask(self):\n        return ${create("self.s")}\n${around}`;
const record = (code: string): string =>
  `CFG = {"model": "gpt-4o", "messages": ${brief}}\n${code}\ndef ask():\n    return client.chat.completions.create(**CFG)`;
const system = (content: string): string => create(`[{"role": "system", "content": ${content}}]`);

const python: Record<string, [code: string, claim: Claim]> = {
  "a list is sorted": [shared("def f():\n    S.sort()"), "not exact"],
  "a stretch of a list is replaced": [shared("def f(x):\n    S[:] = x"), "not exact"],
  "an item is deleted": [shared("def f():\n    del S[0]"), "not exact"],
  "a message is added to": [shared('def f(x):\n    S[0]["content"] += x'), "not exact"],
  "a message has another name": [shared('def f(x):\n    m = S[0]\n    m["content"] = x'), "not exact"],
  "messages are changed in a loop": [shared('def f(x):\n    for m in S:\n        m["content"] = x'), "not exact"],
  "messages are changed in a comprehension": [shared("def f(x):\n    [m.update(content=x) for m in S]"), "not exact"],
  "messages are changed in a numbered loop": [
    shared('def f(x):\n    for i, m in enumerate(S):\n        m["content"] = x'),
    "not exact",
  ],
  "a method is handed over": [shared("def f(xs):\n    list(map(S.append, xs))"), "not exact"],
  "the items are handed over": [shared("def f():\n    register(*S)"), "not exact"],
  "a function of the module appends": [
    shared("def add(ms, x):\n    ms.append(x)\ndef f(x):\n    add(S, x)"),
    "not exact",
  ],
  "a function of the module gives it back": [
    shared("def same(ms):\n    return ms\ndef f(x):\n    same(S).append(x)"),
    "not exact",
  ],
  "it is a parameter's default": [shared("def f(x, ms=S):\n    ms.append(x)"), "not exact"],
  "a class has it too": [shared("class K:\n    ms = S"), "not exact"],
  "a message of it is in another list": [
    `M = {"role": "system", "content": "Be brief."}\ndef f(x):\n    ms = [M]\n    ms[0]["content"] = x\ndef ask():\n    return ${create("[M]")}`,
    "not exact",
  ],
  "a part of a record grows": [record('def f(x):\n    CFG["messages"].append(x)'), "not exact"],
  "a part that is asked for grows": [record('def f(x):\n    CFG.get("messages").append(x)'), "not exact"],
  "a part that may be new grows": [record('def f(x):\n    CFG.setdefault("messages", []).append(x)'), "not exact"],
  "a part is handed over": [record('def f():\n    register(CFG["messages"])'), "not exact"],
  "all parts are handed over": [record("def f():\n    run(**CFG)"), "not exact"],
  "a local list has another name": [local("    m = s\n    m.append(x)"), "not exact"],
  "a local list is handed over": [local("    add(s, x)"), "not exact"],
  "a nested function appends": [local("    def add(y):\n        s.append(y)\n    add(x)"), "not exact"],
  "a callback appends": [local("    run(lambda y: s.append(y))"), "not exact"],
  "a generator shows it": [local("    yield s"), "not exact"],
  "a nested function assigns to it": [
    `def outer():\n    s = ${brief}\n    def reset(x):\n        nonlocal s\n        s = x\n    def ask():\n        return ${create("s")}\n    return ask, reset`,
    "not exact",
  ],
  "an expression assigns to a text": [
    `def ask(x):\n    t = "Be brief."\n    if (t := x):\n        pass\n    return ${system("t")}`,
    "not exact",
  ],
  "it is handed over in the loop around": [
    `def ask(x):\n    s = ${brief}\n    while True:\n        ${create("s")}\n        register(s)`,
    "not exact",
  ],
  "a function assigns to a text that the module sends": [
    `P = "Be brief."\ndef f(x):\n    global P\n    P = x\nf(input())\n${system("P")}`,
    "not exact",
  ],
  "a field has another name": [kept("    def add(self, x):\n        m = self.s\n        m.append(x)"), "not exact"],
  "a field is handed over": [kept("    def add(self, x):\n        grow(self.s, x)"), "not exact"],
  "a field is given out": [kept("    def get(self):\n        return self.s"), "not exact"],
  "a field grows from outside": [kept("", "chat = Chat()\nchat.s.append(input())"), "not exact"],
  "a field is set from outside": [kept("", "def reset(chat: Chat, x):\n    chat.s = x"), "not exact"],
  "a method that is called on the way appends": [
    `class Chat:\n    def add(self, x):\n        self.s.append(x)\n    def ask(self, x):\n        self.s = ${brief}\n        self.add(x)\n        return ${create("self.s")}`,
    "not exact",
  ],
  "a class's list grows": [
    `class K:\n    S = ${brief}\ndef f(x):\n    K.S.append(x)\ndef ask():\n    return ${create("K.S")}`,
    "not exact",
  ],
  "a class's text is set": [
    `class K:\n    text = "Be brief."\ndef f(x):\n    K.text = x\ndef ask():\n    return ${system("K.text")}`,
    "not exact",
  ],
  "its method has a name": [local("    add = s.append\n    add(x)"), "not exact"],
  "a message is looked for, and changed": [
    local('    first = next(m for m in s if m["role"] == "system")\n    first["content"] = x'),
    "not exact",
  ],
  "a copy's original is changed": [
    `def ask(x):\n    s = ${brief}\n    t = list(s)\n    s[0]["content"] = x\n    return ${create("t")}`,
    "not exact",
  ],
  "a method changes the class's list": [
    `class K:\n    S = ${brief}\n    def add(self, x):\n        self.S.append(x)\ndef ask():\n    return ${create("K.S")}`,
    "not exact",
  ],
  "a constructor sets whatever it is given": [
    `class K:\n    text = "Be brief."\n    def __init__(self, **given):\n        self.__dict__.update(given)\n    def ask(self):\n        return ${system("self.text")}`,
    "not exact",
  ],
  "a class that is made from it has another text": [
    `class K:\n    text = "Be brief."\n    def ask(self):\n        ${system("self.text")}\nclass L(K):\n    text = "Be long."`,
    "not exact",
  ],

  "another name only reads": [shared('def f():\n    m = S\n    print(len(m), m[0]["content"])'), "exact"],
  "a function of the module only reads": [
    shared('def size(ms):\n    return sum(len(m["content"]) for m in ms)\ndef f():\n    return size(S)'),
    "exact",
  ],
  "a loop reads": [
    shared('def f(ts):\n    for m in S:\n        print(m["content"])\n    for m in ts:\n        m["content"] = "x"'),
    "exact",
  ],
  "a part is copied": [shared("def f(x):\n    return S[-3:] + [x]"), "exact"],
  "copies are changed": [
    shared("def f(x):\n    m = S.copy()\n    m.append(x)\n    n = list(S)\n    n[0] = x"),
    "exact",
  ],
  "a helper sends it": [
    shared(`async def f():\n    await asyncio.to_thread(client.chat.completions.create, model="gpt-4o", messages=S)`),
    "exact",
  ],
  "a text in a record is handed over": [record('def f():\n    register(CFG["model"])'), "exact"],
  "a message is sent in another list": [
    `M = {"role": "system", "content": "Be brief."}\ndef f(x):\n    ms = [M]\n    ms.append({"role": "user", "content": x})\n    ${create("ms")}\ndef ask():\n    return ${create("[M]")}`,
    "exact",
  ],
  "a local list grows once it is sent": [
    `def ask(x):\n    s = ${brief}\n    r = ${create("s")}\n    s.append(r)\n    register(s)\n    return s`,
    "exact",
  ],
  "another field grows": [kept("    def add(self, x):\n        self.other.append(x)"), "exact"],
  "another class's field grows": [kept("", "class A:\n    pass\na = A()\na.s = []\na.s.append(1)"), "exact"],
  "a nested function has its own": [
    shared("def f(x):\n    S = [1]\n    def g():\n        S.append(x)\n    return g"),
    "exact",
  ],
  "a copy was taken before it grows": [
    `S = ${brief}\nA = [*S]\ndef f(x):\n    S.append(x)\ndef ask():\n    return ${create("A")}`,
    "exact",
  ],
  "a name that isn't a copy grows": [
    `S = ${brief}\nA = S\ndef f(x):\n    S.append(x)\ndef ask():\n    return ${create("A")}`,
    "not exact",
  ],
};

const list = '[{ role: "system", content: "Be brief." }]';
const send = (messages: string): string => `client.chat.completions.create({ model: "gpt-4o", messages: ${messages} })`;
const module_ = (code: string): string => `const s = ${list};\n${code}\nexport function ask() { return ${send("s")}; }`;
const inside = (code: string): string => `export function ask(x) { const s = ${list}; ${code} return ${send("s")}; }`;
const field_ = (code: string, around = ""): string =>
  `class Chat { s = ${list}; other = []; ${code} ask() { return ${send("this.s")}; } }\n${around}`;

const typescript: Record<string, [code: string, claim: Claim]> = {
  "a condition pushes": [module_("function f(x) { x && s.push(x); }"), "not exact"],
  "a choice pushes": [module_("function f(x) { return x ? s.push(x) : 0; }"), "not exact"],
  "a choice gives it out": [module_("function f(x) { return x ? s : []; }"), "not exact"],
  "an argument pushes": [module_("function f(x) { console.log(s.push(x)); }"), "not exact"],
  "an awaited argument pushes": [module_("async function f(x) { await g(s.push(x)); }"), "not exact"],
  "it is pushed to if it is there": [module_("function f(x) { s?.push(x); }"), "not exact"],
  "a message is added to": [module_("function f(x) { s[0]!.content += x; }"), "not exact"],
  "messages are changed one by one": [module_("function f(x) { s.forEach((m) => { m.content = x; }); }"), "not exact"],
  "messages are changed in a loop": [inside("for (const m of s) { m.content = x; }"), "not exact"],
  "a copy's message is changed": [module_("function f(x) { const m = [...s]; m[0]!.content = x; }"), "not exact"],
  "a constructor gets it": [module_("function f() { return new Chat(s); }"), "not exact"],
  "a local list has another name": [inside("const m = s; m.push(x);"), "not exact"],
  "a callback pushes": [inside("x.forEach((y) => s.push(y));"), "not exact"],
  "a record is handed over": [
    `export function ask() { const p = { model: "gpt-4o", messages: ${list} }; configure(p); return client.chat.completions.create(p); }`,
    "not exact",
  ],
  "a part of a record is deleted": [
    `const p = { model: "gpt-4o", messages: ${list} };\nfunction f() { delete p.messages; }\nexport function ask() { return client.chat.completions.create(p); }`,
    "not exact",
  ],
  "a pattern takes a part that grows": [
    `const c = { s: ${list} };\nfunction f(x) { const { s } = c; s.push(x); }\nexport function ask() { return ${send("c.s")}; }`,
    "not exact",
  ],
  "a callback assigns to a text": [
    `export function ask(x) { let t = "Be brief."; x.on("y", (y) => { t = y; }); return ${send('[{ role: "system", content: t }]')}; }`,
    "not exact",
  ],
  "a condition assigns to a text": [
    `export function ask(x) { let t = "Be brief."; x && (t = x); return ${send('[{ role: "system", content: t }]')}; }`,
    "not exact",
  ],
  "a number is counted up": [
    `export function ask() { let n = 3; n++; return ${send('[{ role: "system", content: `Give ${n}` }]')}; }`,
    "not exact",
  ],
  "a field has another name": [field_("add(x) { const m = this.s; m.push(x); }"), "not exact"],
  "a field's function pushes": [field_("add = (x) => { this.s.push(x); };"), "not exact"],
  "a callback pushes to a field": [field_("add(xs) { xs.forEach((x) => this.s.push(x)); }"), "not exact"],
  "a field is handed over": [field_("add() { grow(this.s); }"), "not exact"],
  "a field is in another": [field_("init() { this.other = this.s; } add(x) { this.other.push(x); }"), "not exact"],
  "a field is set from outside": [field_("", "const chat = new Chat();\nchat.s = [];"), "not exact"],
  "its method has a name": [inside("const add = s.push.bind(s); add(x);"), "not exact"],
  "a message is looked for, and changed": [inside('s.find((m) => m.role === "system").content = x;'), "not exact"],
  "a pattern assigns to a text": [
    `export function ask(o) { let t = "Be brief."; ({ t } = o); return ${send('[{ role: "system", content: t }]')}; }`,
    "not exact",
  ],
  "a constructor sets whatever it is given": [
    `class K { text = "Be brief."; constructor(o) { Object.assign(this, o); } ask() { return ${send('[{ role: "system", content: this.text }]')}; } }`,
    "not exact",
  ],
  "a class that is made from it has another text": [
    `class K { text = "Be brief."; ask() { return ${send('[{ role: "system", content: this.text }]')}; } }\nclass L extends K { text = "Be long."; }`,
    "not exact",
  ],

  "another block has a list of that name": [
    `export function ask(a, x) { if (a) { const s = ${list}; return ${send("s")}; } else { const s = []; s.push(x); g(s); } }`,
    "exact",
  ],
  "messages are read one by one": [module_("function f() { s.forEach((m) => { console.log(m.content); }); }"), "exact"],
  "a copy is changed": [module_("function f(x) { const m = [...s]; m.push(x); m[0] = x; }"), "exact"],
  "a function of the module only reads": [
    module_("function size(ms) { return ms.map((m) => m.content).join(); }\nfunction f() { return size(s); }"),
    "exact",
  ],
  "another field grows": [field_("add(x) { this.other.push(x); }"), "exact"],
};

describe("A value that is changed in other ways than by its name", () => {
  for (const [name, [code, claim]] of Object.entries(python))
    it(`is ${claim} where ${name} (Python)`, async () => assert.equal(await inPython(code), claim));
  for (const [name, [code, claim]] of Object.entries(typescript))
    it(`is ${claim} where ${name} (TypeScript)`, async () => assert.equal(await inTypeScript(code), claim));

  it("is not exact where a function sets another module's text", async () => {
    const code = `import prompts\ndef f(x):\n    prompts.P = x\ndef ask():\n    return ${system("prompts.P")}`;
    assert.equal(await inPython(code, { "prompts.py": 'P = "Be brief."' }), "not exact");
    assert.equal(await inPython(code.replace("prompts.P = x", "pass"), { "prompts.py": 'P = "Be brief."' }), "exact");
  });

  it("has what is added to it by another name, or by the name of a part", async () => {
    const added = '{"role": "user", "content": "one more message"}';
    const tokens = async (code: string): Promise<unknown> => {
      const call = (await analysePython(`${code}\n`)).at(-1);
      return [call?.estimate.input.tokens, call?.estimate.input.confidence];
    };
    const whole = await tokens(create(`[*${brief}, ${added}]`));
    assert.deepEqual(await tokens(`m = s = ${brief}\ns.append(${added})\n${create("m")}`), whole);
    assert.deepEqual(await tokens(`m = s = ${brief}\nm.append(${added})\n${create("s")}\n${create("m")}`), whole);
    assert.deepEqual(await tokens(`m = s = ${brief}\nm.append(${added})\n${create("m")}\n${create("s")}`), whole);
    assert.deepEqual(
      await tokens(
        `def ask():\n    s = ${brief}\n    p = {"model": "gpt-4o", "messages": s}\n    s.append(${added})\n    client.chat.completions.create(**p)`,
      ),
      whole,
    );
  });

  it("has no certain model where another name of the request sets it", async () => {
    const [call] = await analysePython(
      `def ask():\n    p = {"model": "gpt-4o", "messages": ${brief}}\n    q = p\n    q["model"] = "gpt-4o-mini"\n    client.chat.completions.create(**p)\n`,
    );
    assert.equal(call?.estimate.model.name, null);
  });
});
