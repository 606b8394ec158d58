import type { Worker } from "node:worker_threads";
import * as vscode from "vscode";
import { messageOf } from "../../core/failure";
import { SAMPLE_SERVICE } from "../../core/telemetry/sampleService";
import { commands, views } from "../contributions";
import type { Log } from "../log";
import { showError, showInformation } from "../notifications";
import { readTelemetrySettings } from "../settings";
import { sourceInUse } from "../telemetry/savedConnections";
import type { TelemetryWorker } from "../telemetry/telemetryWorker";

/** Milliseconds between the calls that follow the two weeks. */
const TRICKLE = 3000;
/** Milliseconds for which they follow. */
const LASTS = 10 * 60_000;
const WAIT = 10_000;

/** Sample traffic: two weeks of invented calls, then a few more as they would come in, sent to the local receiver. */
export function registerSample(
  context: vscode.ExtensionContext,
  telemetry: TelemetryWorker,
  log: Log,
): vscode.Disposable {
  let running: Worker | undefined;
  const stop = async (): Promise<void> => {
    await running?.terminate();
    running = undefined;
  };

  const start = async (): Promise<void> => {
    await stop();
    const { port } = readTelemetrySettings();
    telemetry.receive(port);
    const [{ Worker: Thread }] = await Promise.all([import("node:worker_threads"), untilReceiving(telemetry)]);
    const thread = new Thread(context.asAbsolutePath("dist/sample.js"), {
      workerData: { port, days: 14, seed: Date.now() % 100_000, trickle: TRICKLE },
    });
    running = thread;
    setTimeout(() => {
      if (running === thread) void stop();
    }, LASTS).unref();
    await new Promise<void>((resolve, reject) => {
      thread.once("message", (message: { sent?: { calls: number }; problem?: string }) =>
        message.problem === undefined ? resolve() : reject(new Error(message.problem)),
      );
      thread.once("error", reject);
    });
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand(commands.sendSample, async () => {
      const source = sourceInUse(context);
      if (!source.isLocal) {
        void showInformation(
          `Sample traffic goes to the local store, but spend is currently read from ${source.name}. Disconnect first to see it.`,
        );
        return;
      }
      try {
        await vscode.window.withProgress({ location: { viewId: views.spend }, title: "Sending sample traffic" }, start);
        const remove = "Remove";
        const chosen = await showInformation(
          `Two weeks of sample traffic are in the local store, marked as ${SAMPLE_SERVICE}; a call follows every few seconds for ten minutes.`,
          remove,
        );
        if (chosen === remove) await vscode.commands.executeCommand(commands.removeSample);
      } catch (error) {
        await stop();
        log.error("sample traffic could not be sent");
        void showError(`Sample traffic could not be sent: ${messageOf(error)}`);
      }
    }),
    vscode.commands.registerCommand(commands.removeSample, async () => {
      await stop();
      try {
        await telemetry.clear(SAMPLE_SERVICE);
        void showInformation("Sample traffic was removed; your own calls are kept.");
      } catch (error) {
        void showError(messageOf(error));
      }
    }),
    { dispose: () => void stop() },
  );
}

/** Waits until somebody on this machine receives: this window or another. */
function untilReceiving(telemetry: TelemetryWorker): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(new Error("the receiver did not start in time.")), WAIT);
    const finish = (problem: Error | null): void => {
      clearTimeout(timer);
      listener.dispose();
      if (problem === null) resolve();
      else reject(problem);
    };
    const look = (): void => {
      const receiver = telemetry.state?.receiver;
      if (receiver?.kind === "receiving" || receiver?.kind === "elsewhere") finish(null);
      else if (receiver?.kind === "failed")
        finish(new Error(`${receiver.failure.message} ${receiver.failure.nextStep}`));
    };
    const listener = telemetry.onDidChange(look);
    if (telemetry.state?.receiver.kind === "receiving") look();
  });
}
