import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Scenario } from "./scenario";
import { clockJumps } from "./scenarios/clockJumps";
import { damagedLogs } from "./scenarios/damagedLogs";
import { fullDisk } from "./scenarios/fullDisk";
import { hostileBodies } from "./scenarios/hostileBodies";
import { hostileRepositories } from "./scenarios/hostileRepositories";
import { kills } from "./scenarios/kills";
import { owners } from "./scenarios/owners";
import { powerCuts } from "./scenarios/powerCuts";

/**
 * `npm run soak -- MINUTES [NAME…]`: faults one after the other for so long, with a ledger of what was confirmed. Ends
 * with 1 where anything was lost, invented or hung; the folder of such a round is kept.
 */
const scenarios: readonly Scenario[] = [
  kills,
  powerCuts,
  damagedLogs,
  fullDisk,
  clockJumps,
  owners,
  hostileBodies,
  hostileRepositories,
];

async function main(): Promise<void> {
  const [minutes = "", ...names] = process.argv.slice(2);
  const chosen = scenarios.filter(({ name }) => names.length === 0 || names.includes(name));
  if (!(Number(minutes) > 0) || chosen.length === 0) {
    console.error(
      `Usage: npm run soak -- MINUTES [NAME…]; names: ${scenarios.map(({ name }) => `"${name}"`).join(", ")}`,
    );
    process.exitCode = 2;
    return;
  }
  const until = Date.now() + Number(minutes) * 60_000;
  const sums = new Map(
    chosen.map(({ name }) => [name, { rounds: 0, failed: 0, counts: {} as Record<string, number> }]),
  );
  const skipped = new Set<string>();
  do {
    for (const { name, round } of chosen) {
      const sum = sums.get(name);
      if (sum === undefined || skipped.has(name)) continue;
      const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-soak-"));
      try {
        const counts = await round(folder);
        if (counts === null) {
          skipped.add(name);
          console.log(`${name}: skipped, this machine can't do it`);
        } else {
          sum.rounds++;
          for (const [what, count] of Object.entries(counts)) sum.counts[what] = (sum.counts[what] ?? 0) + count;
        }
        rmSync(folder, { recursive: true, force: true });
      } catch (error) {
        sum.failed++;
        console.error(`${name} FAILED (kept in ${folder}): ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } while (Date.now() < until);
  let [passed, failed] = [0, 0];
  for (const [name, sum] of sums) {
    passed += sum.rounds;
    failed += sum.failed;
    // A ledger without entries proves nothing.
    if (sum.rounds > 0 && sum.counts["confirmed"] === 0) {
      failed++;
      console.error(`${name} FAILED: nothing was confirmed in any of its rounds`);
    }
    const counts = Object.entries(sum.counts).map(([what, count]) => `${count.toLocaleString("en")} ${what}`);
    console.log(`${name}: ${[`${sum.rounds} rounds`, ...counts].join(", ")}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

void main();
