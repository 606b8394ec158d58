import * as assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Frame } from "playwright-core";
import { type Span, encodeTraces } from "../openobserve/otlp";
import { environment, freePort } from "../host/server";
import { requestOf, span } from "../unit/telemetry/spans";
import { tile, until } from "./looking";
import { Workbench } from "./workbench";

const hostile = `<img src=x onerror="document.title='owned'">`;

async function send(port: number, spans: Span[]): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: "POST",
    headers: { "Content-Type": "application/x-protobuf" },
    body: Buffer.from(encodeTraces(requestOf(spans))),
  });
  assert.equal(response.status, 200);
}

const call = (feature: string, usd: number, minutesAgo: number, more: Record<string, string | number> = {}) =>
  span({
    at: Date.now() - minutesAgo * 60_000,
    attributes: {
      feature,
      team: "docs",
      environment: "prod",
      user_id: "u1",
      "gen_ai.usage.input_tokens": 1000,
      "gen_ai.usage.output_tokens": 200,
      "gen_ai.usage.cost_usd": usd,
      ...more,
    },
  });

/** What axe finds wrong with a view, in words. */
async function axe(frame: Frame): Promise<string[]> {
  await frame.evaluate(
    readFileSync(path.join(environment("PROMPT_COST_ROOT"), "node_modules/axe-core/axe.min.js"), "utf8"),
  );
  return frame.evaluate(async () => {
    const { axe: tool } = globalThis as unknown as {
      axe: {
        run: (
          context: unknown,
          options: unknown,
        ) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
      };
    };
    // The page's own frame has no landmarks of a whole site.
    const { violations } = await tool.run(document, {
      rules: { region: { enabled: false }, "page-has-heading-one": { enabled: false } },
    });
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html }) => html.slice(0, 160))
          .join(" | ")}`,
    );
  });
}

describe("Spend, through the UI", () => {
  const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-spend-"));
  let workbench: Workbench;
  let sidebar: Frame;
  let dashboard: Frame;
  let port = 0;

  before(async () => {
    cpSync(path.join(environment("PROMPT_COST_ROOT"), "examples"), workspace, { recursive: true });
    port = await freePort();
    workbench = await Workbench.open(workspace, {
      "promptCost.receiver.port": port,
      "workbench.colorTheme": "Default Dark Modern",
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

  it("says what to do while there is nothing", async () => {
    sidebar = await workbench.openSidebar();
    await sidebar.locator('[data-empty="none"]').waitFor();
    await sidebar.locator("text=Send Sample Traffic").waitFor();
    assert.match(
      await sidebar.locator(".code").innerText(),
      new RegExp(`OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${port}`),
    );
    await sidebar.locator(".source", { hasText: `receiving on :${port}` }).waitFor();
    assert.deepEqual(await axe(sidebar), []);
    await workbench.screenshot("spend-01-empty");
  });

  it("shows a call within two seconds", async () => {
    const sent = performance.now();
    await send(port, [
      call("first", 0.0061, 0, {
        "code.file.path": "assistant/answers.py",
        "code.line.number": 48,
        "code.function.name": "Assistant.refund",
      }),
    ]);
    await sidebar.locator('[data-feature="first"]').waitFor({ timeout: 2000 });
    assert.ok(performance.now() - sent < 2000);
    assert.equal(await tile(sidebar, "cost"), 0.0061);
    assert.equal(await tile(sidebar, "calls"), 1);
    await sidebar.locator(".live li", { hasText: "$0.0061" }).waitFor();
  });

  it("adds up to the cent, with hostile names as plain text", async () => {
    await send(port, [
      ...Array.from({ length: 12 }, (_, index) => call("document_summary", 0.5, index * 45)),
      call(hostile, 2.25, 30, {
        team: hostile,
        environment: hostile,
        user_id: hostile,
        "gen_ai.request.model": hostile,
      }),
      call("chat_reply", 0.0003, 5, { "gen_ai.request.model": "gpt-4o-mini", environment: "staging" }),
      span({
        at: Date.now() - 60_000,
        error: true,
        durationMs: 90,
        attributes: { feature: "chat_reply", "error.type": "RateLimitError", "http.response.status_code": 429 },
      }),
      span({
        at: Date.now() - 120_000,
        attributes: {
          feature: "odd",
          "gen_ai.request.model": "my-model",
          "gen_ai.usage.input_tokens": 10,
          "gen_ai.usage.output_tokens": 1,
        },
      }),
    ]);
    await until("all calls are there", async () => (await tile(sidebar, "calls")) === 17);
    assert.ok(Math.abs((await tile(sidebar, "cost")) - (0.0061 + 6 + 2.25 + 0.0003)) < 1e-9);
    assert.equal(await sidebar.locator('[data-feature="document_summary"]').getAttribute("data-value"), "6");
    assert.match(await sidebar.locator('[data-feature="odd"]').innerText(), /price unknown/);
    assert.match(await sidebar.locator('[data-notice="unpriced"]').innerText(), /1 call has no known price/);
    assert.equal(await sidebar.locator("img").count(), 0);
    assert.ok((await sidebar.locator(".feature .name").allInnerTexts()).includes(hostile));
    await sidebar.locator(".live li", { hasText: "429" }).waitFor();
    await workbench.screenshot("spend-02-sidebar");
  });

  it("unfolds a feature, and leads to its call in the code", async () => {
    const row = sidebar.locator('[data-feature="first"] > .row');
    await row.click();
    assert.equal(await row.getAttribute("aria-expanded"), "true");
    await sidebar.locator('[data-feature="first"] .unfolded', { hasText: "gpt-4o" }).waitFor();
    await sidebar.locator('[data-feature="first"] .unfolded button', { hasText: "assistant/answers.py:48" }).click();
    await workbench.page.locator(".tab.active", { hasText: "answers.py" }).waitFor();
    await workbench.page.locator(".statusbar-item", { hasText: "Ln 48," }).waitFor();
  });

  it("can be worked by keyboard alone", async () => {
    const row = sidebar.locator('[data-feature="chat_reply"] > .row');
    await row.focus();
    await workbench.page.keyboard.press("Enter");
    await sidebar.locator('[data-feature="chat_reply"] .unfolded').waitFor();
    await workbench.page.keyboard.press("Tab");
    const inside = await sidebar.evaluate(
      () => document.activeElement?.closest("[data-feature]")?.getAttribute("data-feature") ?? "",
    );
    assert.equal(inside, "chat_reply", "the next stop is inside what was unfolded");
    await row.focus();
    await workbench.page.keyboard.press("Space");
    await until("it is folded", async () => (await row.getAttribute("aria-expanded")) === "false");
  });

  it("keeps what is unfolded and chosen when it is hidden and shown again", async () => {
    await sidebar.locator('select[aria-label="Filter by environment"]').selectOption({ label: "prod" });
    await until("the filter holds", async () => (await tile(sidebar, "calls")) === 13);
    await workbench.run("View: Show Explorer");
    sidebar = await workbench.openSidebar();
    await until("the filter still holds", async () => (await tile(sidebar, "calls")) === 13);
    assert.equal(await sidebar.locator('[data-feature="first"] > .row').getAttribute("aria-expanded"), "true");
    await sidebar.locator('select[aria-label="Filter by environment"]').selectOption({ label: "All environments" });
    await until("the filter is gone", async () => (await tile(sidebar, "calls")) === 17);
  });

  it("draws the dashboard, whose panels add up to the same", async () => {
    await workbench.page.setViewportSize({ width: 1500, height: 1100 });
    dashboard = await workbench.openDashboard();
    await until("the tiles are there", async () => (await tile(dashboard, "calls")) === 17);
    const titles = await dashboard.locator(".tile dt").allInnerTexts();
    assert.deepEqual(titles, ["Total LLM Cost", "Total Input Tokens", "Total Output Tokens", "Total LLM Calls"]);
    const panels = await dashboard.locator("[data-panel] h2").allInnerTexts();
    for (const title of [
      "LLM cost over time",
      "Cost by model",
      "Input vs. output cost over time",
      "Token usage by model",
      "Token usage over time",
      "Cost by feature",
      "Cost by team",
      "Cost by environment",
      "Cost by user",
    ])
      assert.ok(panels.includes(title), title);
    const total = await tile(dashboard, "cost");
    for (const id of ["cost-over-time", "cost-by-model", "input-output-cost"]) {
      await dashboard.locator(`[data-panel="${id}"] button[aria-label$="as a table"]`).click();
      const values = await dashboard
        .locator(`[data-panel="${id}"] td.number`)
        .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute("data-value"))));
      assert.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) - total) < 1e-9, id);
      await dashboard.locator(`[data-panel="${id}"] button[aria-label$="as a table"]`).click();
    }
    for (const id of ["by-feature", "by-team", "by-environment", "by-user"]) {
      const values = await dashboard
        .locator(`[data-panel="${id}"] tbody tr td:nth-child(2)`)
        .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute("data-value"))));
      assert.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) - total) < 1e-9, id);
    }
    await workbench.screenshot("spend-03-dashboard");
  });

  it("really draws: no chart is an empty canvas", async () => {
    const colors = await dashboard.locator("canvas").evaluateAll((canvases) =>
      canvases.map((canvas) => {
        const element = canvas as unknown as {
          width: number;
          height: number;
          getContext: (kind: "2d") => {
            getImageData: (x: number, y: number, width: number, height: number) => { data: Uint8ClampedArray };
          };
        };
        const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
        const seen = new Set<number>();
        for (let at = 0; at < data.length; at += 4)
          if ((data[at + 3] ?? 0) > 200)
            seen.add(((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0));
        return seen.size;
      }),
    );
    assert.ok(colors.length >= 5 && colors.every((count) => count > 3), `colours of the canvases: ${colors.join()}`);
  });

  it("filters to a slice, a row and a legend's name, and back", async () => {
    await dashboard.locator('[data-panel="by-feature"] button', { hasText: "document_summary" }).click();
    await until("only that feature is left", async () => (await tile(dashboard, "calls")) === 12);
    await dashboard.locator(".chip", { hasText: "document_summary" }).click();
    await until("all are back", async () => (await tile(dashboard, "calls")) === 17);
    const pie = dashboard.locator('[data-panel="cost-by-model"] canvas');
    const box = await pie.boundingBox();
    assert.ok(box !== null);
    // gpt-4o has the largest slice: it begins at twelve o'clock and turns right.
    await pie.click({ position: { x: box.width / 2 + Math.min(box.width, box.height) / 5, y: box.height / 2 } });
    await until("only that model is left", async () => (await tile(dashboard, "calls")) === 14);
    await dashboard.locator('select[aria-label="Filter by model"]').selectOption({ label: "All models" });
    await until("all are back", async () => (await tile(dashboard, "calls")) === 17);
    const legend = dashboard.locator('[data-panel="cost-over-time"] .legend button[aria-pressed]').first();
    await legend.click();
    assert.equal(await legend.getAttribute("aria-pressed"), "false");
    await legend.click();
  });

  it("has the second tab, told and worked as tabs are", async () => {
    await dashboard.locator("#tab-overview").focus();
    await workbench.page.keyboard.press("ArrowRight");
    await until(
      "the tab is chosen",
      async () => (await dashboard.locator("#tab-efficiency").getAttribute("aria-selected")) === "true",
    );
    const panels = await dashboard.locator("[data-panel] h2").allInnerTexts();
    for (const title of [
      "Tokens per call over time, by feature",
      "Cost per call over time, by feature",
      "Cached share of input, and what it saved",
      "Latency and time to first token, by feature",
      "Finish reasons",
      "Errors and 429s over time",
      "Most expensive single calls",
    ])
      assert.ok(panels.includes(title), title);
    assert.match(await dashboard.locator('[data-panel="costliest"] tbody tr').first().innerText(), /\$2\.25/);
    await workbench.screenshot("spend-04-efficiency");
  });

  it("is accessible in a dark, a light and a high-contrast theme", async () => {
    for (const [theme, name] of [
      ["Default Light Modern", "vs"],
      ["Default High Contrast", "hc-black"],
      ["Default Dark Modern", "vs-dark"],
    ] as const) {
      await workbench.setTheme(theme, name);
      assert.deepEqual([...(await axe(sidebar)), ...(await axe(dashboard))], [], theme);
      await workbench.screenshot(`spend-05-${name}`);
    }
  });

  it("fits a sidebar of 240 pixels", async () => {
    const width = await workbench.narrowSidebar(240);
    assert.ok(width <= 250, `the sidebar has ${width} pixels`);
    const isCut = await sidebar.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    assert.equal(isCut, false, "nothing sticks out to the right");
    await workbench.screenshot("spend-06-narrow");
  });

  it("can be moved to another place, and keeps what it shows", async () => {
    await workbench.run("View: Move View");
    const pick = (text: string) =>
      workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first().click();
    await pick("Spend");
    await pick("New Panel Entry");
    sidebar = await workbench.view("sidebar");
    await until("its figures are there", async () => (await tile(sidebar, "calls")) === 17);
    assert.equal(await sidebar.locator('[data-feature="first"] > .row').getAttribute("aria-expanded"), "true");
    await workbench.screenshot("spend-08-moved");
    await workbench.run("View: Reset View Locations");
    sidebar = await workbench.openSidebar();
    await until("it is back", async () => (await tile(sidebar, "calls")) === 17);
  });

  it("copies a panel as CSV, and saves it as a file", async () => {
    await dashboard.locator("#tab-overview").click();
    await dashboard.locator('button[aria-label="Save “Cost by feature” as CSV"]').click();
    // The dialog offers a name in the workspace, which is taken as it is.
    const accept = async (): Promise<void> => {
      const dialog = workbench.page.locator(".quick-input-widget", { hasText: "OK" });
      await dialog.waitFor();
      await dialog.getByRole("button", { name: "OK" }).click();
    };
    const saved = (name: string): Buffer =>
      readFileSync(
        path.join(
          workspace,
          `${name}-${new Date().toISOString().slice(0, 10)}.${name === "by-feature" ? "csv" : "png"}`,
        ),
      );
    await accept();
    await until("the file is there", () =>
      Promise.resolve(saved("by-feature").toString().includes("document_summary,6,")),
    );
    await dashboard.locator('button[aria-label="Save “LLM cost over time” as PNG"]').click();
    await accept();
    await until("the picture is there", () =>
      Promise.resolve(saved("cost-over-time").subarray(1, 4).toString() === "PNG"),
    );
    await dashboard.locator("#tab-efficiency").click();
  });

  it("survives reloading the window", async () => {
    // In a browser, VS Code saves what editors show every five seconds, once it is idle: on a busy machine, later.
    await workbench.page.waitForTimeout(12_000);
    await workbench.page.reload();
    await workbench.page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
    dashboard = await workbench.view("dashboard");
    await until(
      "its figures are back",
      async () => (await dashboard.locator('[data-panel="costliest"]').count()) === 1,
    );
    assert.equal(await dashboard.locator("#tab-efficiency").getAttribute("aria-selected"), "true");
    sidebar = await workbench.view("sidebar");
    await until("the sidebar is back", async () => (await tile(sidebar, "calls")) === 17);
    assert.equal(await sidebar.locator('[data-feature="first"] > .row').getAttribute("aria-expanded"), "true");
  });

  it("sends sample traffic, marks it, and removes it again", async () => {
    await workbench.run("Prompt Cost: Send Sample Traffic");
    await until("it is marked", async () => (await sidebar.locator('[data-notice="sample"]').count()) === 1);
    await until("there is much more", async () => (await tile(sidebar, "calls")) > 100);
    await workbench.screenshot("spend-07-sample");
    await sidebar.locator("button", { hasText: "Remove Sample Traffic" }).click();
    await until("only one's own calls are left", async () => (await tile(sidebar, "calls")) === 17);
  });
});
