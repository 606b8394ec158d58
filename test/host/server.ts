import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";

/** A VS Code server on this machine, with a profile of its own. */
export interface ServerHost {
  port: number;
  profile: string;
  /** The address that opens a folder. */
  urlOf(folder: string): string;
  stop(): Promise<void>;
}

export const environment = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new Error(`${name} is not set: run this through npm test or npm run demo`);
  return value;
};

/** The setting with which VS Code asks whether a workspace is trusted. */
const TRUST = "security.workspace.trust.enabled";

/** First-run pages and prompts are turned off by settings, not by clicks. */
const quietSettings = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  [TRUST]: false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "window.commandCenter": false,
  "editor.minimap.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};

/** @param vsix an extension to install from its file first. */
export async function startServer(
  options: { vsix?: string; settings?: Record<string, unknown> } = {},
): Promise<ServerHost> {
  const profile = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-host-"));
  const userFolder = path.join(profile, "data", "User");
  mkdirSync(userFolder, { recursive: true });
  writeFileSync(path.join(userFolder, "settings.json"), JSON.stringify({ ...quietSettings, ...options.settings }));
  // Settings of the machine where programs run are read from there in a remote window, as a browser's is.
  mkdirSync(path.join(profile, "data", "Machine"), { recursive: true });
  writeFileSync(path.join(profile, "data", "Machine", "settings.json"), JSON.stringify(options.settings ?? {}));
  const common = [
    environment("PROMPT_COST_SERVER_ENTRY"),
    "--user-data-dir",
    path.join(profile, "data"),
    "--extensions-dir",
    path.join(profile, "extensions"),
  ];
  if (options.vsix !== undefined)
    await finished(
      spawn(environment("PROMPT_COST_SERVER_NODE"), [...common, "--install-extension", options.vsix], {
        stdio: "pipe",
      }),
    );
  const port = await freePort();
  const child = spawn(
    environment("PROMPT_COST_SERVER_NODE"),
    [
      ...common,
      "--auth",
      "none",
      "--bind-addr",
      `127.0.0.1:${port}`,
      "--disable-telemetry",
      "--disable-update-check",
      ...(options.settings?.[TRUST] === true ? [] : ["--disable-workspace-trust"]),
      "--disable-getting-started-override",
    ],
    { stdio: "pipe", env: { ...process.env, PORT: undefined } },
  );
  child.stdout.resume();
  child.stderr.resume();
  await healthy(port, child);
  return {
    port,
    profile,
    urlOf: (folder) => `http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`,
    stop: async () => {
      const exit = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function finished(child: ChildProcess): Promise<void> {
  let output = "";
  child.stdout?.on("data", (data) => (output += String(data)));
  child.stderr?.on("data", (data) => (output += String(data)));
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`the extension did not install: ${output}`);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

async function healthy(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    if (child.exitCode !== null) throw new Error(`VS Code's server ended with code ${child.exitCode}`);
    try {
      if ((await fetch(`http://127.0.0.1:${port}/healthz`)).ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  child.kill();
  throw new Error("VS Code's server did not answer within 30 seconds");
}
