import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { isCodeOnPath } from "../host/desktop";
import { environment, startServer } from "../host/server";
import { sendSample, untilReceiving } from "./sample";
import { walkThroughSpend } from "./spendWalk";
import { walkThroughTracking } from "./trackingWalk";
import { walkThroughMainJob } from "./walk";

const PORT = 4318;
/** Milliseconds between the calls that follow the two weeks. */
const TRICKLE = 2500;

/** `npm run demo`: a real VS Code on the examples, for a person or, with --headless, for a machine. */
async function main(): Promise<void> {
  const root = environment("PROMPT_COST_ROOT");
  const examples = path.join(root, "examples");
  if (process.argv.includes("--headless")) return walk(examples);
  if (isCodeOnPath()) {
    await openOnDesktop(examples);
    return keepSending();
  }
  const server = await startServer({ vsix: environment("PROMPT_COST_VSIX") });
  console.log(
    `VS Code is open on examples/: ${server.urlOf(examples)}\nOpen that address, then assistant/answers.py, and the Prompt Cost view in the activity bar. Ctrl+C ends it.`,
  );
  void keepSending();
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await server.stop();
}

async function walk(examples: string): Promise<void> {
  const workspace = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-demo-"));
  console.log(`Screenshots: ${environment("PROMPT_COST_SCREENSHOTS")}`);
  try {
    cpSync(examples, workspace, { recursive: true });
    for await (const { name, says } of walkThroughMainJob(workspace)) console.log(`${name}.png: ${says}`);
    console.log("The main job runs.");
    for await (const { name, says } of walkThroughSpend(workspace)) console.log(`${name}.png: ${says}`);
    console.log("Spend arrives, and is shown to the cent.");
    cpSync(examples, workspace, { recursive: true });
    for await (const { name, says } of walkThroughTracking(workspace)) console.log(`${name}.png: ${says}`);
    console.log("A call is instrumented, and its real cost is shown.");
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** Two weeks of sample traffic as soon as the view is open and receives, then a trickle. */
async function keepSending(): Promise<void> {
  console.log(
    "Sample traffic is sent as soon as the Prompt Cost view is open; it is marked, and “Remove Sample Traffic” removes it.",
  );
  await untilReceiving(PORT);
  const { sent, child } = await sendSample(PORT, TRICKLE);
  console.log(
    `Sent ${sent.calls} calls of two weeks, $${sent.costUsd.toFixed(2)}; one more follows every ${TRICKLE / 1000} s until you press Ctrl+C.`,
  );
  process.once("exit", () => child.kill());
  await new Promise<void>((resolve) => child.once("exit", () => resolve()));
}

function openOnDesktop(examples: string): Promise<void> {
  const code = (args: string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      spawn("code", args, { stdio: "inherit" }).once("exit", (status) =>
        status === 0 ? resolve() : reject(new Error(`code ended with ${status ?? "a signal"}`)),
      );
    });
  console.log("Opening desktop VS Code on examples/.");
  return code(["--install-extension", environment("PROMPT_COST_VSIX"), "--force"]).then(() =>
    code(["--new-window", examples, path.join(examples, "assistant", "answers.py")]),
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
