import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";
import { z } from "zod";
import { wrapperFiles } from "../../../src/core/instrument/wrapperFiles";
import { wrapperPlace } from "../../../src/core/instrument/wrapperPlace";
import { PriceBook, amountsFor, usd } from "../../../src/core/pricing/price";
import type { PricingTable } from "../../../src/core/pricing/table";
import { ASSUMED, type Vendor, vendorOf } from "../../../src/core/vendors/vendor";
import { priceHere } from "../../../src/core/telemetry/callPrice";
import { assets, root } from "../../unit/support";
import { run } from "./running";

const table: PricingTable = {
  batchFactor: 0.4,
  hosts: { "localhost:4000": "openai", "llm.passing.example": "openai" },
  models: {
    "openrouter/openai/gpt-4o": { input: 4, output: 5 },
    "local/gpt-4o": { input: 6, output: 7 },
    "llm.corp.example/gpt-4o": { input: 8, output: 9 },
    "localhost:9999/gpt-4o": { input: 10, output: 11 },
    "azure/o1": { input: 12, output: 13 },
    "gpt-4o": { input: 2.5, cachedInput: 1.25, output: 10, priorityFactor: 1.7, aliases: ["lantern"] },
    "ft:gpt-4o-mini": { input: 0.3, output: 1.2 },
    "text-embedding-3-small": { input: 0.02 },
    tiny: { input: 0.033, cachedInput: 0.0071, output: 0.1113, flexFactor: 0.37 },
  },
};

interface Case {
  model: string;
  requested: string;
  input: number;
  cached: number;
  output: number;
  tier: string | null;
  /** With the port where one is written. */
  host?: string;
}
const models = [
  "gpt-4o",
  "gpt-4o-2024-08-06",
  "lantern",
  "LANTERN ",
  "openai/gpt-4o",
  "gpt-4o-mini",
  "o1",
  "o3",
  "tiny",
  "ft:gpt-4o-mini:acme::abc",
  "ft:gpt-4o-mini-2024-07-18:acme::abc",
  "ft:gpt-4o:acme::abc",
  "text-embedding-3-small",
  "gpt-35-turbo",
  "gpt-35-turbo-0613",
  "gpt-35-turbo-1106",
  "gpt-35-turbo-16k-0613",
  "gpt-3.5-turbo-0125",
  "ft:gpt-35-turbo-0613:acme::abc",
  "gpt-4-0613",
  "gpt-4-0314",
  "gpt-4-32k-0613",
  "gpt-4-1106",
  "gpt-4-0125",
  "gpt-4-1106-preview",
  "gpt-4-2024-04-09",
  "gpt-4-turbo-2024-04-09",
  "gpt-4o-0806",
  "gpt-5.5",
  "my-model",
  "gpt-4o-mini-tts-unheard-of",
  "constructor",
  "__proto__",
];
const usages = [
  [1000, 0, 200],
  [1019, 512, 51],
  [333_333, 100, 7],
  [1, 0, 0],
  [7, 9, 3],
  [272_000, 0, 1],
  [272_001, 271_000, 1],
  [0, 0, 0],
] as const;
const tiers = [
  null,
  "default",
  "auto",
  "standard",
  "flex",
  "batch",
  "priority",
  "unheard-of",
  "constructor",
  "toString",
  "__proto__",
];
/** The shared table of cases. */
const cases: Case[] = [
  ...models.flatMap((model) =>
    usages.flatMap(([input, cached, output]) =>
      tiers.map((tier) => ({ model, requested: model, input, cached, output, tier })),
    ),
  ),
  // A deployment's name has a row of its own: it decides only where the table has none for the model that answered.
  { model: "o1-2024-12-17", requested: "tiny", input: 1000, cached: 0, output: 10, tier: null },
  { model: "gpt-4o-2024-08-06", requested: "tiny", input: 1000, cached: 0, output: 10, tier: null },
  ...[
    ...["api.openai.com", "eu.api.openai.com", "my.openai.azure.com", "oai.helicone.ai", "litellm:4000"],
    ...["localhost:4000", "localhost:8000", "localhost:9999", "127.0.0.1:8000", "10.0.0.7", "vllm:8000"],
    ...["openrouter.ai", "api.groq.com", "llm.corp.example", "llm.passing.example:8443", "api.openai.com.evil.example"],
  ].flatMap((host) =>
    ["gpt-4o", "openai/gpt-4o", "gpt-4o-mini", "o1", "tiny"].flatMap((model) =>
      [null, "flex"].map((tier) => ({ model, requested: model, input: 1000, cached: 0, output: 10, tier, host })),
    ),
  ),
];

const book = new PriceBook(table, assets.catalogue);
function expected({ model, requested, input, cached, output, tier, host }: Case): number | null {
  const vendor = host === undefined ? ASSUMED : book.atItsPrices(vendorAt(host));
  const own = book.find(model, tier, vendor);
  const { price } = own.price?.source === "table" || model === requested ? own : book.find(requested, tier, vendor);
  // The wrapper has no other vendor's rows of the catalogue: what they cost stays unknown there.
  if (price?.source === "catalogue" && vendor.kind === "other") return null;
  if (price === null) return null;
  const amounts = amountsFor(price, input);
  if (amounts.output === null && output > 0) return null;
  const used = Math.min(cached, input);
  return usd(input - used, amounts.input) + usd(used, amounts.cachedInput) + usd(output, amounts.output ?? 0);
}

const vendorAt = (host: string): Vendor =>
  vendorOf([
    {
      made: null,
      address: { kind: "known", url: `https://${host}/v1`, expression: "url", isDefault: false },
      key: null,
      around: null,
    },
  ]);

describe("The wrapper's prices", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-prices-"));
  before(() => {
    for (const [name, text] of [
      ["a.py", ""],
      ["a.ts", ""],
      ["a.mjs", ""],
      ["a.cjs", ""],
    ] as const) {
      for (const { file, text: written } of wrapperFiles(wrapperPlace(path.join(folder, name), text, folder), folder, {
        dist: path.join(root, "dist"),
        table,
        catalogue: assets.catalogue,
      }))
        writeFileSync(file, written);
    }
    writeFileSync(path.join(folder, "cases.json"), JSON.stringify(cases));
    buildSync({
      entryPoints: [path.join(folder, "promptCost.ts")],
      bundle: true,
      platform: "node",
      format: "cjs",
      outfile: path.join(folder, "compiled.cjs"),
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const node = (load: string): string =>
    `(async () => { const { costUsd, ready } = ${load}; await ready; console.log(JSON.stringify(JSON.parse(require("node:fs").readFileSync("cases.json")).map(({ model, requested, input, cached, output, tier, host }) => costUsd(model, { inputTokens: input, cachedTokens: cached, outputTokens: output }, tier, requested, host)))); })()`;
  const languages: Record<string, () => Promise<string>> = {
    TypeScript: () => run(process.execPath, ["-e", node('require("./compiled.cjs")')], folder),
    "JavaScript, ES module": () => run(process.execPath, ["-e", node('await import("./promptCost.mjs")')], folder),
    "JavaScript, CommonJS": () => run(process.execPath, ["-e", node('require("./promptCost.cjs")')], folder),
    Python: () =>
      run(
        process.env["PROMPT_COST_PYTHON_APP"] ?? assert.fail("run the tests with npm test: it sets up Python"),
        [
          "-c",
          'import json; from prompt_cost import cost_usd; print(json.dumps([cost_usd(c["model"], {"gen_ai.usage.input_tokens": c["input"], "gen_ai.usage.cache_read.input_tokens": c["cached"], "gen_ai.usage.output_tokens": c["output"]}, c["tier"], c["requested"], c.get("host", "")) for c in json.load(open("cases.json"))]))',
        ],
        folder,
      ),
  };

  for (const [language, ask] of Object.entries(languages)) {
    it(`are the extension's, to the last digit of a micro-dollar, in ${language}`, async () => {
      const found = z.array(z.number().nullable()).parse(JSON.parse(await ask()));
      assert.equal(found.length, cases.length);
      assert.ok(cases.map(expected).filter((cost) => cost !== null && cost > 0).length > 300);
      cases.forEach((one, at) => {
        const [cost, wanted] = [found[at] ?? null, expected(one)];
        assert.ok(
          cost === wanted || (cost !== null && wanted !== null && Math.abs(cost - wanted) <= 1e-12),
          `${language}: ${JSON.stringify(one)} is ${cost ?? "unknown"}, not ${wanted ?? "unknown"}`,
        );
      });
    });
  }

  it("are the sidebar's, for calls that are priced there", () => {
    for (const { model, requested, input, cached, output, tier, host } of cases) {
      if (tier !== null || model !== requested || host !== undefined) continue;
      const there = priceHere(book, model, { input, cached, output });
      const wanted = expected({ model, requested, input, cached, output, tier });
      assert.ok(
        there === wanted || (there !== null && wanted !== null && Math.abs(there - wanted) <= 1e-12),
        `${model}, ${input}, ${cached}, ${output}: ${there ?? "unknown"}, not ${wanted ?? "unknown"}`,
      );
    }
  });
});
