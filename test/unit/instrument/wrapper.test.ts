import * as assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { type PriceForm, priceModule } from "../../../src/core/instrument/priceModule";
import { PriceBook } from "../../../src/core/pricing/price";
import type { PricingTable } from "../../../src/core/pricing/table";
import { priceHere } from "../../../src/core/telemetry/callPrice";
import { OpenAiServer } from "../../openai/server";
import { assets, builtInPrices, root } from "../support";
import { run } from "./running";

const span = z.object({ name: z.string(), kind: z.string(), status: z.string(), isChild: z.boolean(), attributes: z.record(z.string(), z.unknown()) });
const output = z.object({ said: z.record(z.string(), z.unknown()), spans: z.array(span), metrics: z.record(z.string(), z.array(z.string())), swallowed: z.record(z.string(), z.number()) });
type Output = z.infer<typeof output>;

const apps = path.join(root, "test", "unit", "instrument", "apps");
const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-wrapper-"));
const table: PricingTable = { batchFactor: 0.4, models: { "gpt-4o": { input: 2.5, cachedInput: 1.25, output: 10, priorityFactor: 1.7, aliases: ["lantern"] }, "ft:gpt-4o-mini": { input: 0.3, output: 1.2 }, "text-embedding-3-small": { input: 0.02 }, tiny: { input: 0.033, cachedInput: 0.0071, output: 0.1113, flexFactor: 0.37 } } };

/** A workspace's files, as the command writes them. */
function write(prices: PricingTable | null = null): void {
  for (const name of ["prompt_cost.py", "promptCost.mjs", "promptCost.cjs"]) copyFileSync(path.join(root, "dist", "wrapper", name), path.join(folder, name));
  for (const name of ["promptCost.mjs", "promptCost.cjs"]) {
    const file = path.join(folder, name);
    writeFileSync(file, readFileSync(file, "utf8").replace("./promptCostPrices", `./promptCostPrices.${name.endsWith("mjs") ? "mjs" : "cjs"}`));
  }
  for (const form of ["py", "mjs", "cjs"] satisfies PriceForm[]) writeFileSync(path.join(folder, form === "py" ? "prompt_cost_prices.py" : `promptCostPrices.${form}`), priceModule(prices, assets.catalogue, form));
}

const python = (name: "PROMPT_COST_PYTHON_APP" | "PROMPT_COST_PYTHON_APP_BEFORE"): string => process.env[name] ?? assert.fail("run the tests with npm test: it sets up Python");
const programs: Record<string, { program: () => string; args: string[] }> = {
  "Python, openai of today": { program: () => python("PROMPT_COST_PYTHON_APP"), args: ["shapes.py"] },
  "Python, openai of the major version before": { program: () => python("PROMPT_COST_PYTHON_APP_BEFORE"), args: ["shapes.py"] },
  "Node, ES module, openai of today": { program: () => process.execPath, args: ["shapes.mjs", "URL", "openai", "./promptCost.mjs"] },
  "Node, ES module, openai of the major version before": { program: () => process.execPath, args: ["shapes.mjs", "URL", "openai-before", "./promptCost.mjs"] },
  "Node, CommonJS, openai of today": { program: () => process.execPath, args: ["shapes.mjs", "URL", "openai", "./promptCost.cjs"] },
};

before(() => {
  write();
  for (const name of ["shapes.py", "shapes.mjs"]) copyFileSync(path.join(apps, name), path.join(folder, name));
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

for (const [title, { program, args }] of Object.entries(programs)) {
  describe(`The wrapper: ${title}`, () => {
    let server: OpenAiServer;
    let seen: Output;
    const of = (feature: string) => {
      const found = seen.spans.filter(({ attributes }) => attributes["feature"] === feature);
      assert.equal(found.length, 1, `one span for ${feature}`);
      return found[0] as z.infer<typeof span>;
    };
    before(async () => {
      server = await OpenAiServer.start();
      const given = args[1] === "URL" ? [args[0] ?? "", server.url, ...args.slice(2)] : [...args, server.url];
      seen = output.parse(JSON.parse(await run(program(), given, folder, { PROMPT_COST_USER_KEY: "key", PROMPT_COST_TEAM: "docs", PROMPT_COST_ENVIRONMENT: "test" })));
    });
    after(() => server.stop());

    it("returns and raises what the bare call would", () => {
      const { said } = seen;
      assert.deepEqual([said["plain"], said["two"], said["tools"], said["unknown"], said["response"], said["embedded"]], ["hello", 2, "look", "hello", "hello", 1]);
      for (const streamed of ["streamed", "declined"]) assert.deepEqual(said[streamed], ["", "hel", "lo", null], `${streamed}: no chunk that nobody asked for`);
      assert.deepEqual(said["asked"], ["", "hel", "lo", null, "USAGE"]);
      assert.match(String(said["limited"]), /RateLimitError$/);
      assert.match(String(said["failed"]), /InternalServerError$/);
      assert.match(String(said["broken"]), /Error$/);
      assert.ok([said["managed"]].flat().includes("hello"));
      assert.match(String(said["raw"]), /^hello/);
      assert.deepEqual(seen.swallowed, {}, "telemetry went well, too");
    });

    it("makes one span a call, priced as OpenAI bills it", () => {
      const spent = seen.spans.reduce((sum, { attributes }) => sum + Number(attributes["gen_ai.usage.cost_usd"] ?? 0), 0);
      const unseen = new Set(["declined", "abandoned", "body", "unknown"]);
      const billed = server.billed.reduce((sum, { model, inputTokens, cachedTokens, outputTokens }) => sum + (priceHere(builtInPrices, model, { input: inputTokens, cached: cachedTokens, output: outputTokens }) ?? 0), 0);
      // Calls whose usage the caller keeps to himself are billed too: their cost is unknown here, and said to be.
      const hidden = seen.spans.filter(({ attributes }) => unseen.has(String(attributes["feature"])));
      for (const { attributes } of hidden) assert.deepEqual([attributes["gen_ai.usage.cost_usd"], attributes["prompt_cost.unpriced"], attributes["gen_ai.usage.cost"]], [0, true, undefined], String(attributes["feature"]));
      const unknown = hidden.filter(({ attributes }) => attributes["feature"] !== "unknown").length;
      const each = priceHere(builtInPrices, "gpt-4o", { input: 1008, cached: 0, output: 50 }) ?? 0;
      const bare = priceHere(builtInPrices, "gpt-4o", { input: 1002, cached: 0, output: 50 }) ?? 0;
      const missing = unknown === 3 ? each * 2 + bare : each * 2;
      assert.ok(Math.abs(spent - (billed - missing)) < 1e-9, `${spent} of ${billed - missing}`);
    });

    it("says what the conventions ask", () => {
      const { name, kind, status, attributes } = of("plain");
      assert.deepEqual([name, kind, status], ["chat gpt-4o", "CLIENT", "UNSET"]);
      for (const [key, value] of Object.entries({ "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "gpt-4o-2024-08-06", "gen_ai.request.temperature": 0.5, "gen_ai.request.max_tokens": 60, "gen_ai.response.id": "chatcmpl-1", "gen_ai.usage.input_tokens": 1019, "gen_ai.usage.output_tokens": 50, "gen_ai.usage.cache_read.input_tokens": 512, "gen_ai.usage.reasoning.output_tokens": 30, "gen_ai.usage.cost_usd": 0.0024075, "gen_ai.usage.cost": 0.0024075, team: "docs", environment: "test" })) assert.equal(attributes[key], value, key);
      assert.deepEqual(attributes["gen_ai.response.finish_reasons"], ["stop"]);
      assert.match(String(attributes["user_id"]), /^[0-9a-f]{64}$/);
      assert.ok(!JSON.stringify(seen).includes("ann@example.com"));
      assert.match(String(attributes["code.file.path"]), /^shapes\.(py|mjs)$/);
      assert.ok(Number(attributes["code.line.number"]) > 10);
      assert.equal(of("embedded").name, "embeddings text-embedding-3-small");
    });

    it("times streams by their first token, and ends those that are left or broken", () => {
      const { attributes } = of("streamed");
      assert.equal(attributes["gen_ai.response.streaming"], true);
      const [ttft, all] = [Number(attributes["gen_ai.latency.ttft_ms"]), Number(attributes["gen_ai.latency.duration_ms"])];
      assert.ok(ttft > 0 && ttft < all);
      assert.equal(of("abandoned").attributes["prompt_cost.incomplete"], true);
      assert.equal(of("broken").status, "ERROR");
      assert.deepEqual([of("limited").attributes["gen_ai.response.error.type"], of("limited").attributes["http.response.status_code"], of("limited").status], ["rate_limit_exceeded", 429, "ERROR"]);
      assert.equal(of("failed").attributes["http.response.status_code"], 500);
      assert.ok(Number(of("managed").attributes["gen_ai.usage.cost_usd"]) > 0, "a managed stream's usage is asked for, too");
    });

    it("is the child of the caller's span, and measures without the user", () => {
      assert.equal(of("nested").isChild, true);
      assert.deepEqual(Object.keys(seen.metrics).sort(), ["gen_ai.client.operation.duration", "gen_ai.client.token.usage", "gen_ai.usage.cost_usd", "gen_ai.usage.unpriced_calls"]);
      for (const labels of Object.values(seen.metrics)) assert.ok(!labels.includes("user_id"));
      for (const label of ["feature", "team", "environment", "gen_ai.response.model"]) assert.ok(seen.metrics["gen_ai.usage.cost_usd"]?.includes(label), label);
    });
  });
}

describe("The wrapper's prices", () => {
  const cases: [string, [number, number, number], string | null][] = ["gpt-4o", "gpt-4o-2024-08-06", "lantern", "LANTERN ", "openai/gpt-4o", "gpt-4o-mini", "o1", "tiny", "ft:gpt-4o-mini:acme::abc", "ft:gpt-4o:acme::abc", "text-embedding-3-small", "gpt-5.5", "my-model", "gpt-4o-mini-tts-unheard-of"].flatMap((model) =>
    ([[1000, 0, 200], [1019, 512, 51], [333_333, 100, 7], [1, 0, 0], [7, 9, 3]] as [number, number, number][]).flatMap((tokens): [string, [number, number, number], string | null][] => [null, "default", "auto", "flex", "batch", "priority", "unheard-of"].map((tier) => [model, tokens, tier])),
  );
  const book = new PriceBook(table, assets.catalogue);
  const expected = cases.map(([model, [input, cached, output], tier]) => {
    const { price } = book.find(model, tier);
    if (price === null) return null;
    const flat = price.above !== null && input > price.above.inputTokens ? price.above : price;
    if (flat.output === null && output > 0) return null;
    const usd = (tokens: number, perMillion: number): number => Math.round(tokens * perMillion * 1e6) / 1e12;
    const used = Math.min(cached, input);
    return usd(input - used, flat.input) + usd(used, flat.cachedInput) + usd(output, flat.output ?? 0);
  });

  before(() => write(table));
  after(() => write());

  it("are the extension's, to the last digit of a micro-dollar, in Python and in JavaScript", async () => {
    writeFileSync(path.join(folder, "cases.json"), JSON.stringify(cases));
    const inPython = await run(python("PROMPT_COST_PYTHON_APP"), ["-c", 'import json; from prompt_cost import cost_usd; print(json.dumps([cost_usd(m, {"gen_ai.usage.input_tokens": i, "gen_ai.usage.cache_read.input_tokens": c, "gen_ai.usage.output_tokens": o}, t) for m, (i, c, o), t in json.load(open("cases.json"))]))'], folder);
    const script = (load: string): string => `${load} console.log(JSON.stringify(JSON.parse(require("node:fs").readFileSync("cases.json")).map(([m, [inputTokens, cachedTokens, outputTokens], t]) => costUsd(m, { inputTokens, cachedTokens, outputTokens }, t))))`;
    const inCommonJs = await run(process.execPath, ["-e", script('const { costUsd } = require("./promptCost.cjs");')], folder);
    const inEsModule = await run(process.execPath, ["-e", `import("./promptCost.mjs").then(({ costUsd }) => { ${script("")} })`], folder);
    assert.ok(expected.filter((cost) => cost !== null).length > 150);
    for (const [language, text] of [["Python", inPython], ["CommonJS", inCommonJs], ["ES module", inEsModule]] as const) {
      const found = z.array(z.number().nullable()).parse(JSON.parse(text));
      found.forEach((cost, at) => {
        const wanted = expected[at] ?? null;
        assert.ok(cost === wanted || (cost !== null && wanted !== null && Math.abs(cost - wanted) < 1e-12), `${language}: ${JSON.stringify(cases[at])} is ${cost ?? "unknown"}, not ${wanted ?? "unknown"}`);
      });
    }
  });
});
