import * as assert from "node:assert/strict";
import { createRequire } from "node:module";
import { PriceBook } from "../../../src/core/pricing/price";
import { parsePricingTable } from "../../../src/core/pricing/table";
import { addressOf } from "../../../src/core/vendors/address";
import { askedModel } from "../../../src/core/vendors/modelName";
import { services } from "../../../src/core/vendors/services";
import { ASSUMED, vendorOf } from "../../../src/core/vendors/vendor";
import { assets, builtInPrices } from "../support";

const at = (url: string) =>
  vendorOf([
    { made: null, address: { kind: "known", url, expression: "url", isDefault: false }, key: null, around: null },
  ]);

/** Input and output in USD per million, or why there is no price. */
const price = (url: string | null, model: string, book = builtInPrices, tier: string | null = null): string => {
  const asked = askedModel(model, book.atItsPrices(url === null ? ASSUMED : at(url)));
  const { price: found, reason } = book.find(asked.model, tier, asked.vendor);
  return found === null ? reason : `${found.input}/${found.output ?? "–"}`;
};

const bookOf = (table: object): PriceBook => {
  const read = parsePricingTable(JSON.stringify(table));
  assert.deepEqual(read.problems, []);
  return new PriceBook(read.table, assets.catalogue);
};

describe("Prices of vendors", () => {
  const rows: [url: string | null, model: string, price: string][] = [
    ["https://openrouter.ai/api/v1", "openai/gpt-4o", "2.5/10"],
    ["https://openrouter.ai/api/v1", "openrouter/openai/gpt-4o", "2.5/10"],
    ["https://openrouter.ai/api/v1", "meta-llama/llama-3.3-70b-instruct:free", "0/0"],
    ["https://api.groq.com/openai/v1", "openai/gpt-oss-120b", "0.15/0.6"],
    ["https://api.groq.com/openai/v1", "llama-3.3-70b-versatile", "0.59/0.79"],
    ["https://api.together.xyz/v1", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "0.88/0.88"],
    ["https://router.huggingface.co/v1", "openai/gpt-oss-120b:groq", "0.15/0.75"],
    ["https://generativelanguage.googleapis.com/v1beta/openai/", "models/gemini-2.0-flash", "0.1/0.4"],
    ["https://my.openai.azure.com", "gpt-4o", "2.5/10"],
    ["https://oai.helicone.ai/v1", "gpt-4o", "2.5/10"],
    ["https://api.portkey.ai/v1", "openai/gpt-4o-mini", "0.15/0.6"],
    ["https://gateway.ai.cloudflare.com/v1/account/gateway/groq", "llama-3.3-70b-versatile", "0.59/0.79"],
    ["http://litellm:4000", "groq/llama-3.3-70b-versatile", "0.59/0.79"],
    [null, "openrouter/openai/gpt-4o", "2.5/10"],
    [null, "azure/gpt-4o", "2.5/10"],
    [null, "openai/gpt-oss-20b:free", "0/0"],
  ];
  for (const [url, model, wanted] of rows)
    it(`are those of ${url ?? "a client that isn't seen"} for ${model}`, () => assert.equal(price(url, model), wanted));

  it("are unknown where a vendor has none that is known before a call", () => {
    assert.match(price("https://api.deepseek.com", "deepseek-chat"), /depends on the time of day/);
    assert.match(price("https://api.perplexity.ai", "sonar"), /has a part for each request/);
    assert.match(price("https://api.groq.com", "gpt-4o"), /^no price for gpt-4o at Groq/);
    assert.match(price("http://localhost:11434", "gpt-4o"), /^Ollama \(localhost:11434\) asks none/);
    assert.match(price("http://litellm:4000", "ollama/llama3"), /^Ollama asks none/);
    assert.match(price("https://llm.corp.example", "gpt-4o"), /^the host llm\.corp\.example is not known/);
    assert.match(price("https://openrouter.ai/api/v1", "openai/gpt-4o:nitro"), /^no price/);
  });

  it("of gpt-oss are never OpenAI's, who doesn't serve it", () => {
    assert.match(price(null, "gpt-oss-120b"), /^no price/);
    assert.match(price("https://api.openai.com/v1", "gpt-oss-20b"), /^no price/);
  });

  it("are halved for batch and flex by OpenAI alone", () => {
    assert.equal(price(null, "gpt-4o", builtInPrices, "flex"), "1.25/5");
    assert.match(price("https://openrouter.ai/api/v1", "openai/gpt-4o", builtInPrices, "flex"), /service tier "flex"/);
    assert.equal(price("https://openrouter.ai/api/v1", "openai/gpt-4o", builtInPrices, "default"), "2.5/10");
  });
});

describe("Rows of the user's table for vendors", () => {
  const book = bookOf({
    hosts: { "llm.corp.example": "openai", "localhost:4000": "openai" },
    models: {
      "gpt-4o": { input: 1, output: 1 },
      "openrouter/openai/gpt-4o": { input: 2, output: 2 },
      "local/gpt-4o": { input: 3, output: 3 },
      "localhost:9999/gpt-4o": { input: 4, output: 4 },
      "azure/gpt-4o-mini": { input: 5, output: 5 },
      "llm.other.example/gpt-4o": { input: 6, output: 6 },
      llama3: { input: 7, output: 7 },
      "openai/gpt-4.1": { input: 8, output: 8 },
    },
  });
  const rows: [url: string | null, model: string, price: string | RegExp][] = [
    [null, "gpt-4o", "1/1"],
    ["https://my.openai.azure.com", "gpt-4o-2024-08-06", "1/1"],
    ["https://my.openai.azure.com", "gpt-4o-mini", "5/5"],
    [null, "gpt-4o-mini", "0.15/0.6"],
    ["https://oai.helicone.ai/v1", "gpt-4o", "1/1"],
    ["https://openrouter.ai/api/v1", "openai/gpt-4o", "2/2"],
    ["https://openrouter.ai/api/v1", "openai/gpt-4.1", "8/8"],
    ["https://models.github.ai/inference", "gpt-4o", /^no price/],
    ["http://localhost:8000", "gpt-4o", "3/3"],
    ["http://localhost:9999", "gpt-4o", "4/4"],
    ["http://localhost:4000", "gpt-4o", "1/1"],
    ["https://llm.corp.example/v1", "gpt-4o", "1/1"],
    ["https://llm.other.example/v1", "gpt-4o", "6/6"],
    ["https://llm.third.example/v1", "gpt-4o", /is not known/],
    ["http://localhost:11434", "llama3", "7/7"],
    ["https://llm.third.example/v1", "llama3", "7/7"],
  ];
  for (const [url, model, wanted] of rows)
    it(`price ${model} at ${url ?? "OpenAI"}`, () => {
      const found = price(url, model, book);
      if (typeof wanted === "string") assert.equal(found, wanted);
      else assert.match(found, wanted);
    });

  it("say at whose prices hosts answer that aren't known", () => {
    const any = bookOf({ hosts: { "*": "openai" }, models: {} });
    assert.equal(price("https://llm.corp.example", "gpt-4o", any), "2.5/10");
    assert.match(price("http://localhost:8000", "gpt-4o", any), /asks none/);
  });
});

describe("Services", () => {
  const patterns = createRequire(`${process.cwd()}/package.json`)("@pydantic/genai-prices") as {
    findProvider(by: { providerId: string }): { api_pattern: string } | undefined;
  };

  it("have a host of their own, which the catalogue's package knows too", () => {
    for (const id of Object.keys(assets.catalogue.vendors).filter((one) => !one.startsWith("huggingface_"))) {
      const service = services.find((one) => one.id === id);
      assert.ok(service !== undefined && service.hosts.length > 0, id);
      const pattern = new RegExp(patterns.findProvider({ providerId: id })?.api_pattern ?? "$^");
      const hosts = id === "aws" ? ["bedrock-runtime.us-east-1.amazonaws.com"] : service.hosts;
      const known = hosts.filter(
        (host) =>
          pattern.test(`https://${host}`) || pattern.test(`https://x.${host}`) || pattern.test(`https://oai.${host}`),
      );
      assert.ok(known.length > 0, `${id}: ${pattern.source}`);
      for (const host of hosts) assert.equal(addressOf(`https://${host}/v1`)?.service?.id, id, host);
    }
  });

  it("share no host", () => {
    const hosts = services.flatMap((one) => one.hosts);
    assert.equal(new Set(hosts).size, hosts.length);
  });

  it("are read from an address of whatever form, or not at all", () => {
    for (const address of [
      "",
      " ",
      "::",
      "http://",
      "ftp://api.openai.com",
      "data:,x",
      "\u0000",
      "https://[",
      "x".repeat(100_000),
    ])
      assert.doesNotThrow(() => addressOf(address), address.slice(0, 40));
    assert.equal(addressOf("API.OpenAI.com/v1")?.service?.id, "openai");
    assert.equal(addressOf("http://[::1]:8000")?.service?.id, "local");
  });
});
