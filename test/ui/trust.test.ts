import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { Locator } from "playwright-core";
import { environment, freePort } from "../host/server";
import { until } from "./looking";
import { Workbench } from "./workbench";

const table = "prompt-cost.pricing.json";

describe("A workspace that isn't trusted", () => {
  const root = environment("PROMPT_COST_ROOT");
  const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-untrusted-"));
  const prices = "prompt_cost_prices.py";
  const textOf = (file: string): string => readFileSync(path.join(workspace, file), "utf8");
  /** Every file's text, apart from what the test itself changes. */
  const texts = (): Record<string, string> =>
    Object.fromEntries(
      readdirSync(workspace, { recursive: true, encoding: "utf8" })
        .filter((file) => path.basename(file) !== table && statSync(path.join(workspace, file)).isFile())
        .map((file) => [file, textOf(file)]),
    );
  const toast = (text: string | RegExp): Locator => workbench.page.locator(".notification-toast", { hasText: text });
  let workbench: Workbench;
  let untouched: Record<string, string>;

  before(async () => {
    cpSync(path.join(root, "examples"), workspace, { recursive: true });
    const { status, stderr } = spawnSync(
      process.execPath,
      [path.join(root, "dist", "cli.js"), "instrument", "assistant/triage.py", "--all"],
      { cwd: workspace, encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
    mkdirSync(path.join(workspace, ".vscode"));
    writeFileSync(
      path.join(workspace, ".vscode", "settings.json"),
      JSON.stringify({ "promptCost.codeLens.format": "free of charge", "promptCost.receiver.port": 1 }),
    );
    untouched = texts();
    assert.ok(prices in untouched, Object.keys(untouched).join(" "));
    workbench = await Workbench.open(workspace, {
      "promptCost.receiver.port": await freePort(),
      "security.workspace.trust.enabled": true,
      "security.workspace.trust.startupPrompt": "never",
      "security.workspace.trust.banner": "never",
    });
  });
  after(async () => {
    await workbench.close();
    rmSync(workspace, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed")
      await workbench.screenshot(`failure-${this.currentTest.title.slice(0, 40).replace(/\W+/g, "-")}`);
  });

  it("shows costs, in the format of the user and not of the workspace", async () => {
    await workbench.openFile("answers.py");
    await workbench.goTo(73, 30);
    await workbench.lens(/tok in .*\$/);
    assert.ok((await workbench.lenses()).every((text) => !text.includes("free of charge")));
  });

  it("is not written to: no call, no wrapper, no prices", async () => {
    await workbench.goTo(73, 30);
    await workbench.see(toast("isn't trusted"), () => workbench.run("Prompt Cost: Instrument This Call"));
    await workbench.screenshot("trust-01-instrument");
    for (const command of ["Update Wrapper", "Instrument All Calls in the Workspace…", "Stop Tracking Everywhere…"]) {
      await workbench.run("Notifications: Clear All Notifications");
      await workbench.see(toast("isn't trusted"), () => workbench.run(`Prompt Cost: ${command}`));
    }
    await workbench.openFile(prices);
    writeFileSync(path.join(workspace, table), textOf(table).replace('"output": 10', '"output": 11'));
    // The difference is seen, and shown: what isn't trusted is not rewritten.
    await workbench.page.locator(".squiggly-warning").first().waitFor({ timeout: 20_000 });
    assert.deepEqual(texts(), untouched);
  });

  it("has its prices follow once it is trusted", async () => {
    const trust = workbench.page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ });
    await workbench.see(trust, () => workbench.run("Workspaces: Manage Workspace Trust"));
    await workbench.screenshot("trust-02-manage");
    await trust.click();
    await until("prices follow", () => Promise.resolve(textOf(prices) !== untouched[prices]));
    const { [prices]: _changed, ...others } = texts();
    const { [prices]: _was, ...othersBefore } = untouched;
    assert.deepEqual(others, othersBefore);
  });
});

describe("An unencrypted address", () => {
  const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-http-"));
  const authorizations: (string | undefined)[] = [];
  let workbench: Workbench;
  let server: Server;
  let url = "";

  before(async () => {
    server = createServer((request, response) => {
      authorizations.push(request.headers.authorization);
      response.writeHead(401).end("Unauthorized Access");
    });
    await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
    // Reaches this machine, but isn't one of the addresses that can only be this machine.
    url = `http://0.0.0.0:${(server.address() as AddressInfo).port}`;
    workbench = await Workbench.open(workspace, {
      "promptCost.receiver.port": await freePort(),
      "http.proxySupport": "off",
    });
  });
  after(async () => {
    await workbench.close();
    server.close();
    rmSync(workspace, { recursive: true, force: true });
  });

  const answer = async (question: string, text: string): Promise<void> => {
    await workbench.page.locator(".quick-input-widget", { hasText: question }).waitFor();
    await workbench.page.locator(".quick-input-widget input.input").fill(text);
    await workbench.page.keyboard.press("Enter");
  };
  const connect = async (): Promise<void> => {
    await workbench.run("Prompt Cost: Connect to OpenObserve");
    await answer("Address of OpenObserve", url);
    await answer("Organisation", "default");
    await answer("E-mail, or a whole token", "root@example.com");
    await answer("Password or passcode", "secret");
  };
  const dialog = (): Locator => workbench.page.locator(".monaco-dialog-box", { hasText: "unencrypted" });
  const refused = (): Locator => workbench.page.locator(".notification-toast", { hasText: "refused the sign-in" });

  it("gets no password unless a person agrees", async () => {
    await connect();
    await dialog().waitFor();
    await workbench.screenshot("trust-03-unencrypted");
    assert.ok((await dialog().innerText()).includes(url));
    // What a press of Enter takes is not to send.
    await workbench.page.keyboard.press("Enter");
    await dialog().waitFor({ state: "detached" });
    assert.deepEqual(authorizations, []);
  });

  it("is remembered once it was agreed to", async () => {
    await connect();
    await dialog().getByText("Send Unencrypted").click();
    await refused().waitFor();
    const first = authorizations.length;
    assert.ok(first > 0);
    await workbench.run("Notifications: Clear All Notifications");
    await connect();
    await refused().waitFor();
    assert.ok(authorizations.length > first);
    assert.equal(await dialog().count(), 0);
  });
});
