import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { runOnDesktop } from "./desktop";
import { runOnServer } from "./serverSuite";
import { environment } from "./server";

/**
 * Runs the suites of `test/vscode` inside a real VS Code: the desktop's where it can be had, else the server's.
 * PROMPT_COST_TEST_HOST (desktop, server) forces one.
 */
async function main(): Promise<void> {
  const root = environment("PROMPT_COST_ROOT");
  const suite = path.join(root, "out", "vscode", "run.entry.js");
  // The suites write into their workspace.
  const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-workspace-"));
  cpSync(path.join(root, "test", "vscode", "workspace"), workspace, { recursive: true });
  const results = path.join(os.tmpdir(), `prompt-cost-results-${process.pid}.txt`);
  process.env["PROMPT_COST_RESULTS"] = results;
  writeFileSync(results, "");
  try {
    process.exitCode = await runSuite(root, suite, workspace);
  } finally {
    process.stdout.write(readFileSync(results, "utf8"));
    rmSync(results);
    rmSync(workspace, { recursive: true, force: true });
  }
}

async function runSuite(root: string, suite: string, workspace: string): Promise<number> {
  const forced = process.env["PROMPT_COST_TEST_HOST"];
  if (forced !== undefined && !["desktop", "server"].includes(forced))
    throw new Error(`PROMPT_COST_TEST_HOST is "${forced}": it can be desktop or server`);
  if (forced !== "server") {
    const result = await runOnDesktop(root, suite, workspace, forced === "desktop");
    if (result !== "not available") return result;
  }
  console.log("Host: VS Code's server (code-server), in a headless browser.");
  return runOnServer(root, suite, workspace);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
