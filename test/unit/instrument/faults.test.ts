import * as assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { priceModule } from "../../../src/core/instrument/priceModule";
import { OpenAiServer } from "../../openai/server";
import { assets, root } from "../support";
import { run } from "./running";

const output = z.object({ said: z.string(), spans: z.array(z.record(z.string(), z.unknown())), swallowed: z.number() });
const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-faults-"));
const apps = path.join(root, "test", "unit", "instrument", "apps");

describe("The wrapper under faults", () => {
  let server: OpenAiServer;
  before(async () => {
    server = await OpenAiServer.start();
    copyFileSync(path.join(root, "dist", "wrapper", "prompt_cost.py"), path.join(folder, "prompt_cost.py"));
    copyFileSync(path.join(apps, "faults.py"), path.join(folder, "faults.py"));
    copyFileSync(path.join(apps, "faults.cjs"), path.join(folder, "faults.cjs"));
    copyFileSync(path.join(root, "dist", "wrapper", "promptCost.cjs"), path.join(folder, "promptCost.cjs"));
    writeFileSync(path.join(folder, "prompt_cost_prices.py"), priceModule(null, assets.catalogue, "py"));
    writeFileSync(path.join(folder, "promptCostPrices.js"), priceModule(null, assets.catalogue, "cjs"));
    symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  });
  after(() => {
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const programs = {
    Python: { program: () => process.env["PROMPT_COST_PYTHON_APP"] ?? assert.fail("run the tests with npm test: it sets up Python"), script: "faults.py" },
    Node: { program: () => process.execPath, script: "faults.cjs" },
  };
  for (const [language, { program, script }] of Object.entries(programs)) {
    const under = async (fault: string, env: Record<string, string> = {}): Promise<z.infer<typeof output>> => {
      const before = server.requests.length;
      const seen = output.parse(JSON.parse((await run(program(), [script, fault, server.url], folder, env)).trim().split("\n").at(-1) ?? ""));
      assert.equal(seen.said, "hello", "the call returns what it would");
      assert.equal(server.requests.length, before + 1, "and runs exactly once");
      return seen;
    };

    for (const fault of ["no-opentelemetry", "not-set-up", "shut-down", "tracer-raises", "exporter-down", "broken-prices"]) {
      it(`${language}: ${fault}`, async () => {
        const { swallowed } = await under(fault);
        if (fault === "broken-prices" || fault === "tracer-raises") assert.ok(swallowed > 0, "what went wrong is counted");
      });
    }

    it(`${language}: knows an Azure client`, async () => {
      const { spans } = await under("azure");
      assert.equal(spans[0]?.["gen_ai.provider.name"], "azure.ai.openai");
    });

    it(`${language}: makes one span a call where an automatic instrumentation is loaded`, async () => {
      const { spans } = await under("automatic");
      assert.equal(spans.length, 1, JSON.stringify(spans));
      assert.equal(spans[0]?.["feature"], "f");
    });

    it(`${language}: captures no text, and where that is asked for, masks what is nobody's business`, async () => {
      const quiet = await under("none");
      assert.ok(!JSON.stringify(quiet.spans).includes("mail"));
      const { spans } = await under("none", { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true" });
      const said = String(spans[0]?.["gen_ai.input.messages"]);
      assert.deepEqual(JSON.parse(said), [{ role: "user", parts: [{ type: "text", content: "mail [e-mail] or call [phone], card [card], key [key]" }] }]);
      assert.match(String(spans[0]?.["gen_ai.output.messages"]), /hello/);
      const { swallowed } = await under("redact-raises", { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true" });
      assert.ok(swallowed > 0);
    });
  }
});
