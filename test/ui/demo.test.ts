import { cpSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { walkThroughSpend } from "../demo/spendWalk";
import { walkThroughTracking } from "../demo/trackingWalk";
import { type Sight, walkThroughMainJob } from "../demo/walk";
import { environment } from "../host/server";

const walks: Record<string, { walk: (workspace: string) => AsyncGenerator<Sight>; sights: string[] }> = {
  "The main job, through the UI of the installed package": {
    walk: walkThroughMainJob,
    sights: ["python-hints", "typescript-hints", "hover", "typing", "breakdown", "repriced", "broken-table"],
  },
  "Spend of sample traffic, as the demo walks through it": {
    walk: walkThroughSpend,
    sights: ["sidebar", "dashboard", "efficiency"],
  },
  "A call that is instrumented, as the demo walks through it": {
    walk: walkThroughTracking,
    sights: ["question", "tracked", "spend"],
  },
};

for (const [title, { walk, sights }] of Object.entries(walks)) {
  describe(title, () => {
    const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-ui-"));
    const seen = walk(workspace);

    before(() => cpSync(path.join(environment("PROMPT_COST_ROOT"), "examples"), workspace, { recursive: true }));
    after(async () => {
      await seen.return(undefined);
      rmSync(workspace, { recursive: true, force: true });
    });

    // One test a sight; the walk throws where something isn't on the screen.
    for (const name of sights) {
      it(`shows ${name}`, async () => {
        const { value, done } = await seen.next();
        if (done === true || !value.name.endsWith(name)) throw new Error(`${name} was not reached`);
      });
    }
  });
}
