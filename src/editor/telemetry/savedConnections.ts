import type * as vscode from "vscode";
import type { SourceInUse } from "../../core/telemetry/source";
import {
  type RemoteId,
  type SavedOf,
  type SourceId,
  remoteIds,
  sourceTable,
  sources,
} from "../../core/telemetry/sources/sources";
import { forgetAgreement, maySendTo } from "./unencrypted";

const stateKey = (id: RemoteId): string => `promptCost.${sourceTable[id].form.key}`;
/** A secret belongs to the server that it was given for, and is sent to no other. */
const secretKey = (id: RemoteId, url: string): string => `${stateKey(id)}:${url}`;

/** What was connected last, without its secret; undefined where it was disconnected. */
export const lastConnection = <Id extends RemoteId>(
  context: vscode.ExtensionContext,
  id: Id,
): SavedOf<Id> | undefined => context.globalState.get<SavedOf<Id>>(stateKey(id));

/** The connection in use; undefined where there is none, or its password may not be sent to it. */
export function savedConnection<Id extends RemoteId>(
  context: vscode.ExtensionContext,
  id: Id,
): SavedOf<Id> | undefined {
  const saved = lastConnection(context, id);
  return saved !== undefined && maySendTo(context, saved.url) ? saved : undefined;
}

export const secretOf = (context: vscode.ExtensionContext, id: RemoteId, url: string): Thenable<string | undefined> =>
  context.secrets.get(secretKey(id, url));

export async function remember<Id extends RemoteId>(
  context: vscode.ExtensionContext,
  id: Id,
  saved: SavedOf<Id>,
  secret: string,
): Promise<void> {
  await context.secrets.store(secretKey(id, saved.url), secret);
  await context.globalState.update(stateKey(id), saved);
}

/** Forgets a connection, with its secret and with what was agreed to for it. */
export async function forget(context: vscode.ExtensionContext, id: RemoteId): Promise<void> {
  const saved = lastConnection(context, id);
  if (saved === undefined) return;
  await context.secrets.delete(secretKey(id, saved.url));
  await context.globalState.update(stateKey(id), undefined);
  await forgetAgreement(context, saved.url);
}

/** Where spend is read from. */
export function sourceInUse(context: vscode.ExtensionContext): SourceInUse<SourceId> {
  for (const id of remoteIds) {
    const saved = savedConnection(context, id);
    if (saved !== undefined) return sources.use(id, saved);
  }
  return sources.use("local", null);
}
