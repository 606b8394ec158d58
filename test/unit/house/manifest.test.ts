import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { placeholders } from "../../../src/core/estimate/format";
import { DEFAULT_PORT, defaultLimits } from "../../../src/core/telemetry/defaults";
import { commandList, commands, settingList, settings, views } from "../../../src/editor/contributions";
import { withContributions, withTables } from "../../../src/editor/manifest";
import { root } from "../support";

const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

describe("The manifest", () => {
  const manifest = JSON.parse(read("package.json")) as Record<string, unknown>;

  it("and the README's tables derive from the lists of commands and settings", () => {
    assert.deepEqual(withContributions(manifest), manifest, "Run npm run format.");
    assert.equal(withTables(read("README.md")), read("README.md"), "Run npm run format.");
  });

  it("has each command and each setting once", () => {
    assert.deepEqual(
      commandList.map(({ id }) => id),
      [...new Set<string>(Object.values(commands))],
    );
    assert.deepEqual(
      settingList.map(({ id }) => id),
      [...new Set<string>(Object.values(settings))],
    );
  });

  it("keeps the ids that key bindings and settings files name", () => {
    const ids = [...commandList, ...settingList].map(({ id }) => id.replace(/^promptCost\./, ""));
    const kept =
      "showBreakdown openPricingTable toggleCodeLens showLog restartWorkers connectOpenObserve disconnectOpenObserve startReceiver stopReceiver clearLocalStore showConnection openDashboard refreshSpend sendSample removeSample instrumentCall instrumentFile instrumentWorkspace removeTracking removeTrackingEverywhere updateWrapper codeLens.enabled codeLens.format statusBar.enabled receiver.port localStore.retentionDays localStore.maxMegabytes openObserve.refreshSeconds tracking.team tracking.environment";
    for (const id of kept.split(" ")) assert.ok(ids.includes(id), id);
    assert.deepEqual(views, { spend: "promptCost.spend", dashboard: "promptCost.dashboard" });
    assert.ok(JSON.stringify(manifest["contributes"]).includes(`"id":"${views.spend}"`));
  });

  it("has defaults within what its settings may be", () => {
    for (const setting of settingList)
      if ("minimum" in setting)
        assert.ok(setting.minimum <= setting.default && setting.default <= setting.maximum, setting.id);
  });

  it("receives where OpenTelemetry sends, and keeps calls for thirty days", () => {
    const addresses = new Set(read("README.md").match(/(?<=127\.0\.0\.1:)\d+/g));
    assert.deepEqual([DEFAULT_PORT, ...addresses], [4318, "4318"]);
    assert.deepEqual(defaultLimits, { retentionDays: 30, maxBytes: 1e9 });
  });

  it("lets a workspace that isn't trusted only show or hide hints", () => {
    const free = new Set(settingList.filter(({ isFree }) => isFree === true).map(({ id }) => id));
    assert.deepEqual([...free], [settings.codeLensEnabled, settings.statusBarEnabled, settings.findingSeverities]);
    const restricted = JSON.stringify(manifest["capabilities"]);
    for (const { id, scope } of settingList)
      assert.equal(restricted.includes(`"${id}"`), scope !== "machine" && !free.has(id), id);
    assert.equal(settingList.find(({ id }) => id === settings.receiverPort)?.scope, "machine");
  });

  it("describes every figure that a format can have", () => {
    const { description } = settingList.find(({ id }) => id === settings.codeLensFormat) ?? assert.fail();
    for (const name of Object.keys(placeholders)) assert.ok(description.includes(`- \`{${name}}\`: `), name);
  });
});
