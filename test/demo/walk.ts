import { writeFileSync } from "node:fs";
import path from "node:path";
import { Workbench } from "../ui/workbench";

/** One thing that a person sees, and how it is told that they do. */
export interface Sight {
  name: string;
  says: string;
}

/**
 * The main job, as a person does it: opens a file, reads the hints, types, hovers, clicks, changes a price.
 * Throws where something isn't on the screen.
 */
export async function* walkThroughMainJob(workspace: string): AsyncGenerator<Sight> {
  const workbench = await Workbench.open(workspace);
  const { page } = workbench;
  let number = 0;
  const seen = async (name: string, says: string): Promise<Sight> => {
    const file = `${String(++number).padStart(2, "0")}-${name}`;
    await workbench.screenshot(file);
    return { name: file, says };
  };
  try {
    await workbench.openFile("answers.py");
    await workbench.goTo(45, 1);
    const first = await workbench.lens(/\+ tok in · ≤ 300 out · \$[\d.]+\+ \/ call · gpt-4o-mini/);
    yield await seen("python-hints", `each call of answers.py says what it costs: "${first}"`);

    await workbench.openFile("search.ts");
    await workbench.goTo(16, 1);
    const typescript = await workbench.lens(/\+ tok in · ≤ 150 out · .* gpt-4o-mini/);
    yield await seen("typescript-hints", `the same in TypeScript: "${typescript}"`);

    await workbench.openFile("answers.py");
    await workbench.goTo(73, 30);
    const exact = await workbench.lens(/^≈ \d+ tok in · ≤ 60 out/);
    await workbench.see(page.locator(".monaco-hover:visible", { hasText: "output at its limit" }), async () => {
      await page.keyboard.press("Control+K");
      await page.keyboard.press("Control+I");
    });
    yield await seen("hover", "the hover breaks the call down: tokens by message, cost, where each figure is from");
    await page.keyboard.press("Escape");

    await workbench.goTo(77, 88);
    await page.keyboard.type(" Ask for the order's number.");
    const before = Number(/\d+/.exec(exact)?.[0]);
    const after = await workbench.lens(new RegExp(`^≈ (?!${before} )\\d+ tok in · ≤ 60 out`));
    yield await seen("typing", `the hint follows the typing: "${exact}" became "${after}"`);
    await page.keyboard.press("Control+Z");

    const frame = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
    await workbench.see(frame.locator("td", { hasText: "system message" }).first(), () =>
      page.locator(".codelens-decoration a", { hasText: "60 out" }).first().click({ timeout: 5_000 }),
    );
    yield await seen("breakdown", "a click on the hint opens the call's breakdown beside the code");
    await workbench.run("View: Close All Editor Groups");

    await workbench.openFile("answers.py");
    await workbench.goTo(45, 1);
    await workbench.lens(/≤ 500 out/);
    const table = path.join(workspace, "prompt-cost.pricing.json");
    const prices = { models: { "gpt-4o": { input: 25, output: 100 } } };
    writeFileSync(table, JSON.stringify(prices, null, 2));
    const repriced = await workbench.lens(/≤ 500 out · \$0\.05\d+\+ \/ call · gpt-4o/);
    yield await seen(
      "repriced",
      `a price changed in prompt-cost.pricing.json, ten times as high, changes every hint: "${repriced}"`,
    );

    writeFileSync(table, JSON.stringify({ models: { "gpt-4o": { input: "cheap" } } }, null, 2));
    await workbench.openFile("prompt-cost.pricing.json");
    await page.locator(".squiggly-error").first().waitFor({ timeout: 20_000 });
    await workbench.see(page.locator(".markers-panel", { hasText: "Prompt Cost Lens" }), () =>
      workbench.run("Problems: Focus on Problems View"),
    );
    yield await seen(
      "broken-table",
      "an error in the pricing table is shown at its place; the last good prices stay in force",
    );
  } finally {
    await workbench.close();
  }
}
