import * as vscode from "vscode";
import { failureFrom, inWords, messageOf } from "../../core/failure";
import { label } from "../../core/text/plain";
import { commands } from "../contributions";
import type { Log } from "../log";
import { showError, showInformation, showWarning } from "../notifications";
import { readProxy } from "./proxy";
import type { Server, TelemetryWorker } from "./telemetryWorker";
import { confirmSendingTo, forgetAgreement, maySendTo } from "./unencrypted";

/** The connection to OpenObserve, without its secret. */
export interface SavedConnection {
  url: string;
  organization: string;
  stream: string;
}

const STATE_KEY = "promptCost.openObserve";
/** A secret belongs to the server that it was given for, and is sent to no other. */
const secretKey = (url: string): string => `promptCost.openObserve:${url}`;

/** The connection in use; undefined where there is none, or its password may not be sent to it. */
export function savedConnection(context: vscode.ExtensionContext): SavedConnection | undefined {
  const saved = lastConnection(context);
  return saved !== undefined && maySendTo(context, saved.url) ? saved : undefined;
}

const lastConnection = (context: vscode.ExtensionContext): SavedConnection | undefined =>
  context.globalState.get<SavedConnection>(STATE_KEY);

/** Connects to OpenObserve, and disconnects. What was connected stays so in the next session. */
export function registerConnection(
  context: vscode.ExtensionContext,
  worker: TelemetryWorker,
  log: Log,
): vscode.Disposable {
  const restore = async (): Promise<void> => {
    const last = lastConnection(context);
    if (last === undefined) return;
    const saved = savedConnection(context);
    if (saved === undefined) {
      const connect = "Connect Again";
      const picked = await showWarning(
        `Not connected to ${last.url}: the address is unencrypted (http://), and would carry your password over the network.`,
        connect,
      );
      if (picked === connect) await vscode.commands.executeCommand(commands.connectOpenObserve);
      return;
    }
    const authorization = await context.secrets.get(secretKey(saved.url));
    if (authorization !== undefined)
      worker.use({ server: { ...saved, authorization, ...readProxy(saved.url) }, stream: saved.stream });
  };
  void restore();
  return vscode.Disposable.from(
    vscode.commands.registerCommand(commands.connectOpenObserve, () => connect(context, worker, log)),
    vscode.commands.registerCommand(commands.disconnectOpenObserve, () => disconnect(context, worker)),
  );
}

const steps = 4;
const ask = (step: number, options: vscode.InputBoxOptions): Thenable<string | undefined> =>
  vscode.window.showInputBox({
    ignoreFocusOut: true,
    ...options,
    title: `Connect to OpenObserve (${step} of ${steps})`,
  });

async function connect(context: vscode.ExtensionContext, worker: TelemetryWorker, log: Log): Promise<void> {
  const { authorizationOf, normalUrl } = await import("../../core/telemetry/openobserve/address");
  const saved = lastConnection(context);
  const typed = await ask(1, {
    prompt: "Address of OpenObserve, with its path prefix if it has one",
    placeHolder: "https://openobserve.example.com/prefix",
    ...(saved === undefined ? {} : { value: saved.url }),
    validateInput: (text) => problemOf(() => normalUrl(text)),
  });
  if (typed === undefined) return;
  const url = normalUrl(typed);
  const organization = await ask(2, {
    prompt: "Organisation, as it stands in OpenObserve's address bar (org_identifier)",
    value: saved?.organization ?? "default",
    validateInput: (text) => (text.trim() === "" ? "Type the organisation's identifier." : undefined),
  });
  if (organization === undefined) return;
  const user = await ask(3, {
    prompt: "E-mail, or a whole token that begins with “Basic ”. Kept in VS Code's secret storage.",
    validateInput: (text) => (text.trim() === "" ? "Type an e-mail or a token." : undefined),
  });
  if (user === undefined) return;
  let authorization = authorizationOf({ token: user });
  if (!/^basic /i.test(user.trim())) {
    const password = await ask(4, {
      prompt: `Password or passcode of ${label(user.trim())}. Kept in VS Code's secret storage.`,
      password: true,
    });
    if (password === undefined) return;
    authorization = authorizationOf({ user: user.trim(), password });
  }
  if (!(await confirmSendingTo(context, url))) return;
  const server: Server = { url, organization: organization.trim(), authorization, ...readProxy(url) };
  try {
    const findings = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: label(`Looking at OpenObserve at ${url}…`),
        cancellable: true,
      },
      (_progress, token) => worker.discover(server, token),
    );
    const [first] = findings.streams;
    if (first === undefined) {
      const seen =
        findings.allStreams.length === 0 ? "no streams of traces" : `${findings.allStreams.length} streams of traces`;
      void showWarning(
        `OpenObserve (${findings.version}) has ${seen}, and none has spans of calls to models yet. Instrument a call and send its spans there, then connect again.`,
      );
      return;
    }
    const picked =
      findings.streams.length === 1
        ? { name: first.name }
        : await vscode.window.showQuickPick(
            findings.streams.map(({ name, newestUs, missing }) => ({
              label: label(name),
              name,
              description:
                newestUs === null
                  ? "no spans in the last 30 days"
                  : `newest span ${new Date(newestUs / 1000).toLocaleString()}`,
              detail:
                missing.length === 0 ? "has every column" : `lacks ${missing.map(({ column }) => column).join(", ")}`,
            })),
            { title: "Stream with spans of calls to models", ignoreFocusOut: true },
          );
    if (picked === undefined) return;
    await context.secrets.store(secretKey(url), authorization);
    await context.globalState.update(STATE_KEY, {
      url,
      organization: server.organization,
      stream: picked.name,
    } satisfies SavedConnection);
    worker.use({ server, stream: picked.name });
    await worker.look();
    const stream = findings.streams.find(({ name }) => name === picked.name) ?? first;
    const newest =
      stream.newestUs === null
        ? "no spans in the last 30 days"
        : `newest span ${new Date(stream.newestUs / 1000).toLocaleString()}`;
    const missing =
      stream.missing.length === 0
        ? ""
        : ` It lacks ${stream.missing.map(({ column, loss }) => `${column} (${loss})`).join("; ")}.`;
    const details = "Show Connection Details";
    const chosen = await showInformation(
      `Connected to OpenObserve ${findings.version}: stream "${stream.name}" of ${findings.streams.length} with calls to models, ${newest}.${missing}`,
      details,
    );
    if (chosen === details) await vscode.commands.executeCommand(commands.showConnection);
  } catch (error) {
    const failure = failureFrom(error);
    if (failure.kind === "cancelled") return;
    log.error(`connect: ${failure.kind}`);
    const again = "Try Again";
    if ((await showError(inWords(failure), again)) === again)
      await vscode.commands.executeCommand(commands.connectOpenObserve);
  }
}

async function disconnect(context: vscode.ExtensionContext, worker: TelemetryWorker): Promise<void> {
  const saved = lastConnection(context);
  if (saved === undefined) {
    void showInformation("Prompt Cost is not connected to OpenObserve; spend is read from the local store.");
    return;
  }
  await context.secrets.delete(secretKey(saved.url));
  await context.globalState.update(STATE_KEY, undefined);
  await forgetAgreement(context, saved.url);
  worker.use(null);
  await worker.look().catch(() => undefined);
  void showInformation(
    `Disconnected from ${saved.url}; its password is forgotten. Spend is read from the local store.`,
  );
}

function problemOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return label(messageOf(error));
  }
}
