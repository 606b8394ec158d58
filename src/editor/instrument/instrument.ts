import * as vscode from "vscode";
import { messageOf } from "../../core/failure";
import { commands } from "../contributions";
import { documentSelector, type EstimateStore } from "../estimates";
import { showError, showInformation, showWarning } from "../notifications";
import type { TelemetryWorker } from "../telemetry/telemetryWorker";
import { mayWrite } from "../workspaceWrites";
import { applyTracking } from "./applyTracking";
import { FeatureNames } from "./featureNames";
import { sayTracked } from "./firstSteps";
import type { ProposedTexts } from "./proposedTexts";
import { askFeature, askUserId } from "./questions";
import { type Target, Targets } from "./targets";
import { TrackingActions } from "./trackingActions";
import type { TrackableCall, TrackingWorker } from "./trackingWorker";

/** "Instrument this call" and its kin: from a bare call to a tracked one, and back. */
export function registerInstrument(
  context: vscode.ExtensionContext,
  worker: TrackingWorker,
  store: EstimateStore,
  telemetry: TelemetryWorker,
  proposed: ProposedTexts,
): vscode.Disposable {
  const targets = new Targets(worker);
  const names = new FeatureNames(context, worker, telemetry);
  const say = (text: string): void => void showInformation(text);

  const instrumentCall = async (uri?: unknown, offset?: unknown): Promise<void> => {
    const found = await targets.atCursor(uri, offset);
    if (found === undefined) return;
    const [target, call] = found;
    if (call.isTracked)
      return say(`This call is tracked already${call.feature === null ? "" : `, as “${call.feature}”`}.`);
    if (call.refusal !== null) return void showWarning(`This call can't be tracked safely: ${call.refusal}.`);
    const feature = await askFeature(names, call.suggestion);
    if (feature === undefined) return;
    const userId = call.userIds.length === 0 ? null : await askUserId(call.userIds);
    if (userId === undefined) return;
    const made = await applyTracking(worker, [{ ...target, chosen: [{ start: call.start, feature, userId }] }], false);
    await names.remember(feature);
    sayTracked(telemetry, feature, made.wrappers);
  };

  const removeFromCall = async (uri?: unknown, offset?: unknown): Promise<void> => {
    const found = await targets.atCursor(uri, offset);
    if (found === undefined) return;
    const [target, call] = found;
    if (!call.isTracked) return say("This call is not tracked.");
    if (call.refusal !== null)
      return void showWarning(`The tracking of this call can't be removed here: ${call.refusal}.`);
    await applyTracking(worker, [{ ...target, chosen: [{ start: call.start, feature: "", userId: null }] }], true);
  };

  const all = async (
    documents: readonly vscode.TextDocument[],
    isRemoval: boolean,
    preview: ProposedTexts | null,
  ): Promise<void> => {
    const chosen: (Target & { chosen: { start: number; feature: string; userId: null }[] })[] = [];
    let refused = 0;
    for (const document of documents) {
      const target = await targets.open(document);
      const wanted = (target?.calls ?? []).filter(({ isTracked }) => isTracked === isRemoval);
      const can = wanted.filter(({ refusal }) => refusal === null);
      refused += wanted.length - can.length;
      if (target?.hasErrors === true && wanted.length === 0) refused++;
      if (target !== undefined && can.length > 0)
        chosen.push({
          ...target,
          chosen: can.map(({ start, suggestion }: TrackableCall) => ({ start, feature: suggestion, userId: null })),
        });
    }
    const left =
      refused === 0 ? "" : ` ${refused} ${refused === 1 ? "is" : "are"} left alone; the command on each says why.`;
    if (chosen.length === 0) return say(`There is no call to ${isRemoval ? "stop tracking" : "track"}.${left}`);
    const { calls, wrappers } = await applyTracking(worker, chosen, isRemoval, preview);
    if (calls === 0) return say("Nothing was changed.");
    if (isRemoval) return say(`${calls} ${calls === 1 ? "call is" : "calls are"} no longer tracked.${left}`);
    sayTracked(
      telemetry,
      null,
      wrappers,
      `${calls} ${calls === 1 ? "call is" : "calls are"} tracked, each named after its enclosing function.${left}`,
    );
  };

  const inWorkspace = async (isRemoval: boolean): Promise<void> => {
    const documents = await targets.inWorkspace();
    if (documents !== undefined) await all(documents, isRemoval, proposed);
  };

  const activeDocument = (): vscode.TextDocument[] =>
    vscode.window.activeTextEditor === undefined ? [] : [vscode.window.activeTextEditor.document];
  /** Whatever fails says so where the person looks; nothing was written then. */
  const command = (id: string, run: (...given: unknown[]) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(id, async (...given: unknown[]) => {
      try {
        if (await mayWrite()) await run(...given);
      } catch (error) {
        void showError(messageOf(error));
      }
    });

  return vscode.Disposable.from(
    command(commands.instrumentCall, instrumentCall),
    command(commands.instrumentFile, () => all(activeDocument(), false, null)),
    command(commands.instrumentWorkspace, () => inWorkspace(false)),
    command(commands.removeTracking, removeFromCall),
    command(commands.removeTrackingEverywhere, () => inWorkspace(true)),
    vscode.languages.registerCodeActionsProvider(documentSelector, new TrackingActions(store), {
      providedCodeActionKinds: [vscode.CodeActionKind.RefactorRewrite],
    }),
  );
}
