import * as assert from "node:assert/strict";
import { analysePython, analyseTypeScript } from "../support";

/** The model's name, and where it is from, of the only call. */
async function inPython(code: string, model = "cfg.model") {
  const [call] = await analysePython(
    `${code}\ndef ask():\n    client.chat.completions.create(model=${model}, messages=[{"role": "user", "content": "Hi"}])\n`,
  );
  return call?.estimate.model.name;
}
async function inTypeScript(code: string, model = "cfg.model") {
  const [call] = await analyseTypeScript(
    `${code}\nexport const ask = () => client.chat.completions.create({ model: ${model}, messages: [{ role: "user", content: "Hi" }] });\n`,
  );
  return call?.estimate.model.name;
}

describe("A field of an instance", () => {
  const dataclass = '@dataclass\nclass Config:\n    model: str = "gpt-4o"\n    limit: int = 3';
  const pydantic = 'class Config(BaseModel):\n    model: str = "gpt-4o"';
  const written = 'class Config:\n    def __init__(self, model="gpt-4o", limit=3):\n        self.model = model';
  const python: Record<string, [code: string, model: string | null]> = {
    "a named argument of a dataclass": [`${dataclass}\ncfg = Config(model="gpt-4o-mini")`, "gpt-4o-mini"],
    "a dataclass's first argument": [`${dataclass}\ncfg = Config("gpt-4o-mini")`, "gpt-4o-mini"],
    "another argument of a dataclass": [`${dataclass}\ncfg = Config(limit=4)`, "gpt-4o"],
    "a dataclass's arguments out of a dict": [`${dataclass}\ncfg = Config(**given)`, null],
    "a field without a default": ['@dataclass\nclass Config:\n    model: str\ncfg = Config(model="o1")', "o1"],
    "a pydantic model's argument": [`${pydantic}\ncfg = Config(model="gpt-4o-mini")`, "gpt-4o-mini"],
    "an unnamed argument of an inherited constructor": [
      'class Config(Base):\n    model = "gpt-4o"\ncfg = Config("gpt-4o-mini")',
      null,
    ],
    "a constructor's named argument": [`${written}\ncfg = Config(model="gpt-4o-mini")`, "gpt-4o-mini"],
    "a constructor's first argument": [`${written}\ncfg = Config("gpt-4o-mini")`, "gpt-4o-mini"],
    "a constructor's other argument": [`${written}\ncfg = Config(limit=3)`, "gpt-4o"],
    "what a constructor makes of its argument": [
      'class Config:\n    def __init__(self, kind="4o"):\n        self.model = "gpt-" + kind\ncfg = Config("4.1")',
      null,
    ],
    "what a constructor doesn't take": [
      'class Config:\n    def __init__(self, kind):\n        self.model = "gpt-4o"\ncfg = Config("x")',
      "gpt-4o",
    ],
    "an argument that only the running program knows": [`${dataclass}\ncfg = Config(model=read())`, null],
  };
  for (const [name, [code, model]] of Object.entries(python))
    it(`is what its constructor is given: ${name} (Python)`, async () => {
      assert.equal(await inPython(code), model);
    });

  it("is what the expression's own constructor is given", async () => {
    assert.equal(await inPython(dataclass, 'Config(model="gpt-4o-mini").model'), "gpt-4o-mini");
    assert.equal(await inPython(dataclass, "Config().model"), "gpt-4o");
  });

  const typescript: Record<string, [code: string, model: string | null]> = {
    "a field in the constructor's parameters": [
      'class Config { constructor(readonly model = "gpt-4o") {} }\nconst cfg = new Config("gpt-4o-mini");',
      "gpt-4o-mini",
    ],
    "a field that the constructor sets": [
      'class Config { model: string; constructor(limit: number, model = "gpt-4o") { this.model = model; } }\nconst cfg = new Config(1, "gpt-4o-mini");',
      "gpt-4o-mini",
    ],
    "an argument left out": [
      'class Config { model: string; constructor(limit: number, model = "gpt-4o") { this.model = model; } }\nconst cfg = new Config(1);',
      "gpt-4o",
    ],
    "a part of the constructor's object": [
      'class Config { model: string; constructor({ model = "gpt-4o" } = {}) { this.model = model; } }\nconst cfg = new Config(options);',
      null,
    ],
    "a property of the constructor's object": [
      'class Config { model = "gpt-4o"; constructor(options) { this.model = options.model; } }\nconst cfg = new Config({ model: "o1" });',
      null,
    ],
    "spread arguments": [
      'class Config { constructor(readonly model = "gpt-4o") {} }\nconst cfg = new Config(...given);',
      null,
    ],
    "a field that the constructor leaves alone": [
      'class Config { model = "gpt-4o"; constructor(readonly limit: number) {} }\nconst cfg = new Config(1);',
      "gpt-4o",
    ],
  };
  for (const [name, [code, model]] of Object.entries(typescript))
    it(`is what its constructor is given: ${name} (TypeScript)`, async () => {
      assert.equal(await inTypeScript(code), model);
    });

  it("of a dataclass is a default within the class: an instance may be given another", async () => {
    const [call] = await analysePython(
      '@dataclass\nclass Bot:\n    text: str = "Be brief."\n    def ask(self):\n        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": self.text}])\n',
    );
    assert.equal(call?.estimate.input.confidence, "estimated");
  });

  it("of settings is a default: the environment may give another", async () => {
    const [call] = await analysePython(
      'class Settings(BaseSettings):\n    text: str = "Be brief."\nsettings = Settings()\nclient.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": settings.text}])\n',
    );
    assert.equal(call?.estimate.input.confidence, "estimated");
  });
});

describe("A module's name with two values", () => {
  const two = 'MODEL = "gpt-4o"\nMODEL = "gpt-4o-mini"';
  it("has no certain one in a function, which may have run in between", async () => {
    assert.equal(await inPython(two, "MODEL"), null);
    assert.equal(await inTypeScript('let model = "gpt-4o";\nmodel = "gpt-4o-mini";', "model"), null);
  });

  it("has the last one at the module's level, and for whoever imports it", async () => {
    const create = 'client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hi"}])';
    const [here] = await analysePython(`${two}\n${create}\n`);
    assert.equal(here?.estimate.model.name, "gpt-4o-mini");
    const [there] = await analysePython(`from other import MODEL\ndef ask():\n    ${create}\n`, { "other.py": two });
    assert.equal(there?.estimate.model.name, "gpt-4o-mini");
  });

  it("keeps its value where both are the same, the first says nothing, or the last is built on it", async () => {
    assert.equal(await inPython('MODEL = "gpt-4o"\nMODEL = "gpt-4o"', "MODEL"), "gpt-4o");
    assert.equal(await inPython('MODEL = None\nMODEL = "gpt-4o"', "MODEL"), "gpt-4o");
    assert.equal(await inPython('MODEL = "gpt-4o"\nMODEL = MODEL + "-mini"', "MODEL"), "gpt-4o-mini");
  });
});
