import * as assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import ts from "typescript";
import { z } from "zod";
import { PriceBook, amountsFor, usd } from "../../../src/core/pricing/price";
import { type Billed, OpenAiServer } from "../../openai/server";
import { assets, root } from "../../unit/support";
import { run } from "./running";

const span = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  status: z.string(),
  isChild: z.boolean(),
  attributes: z.record(z.string(), z.unknown()),
});
const output = z.object({
  said: z.record(z.string(), z.unknown()),
  spans: z.array(span),
  inside: z.array(z.string()),
  metrics: z.record(z.string(), z.array(z.string())),
  swallowed: z.record(z.string(), z.number()),
});
type Output = z.infer<typeof output>;
const spent = z.object({
  groups: z.array(
    z.object({
      key: z.string().nullable(),
      costUsd: z.number(),
      calls: z.number(),
      unpricedCalls: z.number(),
      inputTokens: z.number(),
    }),
  ),
});

const apps = path.join(root, "test", "integration", "instrument", "apps");
const cli = path.join(root, "dist", "cli.js");
const book = new PriceBook(null, assets.catalogue);

/** What OpenAI bills for an answer, in USD; null where nobody knows the model's price. */
function billedUsd({ model, tier, inputTokens, cachedTokens, outputTokens }: Billed): number | null {
  const { price } = book.find(model, tier);
  if (price === null) return null;
  const amounts = amountsFor(price, inputTokens);
  return (
    usd(inputTokens - cachedTokens, amounts.input) +
    usd(cachedTokens, amounts.cachedInput) +
    usd(outputTokens, amounts.output ?? 0)
  );
}

const python =
  (name: "PROMPT_COST_PYTHON_APP" | "PROMPT_COST_PYTHON_APP_BEFORE" | "PROMPT_COST_PYTHON_39") => (): string =>
    process.env[name] ?? assert.fail("run the tests with npm test: it sets up Python");
interface Kind {
  program: () => string;
  /** The module of calls, bare. */
  module: string;
  args: (module: string) => string[];
  /** What has the package instrument the client automatically. */
  automatic: string[];
}
const inPython = (program: () => string, automatic?: string): Kind => ({
  program,
  module: "calls.py",
  args: (module) => ["run_calls.py", "URL", module.replace(".py", "")],
  automatic: automatic === undefined ? [] : [automatic],
});
const inNode = (package_: string, module: string, automatic?: string): Kind => ({
  program: () => process.execPath,
  module,
  args: (file) => [
    "--expose-gc",
    "run_calls.mjs",
    "URL",
    `./${file}`,
    package_,
    file === module ? `./promptCost.${module.split(".")[1] ?? ""}` : "none",
  ],
  automatic: automatic === undefined ? [] : [automatic],
});
const kinds: Record<string, Kind> = {
  "Python, openai of today": inPython(python("PROMPT_COST_PYTHON_APP")),
  "Python, openai of the major version before": inPython(python("PROMPT_COST_PYTHON_APP_BEFORE")),
  "Python, beside opentelemetry-instrumentation-genai-openai": inPython(
    python("PROMPT_COST_PYTHON_APP"),
    "opentelemetry.instrumentation.genai.openai",
  ),
  "Python, beside its forerunner, opentelemetry-instrumentation-openai-v2": inPython(
    python("PROMPT_COST_PYTHON_APP_BEFORE"),
    "opentelemetry.instrumentation.openai_v2",
  ),
  "Node, ES module, openai of today": inNode("openai", "calls.mjs"),
  "Node, ES module, openai of the major version before": inNode("openai-before", "calls.mjs"),
  "Node, CommonJS, openai of today": inNode("openai", "calls.cjs"),
  "Node, beside @opentelemetry/instrumentation-openai": inNode(
    "openai-before",
    "calls.cjs",
    "@opentelemetry/instrumentation-openai",
  ),
};
if (process.env["PROMPT_COST_PYTHON_39"] === undefined)
  console.log("(No Python 3.9 on this machine: the wrapper is not run on it.)");
else kinds["Python 3.9"] = inPython(python("PROMPT_COST_PYTHON_39"));

/** Calls whose usage the caller keeps to himself, or nobody is told. */
const unseen = new Set([
  "declined",
  "closed",
  "left",
  "unread",
  "dropped",
  "aborted",
  "broken",
  "body",
  "unknown",
  "old_server",
  "async_old_server",
  "async_cancelled",
  "raw_stream",
  "timed_out",
]);
const incomplete = new Set([
  "timed_out",
  "closed",
  "left",
  "unread",
  "dropped",
  "aborted",
  "broken",
  "body",
  "async_cancelled",
]);
const errors = new Set(["timed_out", "limited", "failed", "wrong", "broken", "async_limited"]);

for (const [title, { program, module, args, automatic }] of Object.entries(kinds)) {
  describe(`The wrapper: ${title}`, () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-wrapper-"));
    const bareModule = `bare_${module}`;
    let server: OpenAiServer;
    let bareServer: OpenAiServer;
    let receiver: ChildProcess;
    let seen: Output;
    let bare: Output;
    const of = (feature: string) => {
      const found = seen.spans.filter(({ attributes, isChild }) => attributes["feature"] === feature && !isChild);
      assert.equal(found.length, 1, `one span for ${feature}`);
      return found[0] as z.infer<typeof span>;
    };

    before(async () => {
      const text = readFileSync(path.join(apps, module.replace(".cjs", ".mjs")), "utf8");
      const code = module.endsWith(".cjs")
        ? ts.transpileModule(text, {
            compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
          }).outputText
        : text;
      for (const name of [module, bareModule]) writeFileSync(path.join(folder, name), code);
      for (const name of ["run_calls.py", "run_calls.mjs"])
        copyFileSync(path.join(apps, name), path.join(folder, name));
      symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
      mkdirSync(path.join(folder, ".vscode"));
      writeFileSync(path.join(folder, ".vscode", "settings.json"), '{ "promptCost.tracking.team": "docs" }');
      OpenAiServer.priceIn(folder);
      const tracked = spawnSync(process.execPath, [cli, "instrument", module, "--all"], {
        cwd: folder,
        encoding: "utf8",
      });
      assert.equal(tracked.status, 0, tracked.stderr);
      assert.equal(spawnSync(process.execPath, [cli, "instrument", module, "--check"], { cwd: folder }).status, 0);
      // The user is a person's choice in the editor; here, one call has one.
      const withUser = readFileSync(path.join(folder, module), "utf8").replace(
        /(feature:? ?=? ?"plain")/,
        module.endsWith(".py") ? '$1, user_id="ann@example.com"' : '$1, userId: "ann@example.com"',
      );
      writeFileSync(path.join(folder, module), withUser);

      [server, bareServer] = [await OpenAiServer.start(), await OpenAiServer.start()];
      receiver = spawn(process.execPath, [cli, "receive", "--port", "0", "--db", path.join(folder, "spans.sqlite")], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      const line = await new Promise<string>((resolve) =>
        createInterface({ input: receiver.stderr ?? assert.fail() }).once("line", resolve),
      );
      const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? assert.fail(line);
      const given = (file: string, { url }: OpenAiServer): string[] =>
        args(file).map((one) => (one === "URL" ? url : one));
      const env = {
        PROMPT_COST_USER_KEY: "key",
        PROMPT_COST_ENVIRONMENT: "test",
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      };
      seen = output.parse(JSON.parse(await run(program(), [...given(module, server), ...automatic], folder, env)));
      bare = output.parse(JSON.parse(await run(program(), given(bareModule, bareServer), folder)));
    });
    after(() => {
      server.stop();
      bareServer.stop();
      receiver.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    });

    it("returns and raises what the bare call does, and asks no more often", () => {
      assert.ok(Object.keys(bare.said).length > 25);
      assert.deepEqual(seen.said, bare.said);
      const asked = ({ requests }: OpenAiServer): string[] => requests.map(({ name }) => name);
      // A server that refuses what the wrapper asked for is asked as the caller would have, once.
      const refused = server.requests.filter(
        ({ name, hasStreamOptions }) => name.endsWith("old_server") && hasStreamOptions,
      ).length;
      assert.ok(refused <= 2);
      assert.equal(asked(server).length - refused, asked(bareServer).length);
      assert.deepEqual(seen.swallowed, {}, "telemetry went well, too");
    });

    it("makes one span a call", () => {
      const made = Object.keys(seen.said).filter((name) => name !== "wrong");
      for (const name of made) of(name);
      const ours = seen.spans.filter(({ attributes }) => attributes["feature"] !== undefined);
      assert.deepEqual(
        seen.spans.filter((one) => !ours.includes(one)).map(({ name }) => name),
        [],
        "and nobody else does",
      );
    });

    it("costs what the server bills, each of them, to the last digit", () => {
      for (const billed of server.billed) {
        const { attributes } = of(billed.name);
        const wanted = unseen.has(billed.name) ? null : billedUsd(billed);
        const [cost, standard, isUnpriced] = ["gen_ai.usage.cost_usd", "gen_ai.usage.cost", "prompt_cost.unpriced"].map(
          (name) => attributes[name],
        );
        if (wanted === null) assert.deepEqual([cost, standard, isUnpriced], [0, undefined, true], billed.name);
        else
          assert.ok(
            Math.abs(Number(cost) - wanted) < 1e-12 && cost === standard && isUnpriced === undefined,
            `${billed.name}: ${String(cost)}, not ${wanted}`,
          );
      }
    });

    it("is in the sidebar's figures, to the cent", () => {
      const { stdout, stderr } = spawnSync(
        process.execPath,
        [cli, "spend", "--since", "1h", "--db", path.join(folder, "spans.sqlite"), "--json"],
        { encoding: "utf8" },
      );
      const { groups } = spent.parse(JSON.parse(stdout || assert.fail(stderr)));
      const names = [...new Set(server.billed.map(({ name }) => name))];
      for (const name of names) {
        const group = groups.find(({ key }) => key === name) ?? assert.fail(`${name} is not there`);
        const bills = server.billed.filter((billed) => billed.name === name);
        assert.equal(group.calls, bills.length, name);
        if (unseen.has(name))
          assert.deepEqual([group.costUsd, group.unpricedCalls], [0, group.calls], `${name} is unknown`);
        else
          assert.ok(
            Math.abs(group.costUsd - bills.reduce((sum, billed) => sum + (billedUsd(billed) ?? 0), 0)) < 1e-9,
            name,
          );
      }
    });

    it("says what the conventions ask", () => {
      const { name, kind, status, attributes } = of("plain");
      assert.deepEqual([name, kind, status], ["chat gpt-4o", "CLIENT", "UNSET"]);
      const wanted = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "server.address": "127.0.0.1",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 60,
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.usage.input_tokens": 1023,
        "gen_ai.usage.output_tokens": 50,
        "gen_ai.usage.cache_read.input_tokens": 512,
        "gen_ai.usage.reasoning.output_tokens": 30,
        team: "docs",
        environment: "test",
        "code.file.path": module,
      };
      for (const [key, value] of Object.entries(wanted)) assert.equal(attributes[key], value, key);
      assert.deepEqual(attributes["gen_ai.response.finish_reasons"], ["stop"]);
      assert.deepEqual(of("several").attributes["gen_ai.response.finish_reasons"], ["stop", "stop"]);
      assert.match(String(attributes["user_id"]), /^[0-9a-f]{64}$/);
      assert.ok(!JSON.stringify(seen).includes("ann@example.com"));
      const lines = readFileSync(path.join(folder, module), "utf8").split("\n");
      assert.match(lines[Number(attributes["code.line.number"]) - 1] ?? "", /tracked.*"plain"/);
      if (!title.includes("3.9")) assert.equal(attributes["code.function.name"], "plain");
      assert.ok(Number(attributes["gen_ai.latency.duration_ms"]) > 0);
      assert.deepEqual(
        [of("embedded").name, of("legacy").name, of("response").name],
        ["embeddings text-embedding-3-small", "text_completion gpt-3.5-turbo-instruct", "chat gpt-4o-mini"],
      );
    });

    it("times streams by their first token", () => {
      for (const feature of ["streamed", "streamed_tools", "response_stream", "legacy_stream", "managed"]) {
        const { attributes } = of(feature);
        assert.equal(attributes["gen_ai.response.streaming"], true);
        const [ttft, all, seconds] = [
          Number(attributes["gen_ai.latency.ttft_ms"]),
          Number(attributes["gen_ai.latency.duration_ms"]),
          Number(attributes["gen_ai.response.time_to_first_chunk"]),
        ];
        assert.ok(ttft > 0 && ttft <= all && Math.abs(seconds * 1000 - ttft) < 1e-6, `${feature}: ${ttft} of ${all}`);
      }
      assert.equal(of("plain").attributes["gen_ai.response.streaming"], undefined);
    });

    it("ends streams that are left, broken or cancelled, and marks them", () => {
      for (const name of Object.keys(seen.said).filter((one) => one !== "wrong"))
        assert.equal(of(name).attributes["prompt_cost.incomplete"], incomplete.has(name) ? true : undefined, name);
    });

    it("tells errors as what they are", () => {
      for (const name of Object.keys(seen.said))
        assert.equal(of(name).status, errors.has(name) ? "ERROR" : "UNSET", name);
      const { attributes } = of("limited");
      assert.deepEqual(
        [
          attributes["gen_ai.response.error.type"],
          attributes["http.response.status_code"],
          attributes["error.type"],
          attributes["gen_ai.usage.cost_usd"],
        ],
        ["rate_limit_exceeded", 429, "RateLimitError", undefined],
      );
      assert.deepEqual(
        [of("failed").attributes["http.response.status_code"], of("failed").attributes["gen_ai.response.error.type"]],
        [500, undefined],
      );
    });

    it("is the child of the caller's span, the parent of what happens inside, and measures without the user", () => {
      assert.equal(seen.spans.filter(({ isChild }) => isChild).length, 1);
      // What happens inside of a call, here its request, sees the call's span as the current one.
      const asking = seen.spans.filter(({ attributes }) => attributes["feature"] !== "wrong").map(({ id }) => id);
      assert.deepEqual([...new Set(seen.inside)].sort(), asking.sort());
      assert.deepEqual(Object.keys(seen.metrics).sort(), [
        "gen_ai.client.operation.duration",
        "gen_ai.client.token.usage",
        "gen_ai.usage.cost_usd",
        "gen_ai.usage.unpriced_calls",
        "prompt_cost.swallowed_errors",
      ]);
      for (const labels of Object.values(seen.metrics)) assert.ok(!labels.includes("user_id"));
      for (const label of ["feature", "team", "environment", "gen_ai.response.model"])
        assert.ok(seen.metrics["gen_ai.usage.cost_usd"]?.includes(label), label);
      assert.deepEqual(seen.metrics["gen_ai.usage.unpriced_calls"], ["gen_ai.request.model"]);
    });
  });
}
