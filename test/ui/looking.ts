import * as assert from "node:assert/strict";
import type { Frame } from "playwright-core";

/** The exact figure behind a tile. */
export const tile = async (frame: Frame, id: string): Promise<number> =>
  Number(await frame.locator(`[data-tile="${id}"]`).getAttribute("data-value"));
/** Looks until something holds: fifteen seconds at most. */
export async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    try {
      if (await check()) return;
    } catch {
      // What is looked at isn't there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`never: ${what}`);
}
