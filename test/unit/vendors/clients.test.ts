import * as assert from "node:assert/strict";
import type { EstimatedCall } from "../../../src/core/estimate/analysis";
import { formatEstimate } from "../../../src/core/estimate/format";
import { analyse, analysePython, analyseTypeScript } from "../support";

const ROUTER = "https://openrouter.ai/api/v1";

/** The vendor of a file's last call, and whether a price was found. */
const vendorIn = (calls: readonly EstimatedCall[]): string => {
  const { vendor, price } = calls.at(-1)?.estimate ?? assert.fail("no call was found");
  return `${vendor.name}${vendor.isDefault ? " by default" : ""}${price === null ? ", no price" : ""}`;
};

const pythonCall = (client: string, model = "gpt-4o"): string =>
  `${client}.chat.completions.create(model="${model}", messages=[{"role": "user", "content": "Hi"}])\n`;
const scriptCall = (client: string, model = "gpt-4o"): string =>
  `${client}.chat.completions.create({ model: "${model}", messages: [{ role: "user", content: "Hi" }] });\n`;
const inPython = async (code: string, client = "client", model = "gpt-4o"): Promise<string> =>
  vendorIn(
    await analysePython(
      `import os\nimport openai\nfrom openai import AsyncOpenAI, AzureOpenAI, BedrockOpenAI, OpenAI\n${code}\n${pythonCall(client, model)}`,
    ),
  );
const inScript = async (code: string, client = "client", model = "gpt-4o"): Promise<string> =>
  vendorIn(
    await analyseTypeScript(`import OpenAI, { AzureOpenAI } from "openai";\n${code}\n${scriptCall(client, model)}`),
  );

describe("The vendor of a client in Python", () => {
  const plain: Record<string, [code: string, vendor: string]> = {
    "no address": ["client = OpenAI()", "OpenAI"],
    "None as address": ["client = OpenAI(base_url=None)", "OpenAI"],
    "OpenAI's own address": ['client = OpenAI(base_url="https://api.openai.com/v1")', "OpenAI"],
    "a local address": ['client = OpenAI(base_url="http://localhost:8000/v1")', "local server, no price"],
    "Ollama's port": ['client = OpenAI(base_url="http://localhost:11434/v1", api_key="x")', "Ollama, no price"],
    "Ollama elsewhere": ['client = AsyncOpenAI(base_url=f"http://{HOST}:11434/v1")', "Ollama, no price"],
    "a container's name": ['client = OpenAI(base_url="http://vllm:8000/v1")', "vLLM, no price"],
    "an unknown host": ['client = OpenAI(base_url="https://llm.corp.example/v1")', "host llm.corp.example, no price"],
    "a host that only begins like another": [
      'client = OpenAI(base_url="https://api.openai.com.evil.example/v1")',
      "host api.openai.com.evil.example, no price",
    ],
    "a known host in another's path": [
      'client = OpenAI(base_url="https://evil.example/https://api.openai.com")',
      "host evil.example, no price",
    ],
    "a known host as a user's name": [
      'client = OpenAI(base_url="https://api.openai.com@evil.example/v1")',
      "host evil.example, no price",
    ],
    "a proxy": ['client = OpenAI(base_url="https://oai.helicone.ai/v1")', "Helicone"],
    "a proxy that is named after its software": ['client = OpenAI(base_url="http://litellm:4000")', "LiteLLM"],
    "a constant": [`URL = "${ROUTER}"\nclient = OpenAI(base_url=URL, api_key=KEY)`, "OpenRouter, no price"],
    "keywords in a record": [
      'options = {"base_url": "http://127.0.0.1:1234/v1"}\nclient = OpenAI(**options)',
      "LM Studio, no price",
    ],
    "keywords that aren't known": ["client = OpenAI(**options)", "address from options, no price"],
    "Azure's class": ['client = AzureOpenAI(azure_endpoint=os.environ["X"], api_version="1")', "Azure"],
    "Azure's class behind a gateway": ['client = AzureOpenAI(azure_endpoint="https://llm.corp.example")', "Azure"],
    "Azure's address": ['client = OpenAI(base_url=f"https://{NAME}.openai.azure.com/openai/v1")', "Azure"],
    "Bedrock's class": ["client = BedrockOpenAI()", "Amazon Bedrock, no price"],
    "an environment's default": [
      `client = OpenAI(base_url=os.getenv("URL", "${ROUTER}"))`,
      "OpenRouter by default, no price",
    ],
    "an environment's default by or": [
      'client = OpenAI(base_url=os.environ.get("URL") or "http://localhost:8000")',
      "local server by default, no price",
    ],
    "the environment": [
      'client = OpenAI(base_url=os.environ["LLM_URL"])',
      'address from os.environ["LLM_URL"], no price',
    ],
    "an environment's name": ['client = OpenAI(base_url=os.environ["OLLAMA_URL"])', "Ollama, no price"],
    "OpenAI's own variable, which its package reads too": [
      'client = OpenAI(base_url=os.getenv("OPENAI_BASE_URL"))',
      "OpenAI by default",
    ],
    "OpenAI's own variable, which has to be set": [
      'client = OpenAI(base_url=os.environ["OPENAI_BASE_URL"])',
      'address from os.environ["OPENAI_BASE_URL"], no price',
    ],
    "the key's name, where the address is the environment's": [
      'client = OpenAI(base_url=os.environ["URL"], api_key=os.environ["GROQ_API_KEY"])',
      "Groq, no price",
    ],
    "the key's name without an address": [
      'client = OpenAI(api_key=os.environ["DEEPSEEK_API_KEY"])',
      "DeepSeek, no price",
    ],
    "OpenAI's key": ['client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])', "OpenAI"],
    "another package's class": ["from groq import Groq\nclient = Groq()", "Groq, no price"],
    "an older client's address": [
      'client = OpenAI()\nclient.base_url = "http://localhost:8000"',
      "local server, no price",
    ],
    "a copy with another address": [
      'client = OpenAI().with_options(base_url="http://localhost:8000")',
      "local server, no price",
    ],
    "a wrapped client": [
      'client = instructor.from_openai(OpenAI(base_url="http://localhost:11434/v1"))',
      "Ollama, no price",
    ],
    "one of two clients": [
      `if x:\n    client = OpenAI()\nelse:\n    client = OpenAI(base_url="${ROUTER}")`,
      "OpenAI or OpenRouter, no price",
    ],
    "one of two by a condition": [
      'client = OpenAI() if x else OpenAI(base_url="http://localhost:8000")',
      "OpenAI or local server, no price",
    ],
    "two of OpenAI's own": ["client = AzureOpenAI() if x else OpenAI()", "Azure or OpenAI by default"],
    "a function that makes it": [
      'def make():\n    return OpenAI(base_url="http://localhost:8000")\nclient = make()',
      "local server, no price",
    ],
    "a function that nobody sees": ["client = make_client()", "OpenAI"],
    "a name that says whose it is": ["groq_client = make_client()\nclient = groq_client", "Groq, no price"],
    "a tracked client": [
      'client = OpenAI(base_url="http://localhost:8000")\nclient = tracked(client, feature="x")',
      "local server, no price",
    ],
  };
  for (const [name, [code, vendor]] of Object.entries(plain))
    it(`is told by ${name}`, async () => assert.equal(await inPython(code), vendor));

  it("is told by the module's own address, as older packages have it", async () => {
    assert.equal(await inPython('openai.api_base = "http://localhost:8000/v1"', "openai"), "local server, no price");
    assert.equal(await inPython("", "openai"), "OpenAI");
  });

  it("is told where the call stands on the client's making", async () => {
    assert.equal(await inPython("", `OpenAI(base_url="http://localhost:8000")`), "local server, no price");
  });

  it("is told through parts of a client", async () => {
    const code = 'client = OpenAI(base_url="http://localhost:8000")\n';
    const request = 'model="gpt-4o", messages=[{"role": "user", "content": "Hi"}]';
    for (const rest of [
      `chat = client.chat\nchat.completions.create(${request})`,
      `create = client.chat.completions.create\ncreate(${request})`,
      `from functools import partial\nask = partial(client.chat.completions.create, model="gpt-4o")\nask(${request})`,
      `client.with_raw_response.chat.completions.create(${request})`,
    ])
      assert.equal(
        vendorIn(await analysePython(`from openai import OpenAI\n${code}${rest}`)),
        "local server, no price",
        rest,
      );
  });

  const fields: Record<string, [inClass: string, vendor: string]> = {
    "set by the constructor": [
      "def __init__(self):\n        self.client = OpenAI(base_url='http://localhost:8000')",
      "local server, no price",
    ],
    "set by another method": [
      "client = None\n    def start(self):\n        self.client = OpenAI(base_url='http://localhost:8000')",
      "local server, no price",
    ],
    "of a property": [
      "@property\n    def client(self):\n        return OpenAI(base_url='http://localhost:8000')",
      "local server, no price",
    ],
    "whose address is a field": [
      `def __init__(self):\n        self.url = "${ROUTER}"\n        self.client = OpenAI(base_url=self.url)`,
      "OpenRouter, no price",
    ],
    "whose address callers may give": [
      "def __init__(self, base_url: str | None = None):\n        self.url = base_url\n        self.client = OpenAI(base_url=self.url)",
      "OpenAI by default",
    ],
    "whose address callers give": [
      "def __init__(self, base_url: str):\n        self.client = OpenAI(base_url=base_url)",
      "address from base_url, no price",
    ],
    "that callers give": ["def __init__(self, client: OpenAI):\n        self.client = client", "OpenAI"],
    "that callers may give": [
      "def __init__(self, client=None):\n        self.client = client or OpenAI(base_url='http://localhost:8000')",
      "local server, no price",
    ],
    "of an own method": [
      "def make(self):\n        return OpenAI(base_url='http://localhost:8000')\n    def __init__(self):\n        self.client = self.make()",
      "local server, no price",
    ],
  };
  for (const [name, [inClass, vendor]] of Object.entries(fields))
    it(`is told by a field ${name}`, async () => {
      const code = `from openai import OpenAI\nclass Bot:\n    ${inClass}\n    def ask(self):\n        ${pythonCall("self.client")}`;
      assert.equal(vendorIn(await analysePython(code)), vendor);
    });

  it("is told by the class in which the client is made, where its address is unknown", async () => {
    const code = `from openai import OpenAI\nclass OpenRouterProvider:\n    def __init__(self, url: str):\n        self.client = OpenAI(base_url=url)\n    def ask(self):\n        ${pythonCall("self.client")}`;
    assert.equal(vendorIn(await analysePython(code)), "OpenRouter, no price");
  });

  it("is told by the class that a class is made from, in another file too", async () => {
    const base =
      "class Base:\n    def __init__(self):\n        self.client = OpenAI(base_url='http://localhost:8000')\n";
    const made = `class Bot(Base):\n    def ask(self):\n        ${pythonCall("self.client")}`;
    assert.equal(vendorIn(await analysePython(`from openai import OpenAI\n${base}${made}`)), "local server, no price");
    const files = { "main.py": `from base import Base\n${made}`, "base.py": `from openai import OpenAI\n${base}` };
    assert.equal(vendorIn(await analyse(files)), "local server, no price");
    const script = `import OpenAI from "openai";\nabstract class Base {\n  protected client = new OpenAI({ baseURL: "http://localhost:8000" });\n}\nclass Bot extends Base {\n  ask() {\n    ${scriptCall("this.client")}  }\n}\n`;
    assert.equal(vendorIn(await analyseTypeScript(script)), "local server, no price");
  });

  it("is told by other files", async () => {
    const made = `from openai import OpenAI\nclient = OpenAI(base_url="http://localhost:8000")\ndef make():\n    return client\nclass Clients:\n    main = client\n`;
    for (const [head, client] of [
      ["from clients import client", "client"],
      ["import clients", "clients.client"],
      ["from clients import make", "make()"],
      ["from clients import Clients", "Clients.main"],
    ] as const)
      assert.equal(
        vendorIn(await analyse({ "main.py": `${head}\n${pythonCall(client)}`, "clients.py": made })),
        "local server, no price",
        client,
      );
  });
});

describe("The vendor of a client in TypeScript", () => {
  const plain: Record<string, [code: string, vendor: string]> = {
    "no address": ["const client = new OpenAI();", "OpenAI"],
    "an undefined address": ["const client = new OpenAI({ baseURL: undefined });", "OpenAI"],
    "a local address": [
      'const client = new OpenAI({ baseURL: "http://localhost:8000/v1" });',
      "local server, no price",
    ],
    "an address behind its name": [
      `const baseURL = "${ROUTER}";\nconst client = new OpenAI({ baseURL });`,
      "OpenRouter, no price",
    ],
    "an object of settings": [
      'const settings = { baseURL: "http://localhost:11434/v1" };\nconst client = new OpenAI({ ...settings, apiKey: "x" });',
      "Ollama, no price",
    ],
    "settings that aren't known": ["const client = new OpenAI(settings);", "address from settings, no price"],
    "Azure's class": ["const client = new AzureOpenAI({ endpoint: process.env.X });", "Azure"],
    "an environment's default": [
      'const client = new OpenAI({ baseURL: process.env.URL ?? "http://localhost:8000" });',
      "local server by default, no price",
    ],
    "the environment": [
      "const client = new OpenAI({ baseURL: process.env.LLM_URL });",
      "address from process.env.LLM_URL, no price",
    ],
    "OpenAI's own variable": [
      "const client = new OpenAI({ baseURL: process.env.OPENAI_BASE_URL });",
      "OpenAI by default",
    ],
    "the key's name": [
      "const client = new OpenAI({ baseURL: process.env.URL, apiKey: process.env.OPENROUTER_API_KEY! });",
      "OpenRouter, no price",
    ],
    "another package's class": ['import Groq from "groq-sdk";\nconst client = new Groq();', "Groq, no price"],
    "a copy with another address": [
      'const client = new OpenAI().withOptions({ baseURL: "http://localhost:8000" });',
      "local server, no price",
    ],
    "a wrapped client": [
      'const client = wrap(new OpenAI({ baseURL: "http://localhost:8000" }));',
      "local server, no price",
    ],
    "one of two": [
      `const client = x ? new OpenAI() : new OpenAI({ baseURL: "${ROUTER}" });`,
      "OpenAI or OpenRouter, no price",
    ],
    "a function that makes it": [
      'const make = () => new OpenAI({ baseURL: "http://localhost:8000" });\nconst client = make();',
      "local server, no price",
    ],
    "a function that makes it once": [
      'let kept: OpenAI | null = null;\nfunction make() {\n  if (!kept) kept = new OpenAI({ baseURL: "http://localhost:8000" });\n  return kept;\n}\nconst client = make();',
      "local server, no price",
    ],
  };
  for (const [name, [code, vendor]] of Object.entries(plain))
    it(`is told by ${name}`, async () => assert.equal(await inScript(code), vendor));

  const fields: Record<string, [inClass: string, vendor: string]> = {
    "with a value": ["private client = new OpenAI({ baseURL: 'http://localhost:8000' });", "local server, no price"],
    "set by the constructor": [
      "client: OpenAI;\n  constructor() {\n    this.client = new OpenAI({ baseURL: 'http://localhost:8000' });\n  }",
      "local server, no price",
    ],
    "whose address callers may give": [
      "client: OpenAI;\n  constructor(baseURL?: string) {\n    this.client = new OpenAI({ baseURL });\n  }",
      "OpenAI by default",
    ],
    "of a getter": [
      "get client() {\n    return new OpenAI({ baseURL: 'http://localhost:8000' });\n  }",
      "local server, no price",
    ],
    "that callers give": ["constructor(private readonly client: OpenAI) {}", "OpenAI"],
  };
  for (const [name, [inClass, vendor]] of Object.entries(fields))
    it(`is told by a field ${name}`, async () => {
      const code = `import OpenAI from "openai";\nclass Bot {\n  ${inClass}\n  ask() {\n    ${scriptCall("this.client")}  }\n}\n`;
      assert.equal(vendorIn(await analyseTypeScript(code)), vendor);
    });

  it("is told by other files", async () => {
    const made =
      'import OpenAI from "openai";\nexport const client = new OpenAI({ baseURL: "http://localhost:8000" });\nexport const make = () => client;\nexport default client;\n';
    for (const [head, client] of [
      ['import { client } from "./clients";', "client"],
      ['import { client as own } from "./clients";', "own"],
      ['import { make } from "./clients";', "make()"],
    ] as const)
      assert.equal(
        vendorIn(await analyse({ "main.ts": `${head}\n${scriptCall(client)}`, "clients.ts": made })),
        "local server, no price",
        client,
      );
  });
});

describe("What is shown of a vendor", () => {
  const shown = async (client: string, model: string, prompt = '"Hi"'): Promise<string> => {
    const [call] = await analysePython(
      `from openai import OpenAI, AzureOpenAI\nclient = ${client}\nclient.chat.completions.create(model="${model}", messages=[{"role": "user", "content": ${prompt}}], max_tokens=100)`,
    );
    return formatEstimate("{input} · {cost} · {model} · {vendor}", call?.estimate ?? assert.fail());
  };
  const lenses: [client: string, model: string, lens: RegExp][] = [
    ["OpenAI()", "gpt-4o", /^≈ 8 tok in · \$0\.0010 \/ call · gpt-4o$/],
    ["AzureOpenAI()", "gpt-4o", /^≈ 8 tok in · \$0\.0010 \/ call · gpt-4o · Azure$/],
    [`OpenAI(base_url="${ROUTER}")`, "openai/gpt-4o", /^~8 tok in · ~\$0\.0010 \/ call · openai\/gpt-4o · OpenRouter$/],
    [`OpenAI(base_url="${ROUTER}")`, "openai/gpt-oss-20b:free", /^~\d+ tok in · \$0 \/ call · .*:free · OpenRouter$/],
    [
      'OpenAI(base_url="https://oai.helicone.ai/v1")',
      "gpt-4o",
      /^≈ 8 tok in · \$0\.0010 \/ call · gpt-4o · via Helicone$/,
    ],
    ['OpenAI(base_url="http://localhost:11434/v1")', "gpt-4o", /^~8 tok in · Ollama: no price · gpt-4o$/],
    ['OpenAI(base_url="http://localhost:8000/v1")', "llama3", /^~\d+ tok in · local server: no price · llama3$/],
    [
      'OpenAI(base_url="https://llm.corp.example")',
      "gpt-4o",
      /^~8 tok in · price unknown: host llm\.corp\.example · gpt-4o$/,
    ],
    ["OpenAI(base_url=settings.url)", "gpt-4o", /^~8 tok in · price unknown: address from settings\.url · gpt-4o$/],
  ];
  for (const [client, model, lens] of lenses)
    it(`says of ${model} by ${client} ${lens.source}`, async () => assert.match(await shown(client, model), lens));

  it("never says at least of what another encoding counts", async () => {
    assert.match(await shown('OpenAI(base_url="http://localhost:8000")', "llama3", 'f"Say {x}"'), /^~\d+\+ tok in/);
    assert.match(
      await shown('OpenAI(base_url="https://api.groq.com")', "llama-3.3-70b-versatile", 'f"Say {x}"'),
      /^~\d+\+ tok in · ~\$[\d.]+\+ /,
    );
    assert.match(await shown("OpenAI()", "gpt-4o", 'f"Say {x}"'), /^\d+\+ tok in/);
  });
});
