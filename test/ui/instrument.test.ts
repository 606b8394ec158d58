import * as assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Locator } from "playwright-core";
import { billedUsd, runAssistant } from "../demo/trackingWalk";
import { environment, freePort } from "../host/server";
import { OpenAiServer } from "../openai/server";
import { tile, until } from "./looking";
import { Workbench } from "./workbench";

describe("Instrument, through the UI", () => {
  const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-instrument-"));
  const examples = path.join(environment("PROMPT_COST_ROOT"), "examples");
  const textOf = (file: string, folder = workspace): string => readFileSync(path.join(folder, file), "utf8");
  const files = ["assistant/answers.py", "assistant/triage.py", "web/search.ts"];
  const wrappers = (): string[] =>
    readdirSync(workspace, { recursive: true })
      .map(String)
      .filter((name) => /prompt_?cost(_?prices)?\.\w+$/i.test(name) && !name.endsWith(".json"))
      .sort();
  let workbench: Workbench;
  let server: OpenAiServer;
  let port = 0;

  before(async () => {
    cpSync(examples, workspace, { recursive: true });
    OpenAiServer.priceIn(workspace);
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
    if (this.currentTest?.state === "failed")
      await workbench.screenshot(`failure-${this.currentTest.title.slice(0, 40).replace(/\W+/g, "-")}`);
  });

  const question = (): Locator => workbench.question("Instrument This Call");
  const toast = (text: string | RegExp): Locator => workbench.page.locator(".notification-toast", { hasText: text });

  it("is in the context menu and the light bulb of a call", async () => {
    const { page } = workbench;
    await workbench.openFile("answers.py");
    await workbench.goTo(73, 30);
    await workbench.lens(/Instrument this call/);
    await workbench.see(page.locator(".monaco-menu .action-label", { hasText: "Instrument This Call" }), () =>
      page.locator(".view-line", { hasText: "def greet" }).click({ button: "right" }),
    );
    await workbench.screenshot("instrument-01-menu");
    await page.keyboard.press("Escape");
    await workbench.goTo(73, 30);
    await workbench.see(page.locator(".action-widget", { hasText: "Instrument this call" }), () =>
      page.keyboard.press("Control+."),
    );
    await workbench.screenshot("instrument-02-bulb");
    await page.keyboard.press("Escape");
  });

  it("leaves no trace where the question is left, or taken back", async () => {
    await workbench.goTo(73, 30);
    await workbench.see(question(), () => workbench.run("Prompt Cost: Instrument This Call"));
    await until("the question is gone", async () => {
      await workbench.page.keyboard.press("Escape");
      return !(await question().isVisible());
    });
    assert.equal((await workbench.lenses()).filter((text) => / · greet/.test(text)).length, 0);
    await workbench.see(question(), () => workbench.run("Prompt Cost: Instrument This Call"));
    await workbench.page.keyboard.press("Enter");
    await workbench.lens(/ · greet$/m);
    await until("the wrapper is there", () => Promise.resolve(wrappers().length === 2));
    await workbench.goTo(73, 1);
    await workbench.page.keyboard.press("Control+Z");
    await until("the lens offers it again", async () =>
      (await workbench.lenses()).every((text) => !/ · greet/.test(text)),
    );
    await until("the wrapper is gone", () => Promise.resolve(wrappers().length === 0));
    await workbench.run("File: Save All Files");
    await until("the file is as it was", () =>
      Promise.resolve(textOf("assistant/answers.py") === textOf("assistant/answers.py", examples)),
    );
  });

  it("shows every change of the workspace before it is made", async () => {
    await workbench.see(toast(/Track 12 calls in 3 files, as shown\?/), () =>
      workbench.run("Prompt Cost: Instrument All Calls in the Workspace"),
    );
    await workbench.page.locator(".multiDiffEntry", { hasText: "answers.py" }).first().waitFor();
    await workbench.page
      .locator(".multiDiffEntry .view-line", { hasText: 'tracked(self.client.chat.completions, feature="reply")' })
      .first()
      .waitFor();
    await workbench.screenshot("instrument-03-preview");
    assert.deepEqual(
      files.map((file) => textOf(file)),
      files.map((file) => textOf(file, examples)),
      "nothing is written yet",
    );
    await toast(/as shown/)
      .locator("a, button", { hasText: "Discard" })
      .click();
    await toast(/Nothing was changed/).waitFor();
    assert.deepEqual(
      [files.map((file) => textOf(file)), wrappers()],
      [files.map((file) => textOf(file, examples)), []],
    );
    await workbench.see(toast(/as shown/), () => workbench.run("Prompt Cost: Instrument All Calls in the Workspace"));
    await toast(/as shown/)
      .locator("a, button", { hasText: "Apply" })
      .click();
    await toast(/12 calls are tracked/).waitFor();
    await workbench.screenshot("instrument-04-workspace");
    await until("all is written", () => Promise.resolve(files.every((file) => textOf(file).includes("tracked("))));
    assert.deepEqual(wrappers(), [
      "prompt_cost.py",
      "prompt_cost_prices.py",
      "web/promptCost.ts",
      "web/promptCostPrices.ts",
    ]);
  });

  it("shows the real cost of the tracked app, as it was billed", async () => {
    const sidebar = await workbench.openSidebar();
    await sidebar.locator(".source", { hasText: `receiving on :${port}` }).waitFor();
    await runAssistant(
      workspace,
      "from assistant.answers import greet, summarise; greet(); summarise('a long talk')",
      server,
      port,
    );
    await until("both calls are there", async () => (await tile(sidebar, "calls")) === 2);
    const billed = billedUsd(server, workspace);
    assert.ok(Math.abs((await tile(sidebar, "cost")) - billed) < 1e-9, `${await tile(sidebar, "cost")} of ${billed}`);
    await workbench.screenshot("instrument-04-spend");
  });

  it("updates a wrapper after showing what changes", async () => {
    const written = textOf("prompt_cost.py");
    writeFileSync(
      path.join(workspace, "prompt_cost.py"),
      written.replace("version 1", "version 0").replace("_METHODS = ", "_OLD_METHODS = "),
    );
    await workbench.see(toast(/Update prompt_cost\.py to what is shown on the right\?/), () =>
      workbench.run("Prompt Cost: Update Wrapper"),
    );
    await workbench.page.locator(".multiDiffEntry .view-line", { hasText: "_OLD_METHODS" }).first().waitFor();
    await workbench.screenshot("instrument-05-update");
    await toast(/Update prompt_cost\.py/)
      .locator("a, button", { hasText: /^Update$/ })
      .click();
    await until("the wrapper is the new one", () => Promise.resolve(textOf("prompt_cost.py") === written));
    await workbench.see(toast(/up to date/), () => workbench.run("Prompt Cost: Update Wrapper"));
    mkdirSync(path.join(workspace, "linked"));
    symlinkSync(path.join(workspace, "prompt_cost.py"), path.join(workspace, "linked", "prompt_cost.py"));
    await workbench.see(toast(/Not updated: linked\/prompt_cost\.py\..* symbolic links/), () =>
      workbench.run("Prompt Cost: Update Wrapper"),
    );
    rmSync(path.join(workspace, "linked"), { recursive: true });
  });

  it("completes the name with features of the workspace and of production", async () => {
    const { page } = workbench;
    await workbench.openFile("answers.py");
    await workbench.goTo(74, 20);
    await workbench.run("Prompt Cost: Stop Tracking This Call");
    await workbench.lens(/Instrument this call/);
    await workbench.goTo(74, 20);
    await workbench.see(question(), () => workbench.run("Prompt Cost: Instrument This Call"));
    await question().locator("input.input").fill("");
    await question().locator(".monaco-list-row", { hasText: "translate" }).waitFor();
    await question().locator(".monaco-list-row", { hasText: "summarise" }).waitFor();
    await workbench.screenshot("instrument-06-names");
    await question().locator("input.input").fill("greet");
    await page.keyboard.press("Enter");
    await workbench.lens(/ · greet$/m);
    await workbench.run("File: Save All Files");
  });

  it("takes everything back, to the byte, after showing it", async () => {
    await workbench.see(toast(/as shown/), () => workbench.run("Prompt Cost: Stop Tracking Everywhere"));
    await workbench.screenshot("instrument-07-removal");
    await toast(/as shown/)
      .locator("a, button", { hasText: "Apply" })
      .click();
    await toast(/no longer tracked/).waitFor();
    await workbench.run("File: Save All Files");
    await until("all is as it was", () =>
      Promise.resolve(files.every((file) => textOf(file) === textOf(file, examples))),
    );
    await until("the wrappers are gone", () => Promise.resolve(wrappers().length === 0));
  });
});
