import { freePort } from "../host/server";
import { tile, until } from "../ui/looking";
import { Workbench } from "../ui/workbench";
import { sendSample } from "./sample";
import type { Sight } from "./walk";

/** Spend, as a first-time user sees it: sample traffic arrives, the sidebar and the dashboard say what was sent, to the cent. */
export async function* walkThroughSpend(workspace: string): AsyncGenerator<Sight> {
  const port = await freePort();
  const workbench = await Workbench.open(workspace, { "promptCost.receiver.port": port });
  try {
    const sidebar = await workbench.openSidebar();
    await sidebar.locator(".source", { hasText: `receiving on :${port}` }).waitFor();
    const { sent } = await sendSample(port);
    await sidebar.locator('select[aria-label="Range"]').selectOption("30d");
    await until("every call has arrived", async () => (await tile(sidebar, "calls")) === sent.calls);
    const cost = await tile(sidebar, "cost");
    if (Math.abs(cost - sent.costUsd) > 1e-6) throw new Error(`the sidebar says ${cost}, and ${sent.costUsd} was sent`);
    await workbench.screenshot("08-sidebar");
    yield {
      name: "08-sidebar",
      says: `the sidebar adds up to what the OpenTelemetry SDK sent: ${sent.calls} calls, $${sent.costUsd.toFixed(4)}`,
    };

    await workbench.page.setViewportSize({ width: 1500, height: 1200 });
    const dashboard = await workbench.openDashboard();
    await until("the dashboard is there", async () => (await tile(dashboard, "calls")) === sent.calls);
    for (const [id, figure] of [
      ["cost", sent.costUsd],
      ["input", sent.inputTokens],
      ["output", sent.outputTokens],
    ] as const) {
      const shown = await tile(dashboard, id);
      if (Math.abs(shown - figure) > 1e-6)
        throw new Error(`the dashboard says ${shown} for ${id}, and ${figure} was sent`);
    }
    await workbench.screenshot("09-dashboard");
    yield { name: "09-dashboard", says: "the dashboard's tiles say the same, to the cent" };
    await dashboard.locator("#tab-efficiency").click();
    await dashboard.locator('[data-panel="latency"]').waitFor();
    await workbench.screenshot("10-efficiency");
    yield { name: "10-efficiency", says: "the second tab tells how well tokens are used" };
  } finally {
    await workbench.close();
  }
}
