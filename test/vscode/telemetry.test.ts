import * as assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as vscode from "vscode";
import { freePort, spanNow } from "./spans";

const details = vscode.Uri.parse("prompt-cost-connection:/Connection%20Details.md");

/** The text of the connection's page, once it holds what is waited for. */
async function page(wanted: RegExp): Promise<string> {
  let text = "";
  for (let tries = 0; tries < 200; tries++) {
    text = (await vscode.workspace.openTextDocument(details)).getText();
    if (wanted.test(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${String(wanted)} is not in ${text}`);
}

describe("Receiver in the editor", () => {
  const settings = vscode.workspace.getConfiguration("promptCost");

  it("receives nothing before it is started", async () => {
    await vscode.commands.executeCommand("promptCost.showConnection");
    assert.match(await page(/Receiver:/), /Receiver: off; start it/);
  });

  it("starts on a command, stores what arrives, shows it and stops", async () => {
    const port = await freePort();
    await settings.update("receiver.port", port, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand("promptCost.startReceiver");
    await page(new RegExp(`Receiver: on 127\\.0\\.0\\.1:${port}`));
    const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(spanNow()),
    });
    assert.equal(answer.status, 200);
    await vscode.commands.executeCommand("promptCost.showConnection");
    await page(/Calls: 1,/);
    // The page follows by itself, and says what wasn't stored.
    const inMilliseconds = JSON.stringify(spanNow()).replace(/(TimeUnixNano":"?\d{13})\d{6}/g, "$1");
    await fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: inMilliseconds,
    });
    const text = await page(/Dropped: 1 span: `start time looks like milliseconds; OTLP wants nanoseconds`/);
    assert.match(text, /Spans: 1 call stored, 1 dropped/);
    assert.match(text, /Write-ahead log: \d+\.\d MB/);
    await vscode.commands.executeCommand("promptCost.stopReceiver");
    await page(/Receiver: off/);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/v1/traces`));
  });

  it("says plainly that another program has the port", async () => {
    const other = createServer();
    await new Promise((resolve) => other.listen(0, "127.0.0.1", () => resolve(undefined)));
    const { port } = other.address() as AddressInfo;
    await settings.update("receiver.port", port, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand("promptCost.startReceiver");
    await page(new RegExp(`Port ${port} is taken by another program`));
    await vscode.commands.executeCommand("promptCost.stopReceiver");
    await page(/Receiver: off/);
    other.close();
    await settings.update("receiver.port", undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
});
