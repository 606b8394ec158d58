import * as vscode from "vscode";
import type { Answers } from "../../core/telemetry/connectForm";
import { failureFrom, inWords } from "../../core/failure";
import type { Discovery } from "../../core/telemetry/remote";
import type { RemoteServer, Servers } from "../../core/telemetry/sources/servers";
import type { RemoteProvider } from "../../core/telemetry/source";
import { type RemoteId, type SavedOf, remoteIds, sourceTable } from "../../core/telemetry/sources/sources";
import { label } from "../../core/text/plain";
import { commands } from "../contributions";
import type { Log } from "../log";
import { showError, showInformation, showWarning } from "../notifications";
import { readProxy } from "./proxy";
import { forget, lastConnection, remember, savedConnection, secretOf } from "./savedConnections";
import type { TelemetryWorker } from "./telemetryWorker";
import { confirmSendingTo } from "./unencrypted";

const providers: { [Id in RemoteId]: RemoteProvider<SavedOf<Id>, Servers[Id]> } = sourceTable;

const commandsOf: Record<RemoteId, { connect: string; disconnect: string }> = {
  openobserve: { connect: commands.connectOpenObserve, disconnect: commands.disconnectOpenObserve },
};

/** Connects to sources on servers, and disconnects. What was connected stays so in the next session. */
export function registerConnection(
  context: vscode.ExtensionContext,
  worker: TelemetryWorker,
  log: Log,
): vscode.Disposable {
  for (const id of remoteIds) void restore(id, context, worker);
  return vscode.Disposable.from(
    ...remoteIds.flatMap((id) => [
      vscode.commands.registerCommand(commandsOf[id].connect, () => connect(id, context, worker, log)),
      vscode.commands.registerCommand(commandsOf[id].disconnect, () => disconnect(id, context, worker)),
    ]),
  );
}

async function restore<Id extends RemoteId>(
  id: Id,
  context: vscode.ExtensionContext,
  worker: TelemetryWorker,
): Promise<void> {
  const last = lastConnection(context, id);
  if (last === undefined) return;
  const saved = savedConnection(context, id);
  if (saved === undefined) {
    const again = "Connect Again";
    const picked = await showWarning(
      `Not connected to ${last.url}: the address is unencrypted (http://), and would carry your password over the network.`,
      again,
    );
    if (picked === again) await vscode.commands.executeCommand(commandsOf[id].connect);
    return;
  }
  const secret = await secretOf(context, id, saved.url);
  if (secret !== undefined) worker.use({ remote: remoteOf(id, saved, secret), stream: saved.stream });
}

/** A server with all that the worker needs to reach it. */
function remoteOf<Id extends RemoteId>(id: Id, saved: Omit<SavedOf<Id>, "stream">, secret: string): RemoteServer {
  const { form } = providers[id];
  return { id, server: form.server(saved, secret, readProxy(saved.url)) } as RemoteServer;
}

/** Asks the form's questions, one after the other; undefined where the person leaves. */
async function askFor<Id extends RemoteId>(id: Id, last: SavedOf<Id> | undefined): Promise<Answers | undefined> {
  const { name, form } = providers[id];
  const answers: Record<string, string> = {};
  for (const [at, field] of form.fields.entries()) {
    if (field.isAsked?.(answers) === false) continue;
    const value = field.initial?.(last);
    const { placeHolder, problem } = field;
    const answer = await vscode.window.showInputBox({
      ignoreFocusOut: true,
      title: `Connect to ${name} (${at + 1} of ${form.fields.length})`,
      prompt: label(field.prompt(answers)),
      password: field.isSecret === true,
      ...(placeHolder === undefined ? {} : { placeHolder }),
      ...(value === undefined ? {} : { value }),
      ...(problem === undefined
        ? {}
        : {
            validateInput: (text) => {
              const why = problem(text);
              return why === undefined ? undefined : label(why);
            },
          }),
    });
    if (answer === undefined) return undefined;
    answers[field.name] = answer;
  }
  return answers;
}

async function connect<Id extends RemoteId>(
  id: Id,
  context: vscode.ExtensionContext,
  worker: TelemetryWorker,
  log: Log,
): Promise<void> {
  const { name, form } = providers[id];
  const answers = await askFor(id, lastConnection(context, id));
  if (answers === undefined) return;
  const { saved, secret } = form.read(answers);
  if (!(await confirmSendingTo(context, name, saved.url))) return;
  const remote = remoteOf(id, saved, secret);
  try {
    const found = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: label(`Looking at ${name} at ${saved.url}…`),
        cancellable: true,
      },
      (_progress, token) => worker.discover(remote, token),
    );
    const stream = await pickStream(name, found);
    if (stream === undefined) return;
    for (const other of remoteIds) if (other !== id) await forget(context, other);
    await remember(context, id, { ...saved, stream: stream.name } as SavedOf<Id>, secret);
    worker.use({ remote, stream: stream.name });
    await worker.look();
    const missing =
      stream.missing.length === 0
        ? ""
        : ` It lacks ${stream.missing.map(({ column, loss }) => `${column} (${loss})`).join("; ")}.`;
    const details = "Show Connection Details";
    const chosen = await showInformation(
      `Connected to ${name} ${found.version}: stream "${stream.name}" of ${found.streams.length} with calls to models, ${newest(stream)}.${missing}`,
      details,
    );
    if (chosen === details) await vscode.commands.executeCommand(commands.showConnection);
  } catch (error) {
    const failure = failureFrom(error);
    if (failure.kind === "cancelled") return;
    log.error(`connect: ${failure.kind}`);
    const again = "Try Again";
    if ((await showError(inWords(failure), again)) === again)
      await vscode.commands.executeCommand(commandsOf[id].connect);
  }
}

type Stream = Discovery["streams"][number];

const newest = ({ newestUs }: Stream): string =>
  newestUs === null ? "no spans in the last 30 days" : `newest span ${new Date(newestUs / 1000).toLocaleString()}`;

/** The stream to read: the only one, or the one that the person chooses; undefined where there is none. */
async function pickStream(name: string, { version, allStreams, streams }: Discovery): Promise<Stream | undefined> {
  const [first] = streams;
  if (first === undefined) {
    const seen = allStreams.length === 0 ? "no streams of traces" : `${allStreams.length} streams of traces`;
    void showWarning(
      `${name} (${version}) has ${seen}, and none has spans of calls to models yet. Instrument a call and send its spans there, then connect again.`,
    );
    return undefined;
  }
  if (streams.length === 1) return first;
  const picked = await vscode.window.showQuickPick(
    streams.map((stream) => ({
      label: label(stream.name),
      stream,
      description: newest(stream),
      detail:
        stream.missing.length === 0
          ? "has every column"
          : `lacks ${stream.missing.map(({ column }) => column).join(", ")}`,
    })),
    { title: "Stream with spans of calls to models", ignoreFocusOut: true },
  );
  return picked?.stream;
}

async function disconnect(id: RemoteId, context: vscode.ExtensionContext, worker: TelemetryWorker): Promise<void> {
  const { name } = providers[id];
  const last = lastConnection(context, id);
  if (last === undefined) {
    void showInformation(`Prompt Cost is not connected to ${name}; spend is read from the local store.`);
    return;
  }
  await forget(context, id);
  worker.use(null);
  await worker.look().catch(() => undefined);
  void showInformation(`Disconnected from ${last.url}; its password is forgotten. Spend is read from the local store.`);
}
