import * as vscode from "vscode";
import { label } from "../../core/text/plain";
import type { FeatureName, FeatureNames } from "./featureNames";

/** The feature's name: already filled in, and completed from the names that are known. Undefined where the person left. */
export async function askFeature(names: FeatureNames, suggestion: string): Promise<string | undefined> {
  const known = new Map<string, FeatureName["from"]>();
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { name: string }>();
  pick.title = "Instrument This Call";
  pick.placeholder = "Name of the feature that this call belongs to";
  pick.value = suggestion;
  const update = (): void => {
    const typed = pick.value.trim();
    const others = [...known].filter(([name]) => name !== typed);
    pick.items = [
      ...(typed === ""
        ? []
        : [
            {
              label: label(typed),
              name: typed,
              description: `track as this feature${known.has(typed) ? `, ${known.get(typed) ?? ""}` : ""}`,
            },
          ]),
      ...others.map(([name, description]) => ({ label: label(name), name, description })),
    ];
  };
  const add = (found: readonly FeatureName[]): void => {
    for (const { name, from } of found) if (!known.has(name)) known.set(name, from);
    update();
  };
  add(names.remembered);
  // The rest comes while the person reads what is filled in.
  pick.busy = true;
  void Promise.all([names.inWorkspace().then(add), names.inProduction().then(add)]).then(() => (pick.busy = false));
  return new Promise((resolve) => {
    pick.onDidChangeValue(update);
    pick.onDidAccept(() => {
      resolve(pick.activeItems[0]?.name ?? (pick.value.trim() || undefined));
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

/** Which value in scope is the user's id; null for none, undefined where the person left. */
export async function askUserId(candidates: readonly string[]): Promise<string | null | undefined> {
  const none = { label: "$(circle-slash) No user", description: "spend is not split by user", value: null };
  const picked = await vscode.window.showQuickPick(
    [
      ...candidates.map((value) => ({
        label: label(value),
        description: "hashed by the wrapper before it is sent",
        value,
      })),
      none,
    ],
    { title: "User of this call", placeHolder: "A value in scope that looks like the user's id" },
  );
  return picked?.value;
}
