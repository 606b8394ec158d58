import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { environment } from "../host/server";

/** What the sample has sent, as it says itself. */
export interface Sent {
  calls: number;
  costUsd: number;
  inputTokens: number;
  outputTokens: number;
}

/** Sends two weeks of sample traffic with the OpenTelemetry SDK, and with `trickle` one more call every so many milliseconds. */
export async function sendSample(port: number, trickle = 0): Promise<{ sent: Sent; child: ChildProcess }> {
  const child = spawn(
    process.execPath,
    [
      path.join(environment("PROMPT_COST_ROOT"), "dist", "sample.js"),
      "--port",
      String(port),
      "--seed",
      "7",
      "--trickle",
      String(trickle),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the sample ended with ${code ?? "a signal"}`)));
  });
  const { sent, problem } = JSON.parse(line) as { sent?: Sent; problem?: string };
  if (sent === undefined) throw new Error(`the sample could not be sent: ${problem ?? ""}`);
  return { sent, child };
}

/** Waits until the receiver answers. */
export async function untilReceiving(port: number): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    try {
      await fetch(`http://127.0.0.1:${port}/v1/traces`, { method: "GET" });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  throw new Error("the receiver did not start: is the Prompt Cost view open?");
}
