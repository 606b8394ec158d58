import * as vscode from "vscode";
import { inWords } from "../core/failure";
import type { WorkerHealth } from "../worker/rpc/client";
import { commands } from "./contributions";
import type { EstimateStore } from "./estimates";
import { showWarning } from "./notifications";

/** A worker, as far as its health goes. */
interface Patient {
  readonly health: WorkerHealth;
  readonly isStarted: boolean;
  onDidChangeHealth: (listener: () => void) => { dispose: () => void };
  restart: () => Promise<void>;
}

/** Says when a worker is down, or has given up a document, and restarts the workers when a person wants it. */
export function registerWorkerHealth(workers: readonly Patient[], store: EstimateStore): vscode.Disposable {
  const restart = async (): Promise<void> => {
    store.tryAgain();
    await Promise.all(
      workers.filter(({ isStarted, health }) => isStarted || health.kind !== "well").map((one) => one.restart()),
    );
  };
  const say = async (text: string, action: string, command: string): Promise<void> => {
    if ((await showWarning(text, action)) === action) await vscode.commands.executeCommand(command);
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand(commands.restartWorkers, restart),
    store.onDidSetAside((words) => void say(words, "Show Log", commands.showLog)),
    ...workers.map((worker) =>
      worker.onDidChangeHealth(() => {
        const { health } = worker;
        if (health.kind === "stopped") void say(inWords(health.failure), "Restart", commands.restartWorkers);
      }),
    ),
  );
}
