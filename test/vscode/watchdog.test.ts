import * as assert from "node:assert/strict";
import path from "node:path";
import * as vscode from "vscode";
import { createEstimateWorker, type EstimateWorker } from "../../src/editor/estimateWorker";
import { EstimateStore } from "../../src/editor/estimates";
import { TrackingWorker } from "../../src/editor/instrument/trackingWorker";
import { statusOf } from "../../src/editor/statusBar";
import { eventually, folder, lenses, open, openNew, replace } from "./editing";

const call = (text: string): string =>
  `client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "${text}"}])\n`;

describe("The watchdog", () => {
  const logged: string[] = [];
  const log = { info: (text: string) => logged.push(text), error: (text: string) => logged.push(text) };
  let worker: EstimateWorker;
  let store: EstimateStore;
  let starts = 0;
  const said: string[] = [];

  before(() => {
    worker = createEstimateWorker(path.join(__dirname, "hangingEstimates.entry.js"), log);
    store = new EstimateStore(worker, log);
    worker.onDidStart(() => starts++);
    store.onDidSetAside((words) => said.push(words));
  });
  after(async () => {
    store.dispose();
    worker.dispose();
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  const tokens = async (document: vscode.TextDocument): Promise<number | undefined> =>
    (await store.get(document))?.calls[0]?.estimate.input.tokens;

  it("ends a worker that hangs, says which document did it, and keeps the hints of all others", async () => {
    const good = await open("app/chat.ts");
    const other = await openNew("other.py", call("Hello"));
    const before = [await tokens(good), await tokens(other)];
    assert.ok(before.every((count) => count !== undefined && count > 0));
    const bad = await openNew("hangs.py", `# HANG\n${call("Hi")}`);
    const tracking = new TrackingWorker(worker);
    const hint = store.get(bad);
    // Whoever waits in line behind it is answered too.
    const askUntilFailure = async (): Promise<never> => {
      for (;;) await tracking.calls(good.uri.fsPath, call("Hi"), folder().uri.fsPath);
    };
    const asked = assert.rejects(askUntilFailure(), /did not respond and was ended/);
    assert.equal(await hint, undefined);
    await asked;
    const words =
      "Prompt Cost Lens stopped analyzing hangs.py: it took longer than 5 s. It will be tried again when the file changes.";
    assert.equal(store.noticeOf(bad), words);
    assert.deepEqual(said, [words]);
    assert.ok(logged.includes(words));
    assert.match(statusOf(bad, store)?.tooltip ?? "", /stopped analyzing hangs\.py/);
    assert.deepEqual([await tokens(good), await tokens(other)], before);
    await replace(other, "Hello", "Hello, how are you today");
    assert.ok(((await tokens(other)) ?? 0) > (before[1] ?? 0));
    assert.equal(starts, 2);
  });

  it("does not send the same text again, and tries the next one", async () => {
    const bad = await open("hangs.py");
    assert.equal(await store.get(bad), undefined);
    assert.equal(starts, 2);
    await replace(bad, "HANG", "fine");
    assert.ok(((await tokens(bad)) ?? 0) > 0);
    assert.equal(store.noticeOf(bad), undefined);
    // The very text that hung is not tried when it comes back.
    await vscode.commands.executeCommand("undo");
    assert.equal(await store.get(bad), undefined);
    assert.match(store.noticeOf(bad) ?? "", /stopped analyzing/);
    assert.equal(starts, 2);
  });

  it("leaves a person a way to start the workers again, and to try what was set aside", async () => {
    const document = await open("app/chat.ts");
    const before = await lenses(document);
    assert.equal(before.length, 1);
    await vscode.commands.executeCommand("promptCost.restartWorkers");
    await eventually(document, (titles) => titles[0] === before[0]);

    store.tryAgain();
    const said = new Promise((resolve) => store.onDidSetAside(resolve));
    await worker.restart();
    assert.match(String(await said), /stopped analyzing hangs\.py/);
  });
});
