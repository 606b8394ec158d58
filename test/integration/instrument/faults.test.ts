import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { OpenAiServer } from "../../openai/server";
import { root } from "../../unit/support";
import { run } from "./running";

const output = z.object({ said: z.string(), spans: z.array(z.record(z.string(), z.unknown())), swallowed: z.number() });
type Output = z.infer<typeof output>;
const apps = path.join(root, "test", "integration", "instrument", "apps");

/** One call, bare; the command tracks it, and a user is given to it. */
const bare = {
  "app.py":
    'def answer(client, text, user_id):\n    return client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}]).choices[0].message.content\n',
  "app.mjs":
    'export async function answer(client, text, userId) {\n  return (await client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: text }] })).choices[0].message.content;\n}\n',
  "app.cjs":
    'exports.answer = async function answer(client, text, userId) {\n  return (await client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: text }] })).choices[0].message.content;\n};\n',
};
const programs = {
  Python: {
    program: () =>
      process.env["PROMPT_COST_PYTHON_APP"] ?? assert.fail("run the tests with npm test: it sets up Python"),
    script: ["faults.py"],
    app: "app.py",
    prices: "prompt_cost_prices.py",
  },
  "Node, ES module": {
    program: () => process.execPath,
    script: ["faults.cjs", "mjs"],
    app: "app.mjs",
    prices: "promptCostPrices.mjs",
  },
  "Node, CommonJS": {
    program: () => process.execPath,
    script: ["faults.cjs", "cjs"],
    app: "app.cjs",
    prices: "promptCostPrices.cjs",
  },
} as const;

for (const [language, { program, script, app, prices }] of Object.entries(programs)) {
  describe(`The wrapper under faults: ${language}`, () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-faults-"));
    let server: OpenAiServer;

    before(async () => {
      server = await OpenAiServer.start();
      for (const name of ["faults.py", "faults.cjs"]) copyFileSync(path.join(apps, name), path.join(folder, name));
      writeFileSync(path.join(folder, app), bare[app]);
      const { status, stderr } = spawnSync(
        process.execPath,
        [path.join(root, "dist", "cli.js"), "instrument", app, "--feature", "f"],
        { cwd: folder, encoding: "utf8" },
      );
      assert.equal(status, 0, stderr);
      const tracked = readFileSync(path.join(folder, app), "utf8");
      writeFileSync(
        path.join(folder, app),
        tracked.replace('feature="f"', 'feature="f", user_id=user_id').replace('feature: "f"', 'feature: "f", userId'),
      );
      symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
    });
    after(() => {
      server.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const under = async (fault: string, env: Record<string, string> = {}): Promise<Output> => {
      const before = server.requests.length;
      const [file = "", ...form] = script;
      const seen = output.parse(
        JSON.parse(
          (await run(program(), [file, fault, server.url, ...form], folder, env)).trim().split("\n").at(-1) ?? "",
        ),
      );
      assert.equal(seen.said, "hello", "the call returns what it would");
      assert.equal(server.requests.length, before + 1, "and runs exactly once");
      return seen;
    };

    const counted = ["tracer-raises", "context-raises", "meter-raises", "span-raises", "processor-raises"];
    const others = [
      "no-opentelemetry",
      "not-set-up",
      "shut-down",
      "exporter-down",
      ...(language === "Python" ? ["opentelemetry-broken"] : ["context-raises-late"]),
    ];
    for (const fault of [...counted, ...others]) {
      it(`makes the call all the same: ${fault}`, async () => {
        const { swallowed } = await under(fault);
        if (counted.includes(fault)) assert.ok(swallowed > 0, "what went wrong is counted");
      });
    }

    for (const [fault, broken] of [
      ["missing", null],
      ["no code", "PRICES = {"],
      ["of another shape", language === "Python" ? "PRICES = 7\n" : "export const prices = 7;\n"],
    ] as const) {
      it(`makes and tells the call without its cost where the prices are ${fault}`, async () => {
        const file = path.join(folder, prices);
        const whole = readFileSync(file, "utf8");
        if (broken === null) rmSync(file);
        else
          writeFileSync(
            file,
            prices.endsWith(".cjs") ? broken.replace("export const prices", "exports.prices") : broken,
          );
        try {
          const { spans, swallowed } = await under("none");
          assert.ok(swallowed > 0);
          assert.deepEqual(
            [
              spans[0]?.["gen_ai.usage.input_tokens"],
              spans[0]?.["gen_ai.usage.cost_usd"],
              spans[0]?.["prompt_cost.unpriced"],
              spans[0]?.["gen_ai.usage.cost"],
            ],
            [1094, 0, true, undefined],
          );
        } finally {
          writeFileSync(file, whole);
        }
      });
    }

    it("knows an Azure client", async () => {
      const { spans } = await under("azure");
      assert.equal(spans[0]?.["gen_ai.provider.name"], "azure.ai.openai");
    });

    it("hashes the user with the environment's key, and leaves the user out without one", async () => {
      assert.equal((await under("none")).spans[0]?.["user_id"], undefined);
      const keyed = await under("none", { PROMPT_COST_USER_KEY: "key" });
      // HMAC-SHA-256 of "u" by "key", by OpenSSL.
      assert.equal(
        keyed.spans[0]?.["user_id"],
        spawnSync("openssl", ["dgst", "-sha256", "-hmac", "key"], { input: "u", encoding: "utf8" })
          .stdout.trim()
          .split(" ")
          .at(-1),
      );
    });

    it("captures no text, and where that is asked for, masks what is nobody's business", async () => {
      const quiet = await under("none");
      assert.ok(!JSON.stringify(quiet.spans).includes("mail"));
      const captured = { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true" };
      const { spans } = await under("none", captured);
      const said = String(spans[0]?.["gen_ai.input.messages"]);
      assert.deepEqual(JSON.parse(said), [
        { role: "user", parts: [{ type: "text", content: "mail [e-mail] or call [phone], card [card], key [key]" }] },
      ]);
      assert.match(String(spans[0]?.["gen_ai.output.messages"]), /hello/);
      const { swallowed, spans: unmasked } = await under("redact-raises", captured);
      assert.ok(swallowed > 0);
      assert.deepEqual(
        [unmasked[0]?.["feature"], unmasked[0]?.["gen_ai.input.messages"]],
        ["f", undefined],
        "text that can't be masked is left out, and nothing else",
      );
    });
  });
}
