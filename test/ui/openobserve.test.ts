import * as assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Frame } from "playwright-core";
import { environment, freePort } from "../host/server";
import { type Fault, Standin, dataset } from "../openobserve/standin";
import { requestOf, span } from "../unit/telemetry/spans";
import { tile, until } from "./looking";
import { Workbench } from "./workbench";

/** Each failure of a search, and what the person reads of it. */
const failures: Record<string, [Partial<Fault>, RegExp]> = {
  "rate-limit": [{ status: 429, body: { code: 20012, message: "too many" } }, /is rate-limiting searches/],
  timeout: [{ status: 408, body: { code: 20010, message: "timeout" } }, /longer than OpenObserve allows/],
  forbidden: [{ status: 403, body: "Unauthorized Access" }, /may not|right|allowed/i],
  unauthorized: [{ status: 401, body: "Unauthorized Access" }, /password|token/i],
  page: [{ status: 502, body: "<html><body>Bad gateway</body></html>", type: "text/html" }, /web page/],
  "bad-answer": [{ status: 200, body: { rows: [] } }, /something that its API doesn't say/],
  "unknown-stream": [{ status: 400, body: { code: 20002, message: "Search stream not found: llm" } }, /stream/i],
  "no-room": [{ status: 503, body: { code: 503, message: "ResourceError" } }, /OpenObserve/],
};

describe("OpenObserve, through the UI", () => {
  const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-remote-"));
  let workbench: Workbench;
  let standin: Standin;
  let sidebar: Frame;

  before(async () => {
    cpSync(path.join(environment("PROMPT_COST_ROOT"), "examples"), workspace, { recursive: true });
    standin = await Standin.start("v0.60.5");
    for (const request of dataset.requests) await standin.ingest(request);
    await standin.ingest(
      requestOf([
        span({
          at: Date.now() - 60_000,
          attributes: {
            "gen_ai.operation.name": "-",
            "gen_ai.provider.name": "-",
            "gen_ai.request.model": "-",
            "http.route": "/",
          },
        }),
      ]),
      "web",
    );
    workbench = await Workbench.open(workspace, {
      "promptCost.receiver.port": await freePort(),
      "promptCost.openObserve.refreshSeconds": 5,
    });
    sidebar = await workbench.openSidebar();
  });
  after(async () => {
    await workbench.close();
    standin.stop();
    rmSync(workspace, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed")
      await workbench.screenshot(`failure-${this.currentTest.title.slice(0, 40).replace(/\W+/g, "-")}`);
  });

  /** Answers one question of the connection. */
  const answer = async (question: string, text: string): Promise<void> => {
    await workbench.page.locator(".quick-input-widget", { hasText: question }).waitFor();
    await workbench.page.locator(".quick-input-widget input.input").fill(text);
    await workbench.page.keyboard.press("Enter");
  };
  const connect = async (password: string): Promise<void> => {
    await workbench.run("Prompt Cost: Connect to OpenObserve");
    await answer("Address of OpenObserve", standin.url);
    await answer("Organisation", "default");
    await answer("E-mail, or a whole token", "root@example.com");
    await workbench.page.locator(".quick-input-widget", { hasText: "Password or passcode" }).waitFor();
    assert.equal(await workbench.page.locator(".quick-input-widget input.input").getAttribute("type"), "password");
    await answer("Password or passcode", password);
  };
  const notification = (text: string | RegExp) => workbench.page.locator(".notification-toast", { hasText: text });

  it("says plainly that the password is wrong", async () => {
    await connect("wrong");
    await notification(/password|token/i)
      .first()
      .waitFor();
    await workbench.screenshot("openobserve-01-wrong-password");
    await workbench.run("Notifications: Clear All Notifications");
  });

  it("connects, says what it found, and shows its spend to the cent", async () => {
    await connect("pass");
    const found = notification("Connected to OpenObserve");
    await found.waitFor();
    assert.match(await found.innerText(), /stream "llm"/);
    await workbench.screenshot("openobserve-02-connected");
    await workbench.run("Notifications: Clear All Notifications");
    await sidebar.locator(".source", { hasText: "OpenObserve · default / llm" }).waitFor();
    await sidebar.locator('select[aria-label="Range"]').selectOption("30d");
    await until("all calls are there", async () => (await tile(sidebar, "calls")) === 328);
    // 13.835533 is what the real server's own sum was over these spans; beside it stand calls that are priced here.
    const priced = await sidebar.locator('[data-notice="pricedHere"]').innerText();
    assert.match(priced, /14 calls/);
    assert.ok((await tile(sidebar, "cost")) >= 13.835533);
    await workbench.page.locator(".statusbar-item", { hasText: "OpenObserve" }).waitFor();
    await workbench.screenshot("openobserve-03-spend");
  });

  it("keeps the password out of every file but the secret storage", () => {
    const folder = workbench.profile;
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const full = path.join(folder, file);
      if (!/\.(json|log|txt|md)$/.test(file)) continue;
      assert.ok(!readFileSync(full, "utf8").includes(Standin.authorization.replace("Basic ", "")), file);
    }
  });

  for (const [name, [fault, sentence]] of Object.entries(failures)) {
    it(`keeps the last good figures, dated, and says why they are old: ${name}`, async () => {
      await standin.fail({ path: "_search", ...fault });
      await workbench.run("Prompt Cost: Refresh Spend");
      const notice = sidebar.locator('[data-notice="stale"]');
      await notice.waitFor();
      assert.match(await notice.innerText(), sentence);
      assert.match(await notice.innerText(), /The figures shown are from .*20\d\d/);
      assert.equal(await tile(sidebar, "calls"), 328);
      await workbench.screenshot(`openobserve-04-${name}`);
      await standin.fail(null);
      await notice.locator("button", { hasText: "Try Again" }).click();
      await until("it is up to date again", async () => (await notice.count()) === 0);
    });
  }

  it("marks what is partial", async () => {
    await standin.fail({
      path: "_search",
      status: 200,
      body: { hits: [], is_partial: true, function_error: ["a node timed out"] },
    });
    await workbench.run("Prompt Cost: Refresh Spend");
    await sidebar.locator('[data-notice="partial"]', { hasText: "a node timed out" }).waitFor();
    await workbench.screenshot("openobserve-05-partial");
    await standin.fail(null);
    await workbench.run("Prompt Cost: Refresh Spend");
    await until("it is whole again", async () => (await sidebar.locator('[data-notice="partial"]').count()) === 0);
  });

  it("shows that it is asking, and cancels a question when another range is chosen", async () => {
    await standin.fail({ path: "_search", delay: 3, times: 1 });
    await sidebar.locator('select[aria-label="Range"]').selectOption("7d");
    await sidebar.locator(".progress.on").waitFor({ state: "attached" });
    await standin.fail(null);
    await sidebar.locator('select[aria-label="Range"]').selectOption("30d");
    await until(
      "the newer range is shown",
      async () => (await tile(sidebar, "calls")) === 328 && (await sidebar.locator(".progress.on").count()) === 0,
    );
  });

  /** The window anew, as the person who reloads it has it: nothing is known of the source yet. */
  const reload = async (): Promise<void> => {
    await workbench.page.reload();
    await workbench.page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
    sidebar = await workbench.view("sidebar");
  };

  it("shows a skeleton while the first answer is awaited", async () => {
    await standin.fail({ path: "_search", delay: 4, times: 1 });
    await reload();
    await sidebar.locator('[data-empty="loading"]').waitFor();
    await workbench.screenshot("openobserve-07-loading");
    await until("it is there", async () => (await tile(sidebar, "calls")) === 328);
  });

  it("teaches where the stream has no calls to models", async () => {
    await standin.fail({
      path: "/schema",
      status: 200,
      body: {
        name: "llm",
        schema: [
          { name: "_timestamp", type: "Int64" },
          { name: "http_route", type: "Utf8" },
        ],
      },
    });
    await reload();
    await sidebar.locator('[data-empty="no-llm-spans"]', { hasText: "no calls to models yet" }).waitFor();
    await workbench.screenshot("openobserve-08-no-calls");
    await standin.fail(null);
    await sidebar.locator("button", { hasText: "Look Again" }).click();
    await until("it is there", async () => (await tile(sidebar, "calls")) === 328);
  });

  it("says why there is nothing at all, where even the first question fails", async () => {
    await standin.fail({ path: "_search", status: 403, body: "Unauthorized Access" });
    await reload();
    await sidebar.locator('[data-empty="failed"]').waitFor();
    await workbench.screenshot("openobserve-09-failed");
    await standin.fail(null);
    await sidebar.locator("button", { hasText: "Try Again" }).click();
    await until("it is there", async () => (await tile(sidebar, "calls")) === 328);
  });

  it("asks nothing while nothing is to be seen", async () => {
    await workbench.run("View: Show Explorer");
    // The question that was cancelled is still being answered, slowly.
    await workbench.page.waitForTimeout(4000);
    await standin.takeSearches();
    await workbench.page.waitForTimeout(8000);
    assert.deepEqual(await standin.takeSearches(), []);
    sidebar = await workbench.openSidebar();
    await until("it asks again", async () => (await standin.takeSearches()).length > 0);
  });

  it("says that nobody listens, and waits longer and longer", async () => {
    standin.stop();
    await workbench.run("Prompt Cost: Refresh Spend");
    await sidebar.locator('[data-notice="stale"]').waitFor();
    assert.equal(await tile(sidebar, "calls"), 328);
    await workbench.screenshot("openobserve-06-unreachable");
  });

  it("disconnects, forgets the password, and reads the local store", async () => {
    await workbench.run("Prompt Cost: Disconnect from OpenObserve");
    await notification("its password is forgotten").waitFor();
    await sidebar.locator(".source", { hasText: "Local store" }).waitFor();
    await sidebar.locator('[data-empty="none"]').waitFor();
    await workbench.screenshot("openobserve-10-disconnected");
  });
});
