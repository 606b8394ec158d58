import { cpSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { walkThroughSpend } from "../demo/spendWalk";
import { walkThroughMainJob } from "../demo/walk";
import { environment } from "../host/server";

describe("The main job, through the UI of the installed package", () => {
  const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-ui-"));
  const sights = walkThroughMainJob(workspace);

  before(() => cpSync(path.join(environment("PROMPT_COST_ROOT"), "examples"), workspace, { recursive: true }));
  after(async () => {
    await sights.return(undefined);
    rmSync(workspace, { recursive: true, force: true });
  });

  // One test a sight; the walk throws where something isn't on the screen.
  for (const name of ["python-hints", "typescript-hints", "hover", "typing", "breakdown", "repriced", "broken-table"]) {
    it(`shows ${name}`, async () => {
      const { value, done } = await sights.next();
      if (done === true || !value.name.endsWith(name)) throw new Error(`${name} was not reached`);
    });
  }
});

describe("Spend of sample traffic, as the demo walks through it", () => {
  const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-ui-"));
  const sights = walkThroughSpend(workspace);

  before(() => cpSync(path.join(environment("PROMPT_COST_ROOT"), "examples"), workspace, { recursive: true }));
  after(async () => {
    await sights.return(undefined);
    rmSync(workspace, { recursive: true, force: true });
  });

  for (const name of ["sidebar", "dashboard", "efficiency"]) {
    it(`shows ${name}`, async () => {
      const { value, done } = await sights.next();
      if (done === true || !value.name.endsWith(name)) throw new Error(`${name} was not reached`);
    });
  }
});
