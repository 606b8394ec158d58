import { Workbench } from "./workbench";
async function main() {
  const w = await Workbench.open("/work/main/examples", { "workbench.startupEditor": "none", "workbench.colorTheme": "Default Dark Modern" });
  try {
    await w.run("View: Show Prompt Cost");
    await w.page.waitForTimeout(3000);
    await w.screenshot("x1-empty");
    await w.run("Prompt Cost: Send Sample Traffic");
    await w.page.waitForTimeout(6000);
    for (const f of w.page.frames()) { const b = f.locator(".feature .row").first(); if (await b.count().catch(() => 0)) { await b.click(); await f.locator(".feature .row").nth(2).click(); } }
    await w.page.waitForTimeout(1000);
    await w.screenshot("x2-sidebar");
    await w.run("Prompt Cost: Open Cost Dashboard");
    await w.page.setViewportSize({ width: 1500, height: 2200 });
    await w.page.waitForTimeout(4000);
    await w.screenshot("x3-dashboard");
  } finally { await w.close(); }
}
void main();
