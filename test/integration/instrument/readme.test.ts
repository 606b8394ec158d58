import * as assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { Standin } from "../../openobserve/standin";
import { OpenAiServer } from "../../openai/server";
import { root } from "../../unit/support";

const readme = readFileSync(path.join(root, "README.md"), "utf8");
const block = (marker: string): string =>
  new RegExp(`<!-- ${marker} -->\\n\`\`\`\\w+\\n([^]*?)\`\`\``).exec(readme)?.[1] ??
  assert.fail(`the README has no block "${marker}"`);
const cli = path.join(root, "dist", "cli.js");

/** The README's own commands, to the letter: the receiver listens where they send to. */
describe("The README's pages", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-readme-"));
  const db = path.join(folder, "spans.sqlite");
  let server: OpenAiServer;
  let receiver: ChildProcess;

  before(async function () {
    server = await OpenAiServer.start();
    receiver = spawn(process.execPath, [cli, "receive", "--port", "4318", "--db", db], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const line = await new Promise<string>((resolve) =>
      createInterface({ input: receiver.stderr ?? assert.fail() }).once("line", resolve),
    );
    if (line.startsWith("Receiving")) return;
    console.log(`    (skipped: ${line})`);
    this.skip();
  });
  after(() => {
    server.stop();
    receiver.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  const python = path.dirname(process.env["PROMPT_COST_PYTHON_APP"] ?? "");
  const run = async (commands: string, where: string): Promise<void> => {
    const child = spawn("sh", ["-ec", commands], {
      cwd: where,
      env: {
        ...process.env,
        PATH: `${python}:${process.env["PATH"] ?? ""}`,
        PIP_DISABLE_PIP_VERSION_CHECK: "1",
        OPENAI_API_KEY: "sk-test",
        OPENAI_BASE_URL: server.url,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let problem = "";
    child.stderr.on("data", (data) => (problem += String(data)));
    assert.equal(await new Promise((resolve) => child.once("exit", resolve)), 0, problem);
  };
  const spent = (): { total: { calls: number; costUsd: number }; groups: { key: string; calls: number }[] } => {
    const { stdout, stderr } = spawnSync(process.execPath, [cli, "spend", "--since", "1h", "--db", db, "--json"], {
      encoding: "utf8",
    });
    return JSON.parse(stdout || assert.fail(stderr)) as ReturnType<typeof spent>;
  };
  /** An app with one call, instrumented by the command line. */
  const app = (name: string, file: string, text: string): string => {
    const where = path.join(folder, name);
    mkdirSync(where);
    writeFileSync(path.join(where, file), text);
    OpenAiServer.priceIn(where);
    const { status, stderr } = spawnSync(process.execPath, [cli, "instrument", file, "--feature", name], {
      cwd: where,
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    return where;
  };

  const pythonApp =
    'from openai import OpenAI\n\nOpenAI().chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])\n';

  it("bring a Python app's call into the store, alone and beside the automatic instrumentation", async () => {
    const where = app("from-python", "app.py", pythonApp);
    await run(block("runs: python"), where);
    assert.deepEqual(
      spent().groups.map(({ key, calls }) => [key, calls]),
      [["from-python", 1]],
    );
    const environment = block("runs: python")
      .split("\n")
      .filter((line) => line.startsWith("export "))
      .join("\n");
    await run(`${environment}\n${block("runs: python-automatic")}`, where);
    assert.deepEqual(
      spent().groups.map(({ key, calls }) => [key, calls]),
      [["from-python", 2]],
    );
  });

  const nodeApp =
    'import OpenAI from "openai";\n\nawait new OpenAI().chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "hi" }] });\n';

  it("bring a Node app's call into the store", async () => {
    const where = app("from-node", "app.mjs", nodeApp);
    writeFileSync(path.join(where, "telemetry.mjs"), block("file: telemetry.mjs"));
    await run(block("runs: node"), where);
    assert.equal(spent().groups.find(({ key }) => key === "from-node")?.calls, 1);
    assert.ok(spent().total.costUsd > 0);
  });

  it("bring it there once, beside Node's automatic instrumentation", async () => {
    const where = app(
      "from-node-automatic",
      "app.mjs",
      `${nodeApp}if (OpenAI.Chat.Completions.prototype.create.__original === undefined) throw new Error("nothing is instrumented");\n`,
    );
    writeFileSync(path.join(where, "telemetry.mjs"), block("file: telemetry-automatic.mjs"));
    const lines = block("runs: node").split("\n");
    const before = [
      ...lines.filter((line) => line.startsWith("npm install")).map((line) => line.replace(" openai", "")),
      ...lines.filter((line) => line.startsWith("export ")),
    ];
    const calls = spent().total.calls;
    await run(`${before.join("\n")}\n${block("runs: node-automatic")}`, where);
    assert.equal(spent().groups.find(({ key }) => key === "from-node-automatic")?.calls, 1);
    assert.equal(spent().total.calls, calls + 1);
  });

  it("bring a Python app's call to OpenObserve", async () => {
    const openObserve = await Standin.start("v0.60.5");
    try {
      const where = app("to-openobserve", "app.py", pythonApp);
      const environment = block("runs: openobserve")
        .replace("https://openobserve.example.com", openObserve.url)
        .replace("Basic YOUR_TOKEN", Standin.authorization);
      const lines = block("runs: python").split("\n");
      await run(
        [
          ...lines.filter((line) => line.startsWith("export ")),
          environment,
          ...lines.filter((line) => line.startsWith("opentelemetry-instrument")),
        ].join("\n"),
        where,
      );
      const asked = spawnSync(
        process.execPath,
        [
          cli,
          "spend",
          "--source",
          "openobserve",
          "--url",
          openObserve.url,
          "--org",
          "default",
          "--stream",
          "llm",
          "--since",
          "1h",
          "--json",
        ],
        {
          encoding: "utf8",
          env: {
            ...process.env,
            PROMPT_COST_OPENOBSERVE_USER: "root@example.com",
            PROMPT_COST_OPENOBSERVE_PASSWORD: "pass",
          },
        },
      );
      const { groups } = JSON.parse(asked.stdout || assert.fail(asked.stderr)) as ReturnType<typeof spent>;
      assert.deepEqual(
        groups.map(({ key, calls }) => [key, calls]),
        [["to-openobserve", 1]],
      );
    } finally {
      openObserve.stop();
    }
  });
});
