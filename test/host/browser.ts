/// <reference lib="dom" />
import { type Browser, type Page, chromium } from "playwright-core";
import { environment } from "./server";

/** A headless browser that looks for nothing on the network. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: environment("PROMPT_COST_CHROMIUM"),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A built workbench takes an extension under development only with this set in its page. */
export async function allowDevelopmentExtension(page: Page): Promise<void> {
  await page.addInitScript(() => {
    new MutationObserver((_changes, observer) => {
      const meta = document.getElementById("vscode-workbench-web-configuration");
      const settings = meta?.getAttribute("data-settings");
      if (meta === null || settings === null || settings === undefined) return;
      const parsed = JSON.parse(settings) as Record<string, unknown>;
      meta.setAttribute(
        "data-settings",
        JSON.stringify({ ...parsed, developmentOptions: { enableSmokeTestDriver: true } }),
      );
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  });
}
