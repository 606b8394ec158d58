import * as vscode from "vscode";

const REMEMBERED = "promptCost.features";

/** The feature's name: already filled in, and completed from the names that were given before. */
export async function askFeature(context: vscode.ExtensionContext, suggestion: string): Promise<string | undefined> {
  const known = context.workspaceState.get<string[]>(REMEMBERED) ?? [];
  const feature = await new Promise<string | undefined>((resolve) => {
    const pick = vscode.window.createQuickPick();
    pick.title = "Instrument This Call";
    pick.placeholder = "Name of the feature that this call belongs to";
    pick.value = suggestion;
    const update = (): void => {
      const typed = pick.value.trim();
      pick.items = [...(typed === "" ? [] : [{ label: typed, description: "track as this feature" }]), ...known.filter((name) => name !== typed).map((label) => ({ label, description: "used before" }))];
    };
    update();
    pick.onDidChangeValue(update);
    pick.onDidAccept(() => {
      resolve(pick.activeItems[0]?.label ?? (pick.value.trim() || undefined));
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
  if (feature !== undefined) await context.workspaceState.update(REMEMBERED, [feature, ...known.filter((name) => name !== feature)].slice(0, 50));
  return feature;
}

/** Which value in scope is the user's id; null for none, undefined where the person left. */
export async function askUserId(candidates: readonly string[]): Promise<string | null | undefined> {
  const none = { label: "$(circle-slash) No user", description: "spend is not told apart by user", value: null };
  const picked = await vscode.window.showQuickPick([...candidates.map((value) => ({ label: value, description: "hashed by the wrapper before it is sent", value })), none], { title: "Whose call is it?", placeHolder: "A value in scope that looks like the user's id" });
  return picked?.value;
}
