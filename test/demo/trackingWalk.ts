import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Assets } from "../../src/core/assets";
import { PriceBook } from "../../src/core/pricing/price";
import { parsePricingTable } from "../../src/core/pricing/table";
import { priceHere } from "../../src/core/telemetry/callPrice";
import { environment, freePort } from "../host/server";
import { OpenAiServer } from "../openai/server";
import { tile, until } from "../ui/looking";
import { Workbench } from "../ui/workbench";
import type { Sight } from "./walk";

/** Runs a function of the examples' assistant as the README says, against a server that answers like OpenAI. */
export async function runAssistant(
  workspace: string,
  statement: string,
  server: OpenAiServer,
  port: number,
): Promise<void> {
  const python = environment("PROMPT_COST_PYTHON_APP");
  const folder = path.dirname(python);
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env["PATH"] ?? ""}`,
    OPENAI_API_KEY: "sk-test",
    OPENAI_BASE_URL: server.url,
    OTEL_SERVICE_NAME: "assistant",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
  };
  const child = spawn(path.join(folder, "opentelemetry-instrument"), ["python", "-c", statement], {
    cwd: workspace,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let problem = "";
  child.stderr.on("data", (data) => (problem += String(data)));
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`the assistant ended with ${String(code)}: ${problem}`);
}

/** What OpenAI bills for what the server has answered, in USD, by the workspace's own prices. */
export function billedUsd(server: OpenAiServer, workspace: string): number {
  const { catalogue } = new Assets(path.join(environment("PROMPT_COST_ROOT"), "dist"));
  const prices = new PriceBook(
    parsePricingTable(readFileSync(path.join(workspace, "prompt-cost.pricing.json"), "utf8")).table,
    catalogue,
  );
  return server.billed.reduce(
    (sum, { model, inputTokens, cachedTokens, outputTokens }) =>
      sum + (priceHere(prices, model, { input: inputTokens, cached: cachedTokens, output: outputTokens }) ?? 0),
    0,
  );
}

/** From a bare call to a tracked one, and to its real cost in the sidebar. */
export async function* walkThroughTracking(workspace: string): AsyncGenerator<Sight> {
  const port = await freePort();
  const server = await OpenAiServer.start();
  OpenAiServer.priceIn(workspace);
  const workbench = await Workbench.open(workspace, { "promptCost.receiver.port": port });
  const { page } = workbench;
  try {
    await workbench.openFile("answers.py");
    await workbench.goTo(73, 1);
    await workbench.lens(/Instrument this call/);
    const question = workbench.question("Instrument This Call");
    await workbench.see(question, () =>
      page
        .locator(".codelens-decoration", { hasText: "60 out" })
        .locator("a", { hasText: "Instrument this call" })
        .click({ timeout: 5_000 }),
    );
    const filled = await question.locator("input.input").inputValue();
    if (filled !== "greet") throw new Error(`the question is answered with "${filled}"`);
    await workbench.screenshot("11-question");
    yield {
      name: "11-question",
      says: `a click above the call asks for the feature's name, already filled in: "${filled}"`,
    };

    await page.keyboard.press("Enter");
    const lens = await workbench.lens(/ · greet$/m);
    await page.locator(".notification-toast", { hasText: "prompt_cost.py was written" }).waitFor();
    await page.locator(".view-line", { hasText: 'tracked(client.chat.completions, feature="greet")' }).waitFor();
    await workbench.screenshot("12-tracked");
    yield {
      name: "12-tracked",
      says: `the call is tracked, keeps its hint, and names its feature: "${lens.split("\n")[0] ?? ""}"`,
    };

    await workbench.run("File: Save All Files");
    const sidebar = await workbench.openSidebar();
    await sidebar.locator(".source", { hasText: `receiving on :${port}` }).waitFor();
    await runAssistant(workspace, "from assistant.answers import greet; print(greet())", server, port);
    await sidebar.locator('[data-feature="greet"]').waitFor({ timeout: 15_000 });
    await until("the call is there", async () => (await tile(sidebar, "calls")) === 1);
    const [shown, billed] = [await tile(sidebar, "cost"), billedUsd(server, workspace)];
    if (Math.abs(shown - billed) > 1e-9) throw new Error(`the sidebar says ${shown}, and ${billed} was billed`);
    await sidebar.locator('[data-feature="greet"] > .row').click();
    await sidebar.locator('[data-feature="greet"] .unfolded button', { hasText: "assistant/answers.py" }).waitFor();
    await workbench.screenshot("13-spend");
    yield {
      name: "13-spend",
      says: `the program has run: its call is in the sidebar at $${billed.toFixed(6)}, as it was billed`,
    };
  } finally {
    await workbench.close();
    server.stop();
  }
}
