import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PriceBook } from "../../src/core/pricing/price";
import { Assets } from "../../src/core/assets";
import { priceHere } from "../../src/core/telemetry/callPrice";
import { environment, freePort } from "../host/server";
import { OpenAiServer } from "../openai/server";
import { tile, until } from "./looking";
import { Workbench } from "./workbench";

/** Runs one function of the examples' assistant, with its spans sent to the receiver. */
const runner = `
import os, sys
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
from assistant.answers import greet, summarise
print(greet())
print(summarise("a long talk"))
provider.shutdown()
`;

describe("Instrument this call, through the UI", () => {
  const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-instrument-"));
  const file = path.join(workspace, "assistant", "answers.py");
  let workbench: Workbench;
  let server: OpenAiServer;
  let port = 0;
  let original = "";

  before(async () => {
    cpSync(path.join(environment("PROMPT_COST_ROOT"), "examples"), workspace, { recursive: true });
    original = readFileSync(file, "utf8");
    port = await freePort();
    server = await OpenAiServer.start();
    workbench = await Workbench.open(workspace, { "promptCost.receiver.port": port, "files.autoSave": "off" });
  });
  after(async () => {
    await workbench.close();
    server.stop();
    rmSync(workspace, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") await workbench.screenshot(`failure-${this.currentTest.title.slice(0, 40).replace(/\W+/g, "-")}`);
  });

  const accept = async (suggestion: string): Promise<void> => {
    const input = workbench.page.locator(".quick-input-widget", { hasText: "track as this feature" }).locator("input.input");
    await input.waitFor();
    assert.equal(await input.inputValue(), suggestion);
    await workbench.page.keyboard.press("Enter");
  };

  it("asks one question, already answered, and tracks the call of the lens", async () => {
    await workbench.openFile("answers.py");
    await workbench.goTo(73, 1);
    await workbench.lens(/Instrument this call/);
    await workbench.goTo(73, 30);
    await workbench.run("Prompt Cost: Instrument This Call");
    await accept("greet");
    await workbench.lens(/ · greet$/m);
    await workbench.screenshot("instrument-01-tracked");
  });

  it("takes it all back with one undo", async () => {
    await workbench.goTo(73, 1);
    await workbench.page.keyboard.press("Control+Z");
    // Files that were made with it are told of first.
    const confirm = workbench.page.locator(".monaco-dialog-box button, .monaco-dialog-box a.monaco-button").filter({ hasText: /Undo in \d+ Files|Undo this/ }).first();
    if (await confirm.isVisible({ timeout: 3000 }).catch(() => false)) await confirm.click();
    await workbench.goTo(73, 1);
    await until("the lens offers it again", async () => (await workbench.lenses()).filter((text) => / · greet/.test(text)).length === 0);
  });

  it("tracks every call of a file, and restores its bytes", async () => {
    await workbench.run("Prompt Cost: Instrument All Calls of This File");
    await workbench.page.locator(".notification-toast", { hasText: /calls are tracked/ }).waitFor();
    await workbench.run("File: Save All Files");
    await until("it is saved", () => Promise.resolve(/tracked\(client\.chat\.completions, feature="greet"\)/.test(readFileSync(file, "utf8"))));
    await workbench.screenshot("instrument-02-file");
  });

  it("shows the real cost of the tracked app in the sidebar, as it was billed", async () => {
    const sidebar = await workbench.openSidebar();
    await sidebar.locator(".source", { hasText: `receiving on :${port}` }).waitFor();
    writeFileSync(path.join(workspace, "run_app.py"), runner);
    const python = process.env["PROMPT_COST_PYTHON_APP"] ?? assert.fail("run the tests with npm test: it sets up Python");
    const child = spawn(python, ["run_app.py"], { cwd: workspace, env: { ...process.env, OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: server.url, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }, stdio: ["ignore", "pipe", "inherit"] });
    assert.equal(await new Promise((resolve) => child.once("exit", resolve)), 0);
    await sidebar.locator('[data-feature="greet"]').waitFor({ timeout: 5000 });
    await until("both calls are there", async () => (await tile(sidebar, "calls")) === 2);
    const prices = new PriceBook(null, new Assets(path.join(environment("PROMPT_COST_ROOT"), "dist")).catalogue);
    const billed = server.billed.reduce((sum, { model, inputTokens, cachedTokens, outputTokens }) => sum + (priceHere(prices, model, { input: inputTokens, cached: cachedTokens, output: outputTokens }) ?? 0), 0);
    assert.ok(Math.abs((await tile(sidebar, "cost")) - billed) < 1e-9, `${await tile(sidebar, "cost")} of ${billed}`);
    await sidebar.locator('[data-feature="greet"] > .row').click();
    await sidebar.locator('[data-feature="greet"] .unfolded button', { hasText: "assistant/answers.py" }).waitFor();
    await workbench.screenshot("instrument-03-spend");
  });

  it("removes the tracking of one call after the other, until the file is as it was", async () => {
    await workbench.openFile("answers.py");
    for (const line of [74, 61, 49, 40]) {
      await workbench.goTo(line, 20);
      await workbench.run("Prompt Cost: Remove the Tracking from This Call");
      await workbench.page.waitForTimeout(700);
    }
    await workbench.run("File: Save All Files");
    await until("it is as it was", () => Promise.resolve(!readFileSync(file, "utf8").includes("tracked(")));
    const now = readFileSync(file, "utf8");
    assert.equal(now, original);
  });
});
