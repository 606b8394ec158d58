import type * as vscode from "vscode";
import { isUnencrypted } from "../../core/telemetry/openobserve/address";
import { askToConfirm } from "../notifications";

/** Addresses that a person has agreed to, though they carry the password unencrypted. */
const STATE_KEY = "promptCost.openObserve.unencrypted";
const agreed = (context: vscode.ExtensionContext): readonly string[] =>
  context.globalState.get<string[]>(STATE_KEY) ?? [];

/** Whether credentials may go to the address: it is encrypted, on this machine, or was agreed to. */
export const maySendTo = (context: vscode.ExtensionContext, url: string): boolean =>
  !isUnencrypted(url) || agreed(context).includes(url);

/** Asks before credentials go unencrypted over the network, once for each address. @param name of the source. */
export async function confirmSendingTo(context: vscode.ExtensionContext, name: string, url: string): Promise<boolean> {
  if (maySendTo(context, url)) return true;
  const isAgreed = await askToConfirm(
    `Send your password to ${url} unencrypted?`,
    `The address begins with http://, so anybody on the network between here and the server can read your password and what ${name} answers. Use an https:// address if the server has one.`,
    "Send Unencrypted",
    "Don't Send",
  );
  if (isAgreed) await context.globalState.update(STATE_KEY, [...agreed(context), url]);
  return isAgreed;
}

/** Asks again the next time. */
export const forgetAgreement = (context: vscode.ExtensionContext, url: string): Thenable<void> =>
  context.globalState.update(
    STATE_KEY,
    agreed(context).filter((one) => one !== url),
  );
