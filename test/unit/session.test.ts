import * as assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Estimates, type FromWorker, type PricingReport, fromWorker } from "../../src/worker/protocol";
import { Pulse } from "../../src/worker/rpc/pulse";
import { Turns } from "../../src/worker/rpc/turns";
import { Session } from "../../src/worker/session";
import { type TextEdit, applyChanges } from "../../src/core/textEdit";
import { assets, chatTokens } from "./support";

const code =
  'from prompts import TEXT\nclient.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": TEXT}])\n';

describe("The worker's session", () => {
  const folders = ["one", "two"].map((name) =>
    realpathSync(mkdtempSync(path.join(os.tmpdir(), `prompt-cost-${name}-`))),
  );
  const [one = "", two = ""] = folders;
  const received: FromWorker[] = [];
  const pulse = new Pulse();
  const session = new Session(
    assets,
    (message) => received.push(fromWorker.parse(message)),
    new Turns(pulse, () => undefined),
    pulse,
  );
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

  const eventually = async <T>(find: () => T | undefined): Promise<T> => {
    for (let tries = 0; tries < 400; tries++) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return assert.fail(`it did not come: ${JSON.stringify(received).slice(-500)}`);
  };
  const last = (uri: string): Estimates | undefined =>
    received.findLast((message): message is Estimates => message.kind === "estimates" && message.uri === uri);
  const inputCost = (uri: string): number | null | undefined => last(uri)?.calls[0]?.estimate.cost.input;
  const open = (folder: string, uri: string, text = code, version = 1): void =>
    session.receive({ kind: "document", uri, version, languageId: "python", file: path.join(folder, "main.py"), text });
  const price = (folder: string, text: string | null): void =>
    session.receive({ kind: "pricing", root: folder, uri: `file://${folder}`, text });
  const table = (input: number): string => JSON.stringify({ models: { "gpt-4o": { input } } });
  const tokens = chatTokens("Hello");

  it("prices each folder by its own table, from the first answer on", async () => {
    writeFileSync(path.join(one, "prompts.py"), 'TEXT = "Hello"');
    writeFileSync(path.join(two, "prompts.py"), 'TEXT = "Hello"');
    writeFileSync(path.join(one, "prompt-cost.pricing.json"), table(1_000));
    writeFileSync(path.join(two, "prompt-cost.pricing.json"), table(2_000));
    session.receive({ kind: "roots", roots: folders });
    open(one, "a");
    open(two, "b");
    await eventually(() => last("a") && last("b"));
    assert.deepEqual([inputCost("a"), inputCost("b")], [tokens / 1_000, tokens / 500]);
    assert.equal(received.filter((message) => message.kind === "estimates" && message.uri === "a").length, 1);
  });

  it("follows an imported file in its own folder only", async () => {
    writeFileSync(path.join(one, "prompts.py"), 'TEXT = "Hello and more"');
    session.receive({ kind: "changed", files: [path.join(one, "prompts.py")] });
    await eventually(() =>
      last("a")?.calls[0]?.estimate.input.tokens === chatTokens("Hello and more") ? true : undefined,
    );
    assert.equal(last("b")?.calls[0]?.estimate.input.tokens, tokens);
  });

  it("keeps the last valid table while it is broken", async () => {
    price(two, '{ "models": { "gpt-4o": { "input": ');
    const report = await eventually(() =>
      received.findLast(
        (message): message is PricingReport => message.kind === "pricing" && message.findings.length > 0,
      ),
    );
    assert.match(report.note, /last valid table/);
    open(two, "b", `${code}\n`, 2);
    await eventually(() => (last("b")?.version === 2 ? true : undefined));
    assert.equal(inputCost("b"), tokens / 500);
    price(two, table(4_000));
    await eventually(() => (inputCost("b") === tokens / 250 ? true : undefined));
  });

  it("asks for a review of prices that are overdue, at the date", async () => {
    const ask = async (days: number): Promise<PricingReport> => {
      const lastReviewed = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
      const text = JSON.stringify({ lastReviewed, reviewEveryDays: 30, models: { "gpt-4o": { input: 4_000 } } });
      const before = received.length;
      price(two, text);
      const report = received.slice(before).find((message): message is PricingReport => message.kind === "pricing");
      assert.equal(
        report?.findings[0] && text.slice(report.findings[0].start, report.findings[0].end),
        days > 30 ? '"lastReviewed"' : undefined,
      );
      return report ?? assert.fail("nothing was reported");
    };
    assert.deepEqual((await ask(29)).findings, []);
    const [reminder] = (await ask(35)).findings;
    assert.equal(reminder?.severity, "warning");
    assert.match(reminder.message, /5 days overdue/);
  });

  it("falls back to the catalogue where a table is deleted", async () => {
    price(two, null);
    await eventually(() => (inputCost("b") === (tokens * 2.5) / 1e6 ? true : undefined));
  });

  it("says why a text has no hints", async () => {
    open(one, "c", "x".repeat(2_000_001));
    assert.match((await eventually(() => last("c")))?.reason ?? "", /more than 2 million characters/);
  });

  const edit = (uri: string, before: number, version: number, changes: TextEdit[], length: number): void =>
    session.receive({ kind: "edited", uri, before, version, changes, length });

  it("takes changes in place of texts, one by one and several at once", async () => {
    const uri = "edited";
    let text = code.replace("TEXT}", '"One"}');
    open(one, uri, text, 1);
    await eventually(() => last(uri));
    for (let version = 2; version < 12; version++) {
      const at = text.indexOf("One");
      const changes = [
        { start: text.length, end: text.length, text: `# ${version}\n` },
        { start: at, end: at + 3, text: "One two" },
        { start: 0, end: 0, text: "# first\n" },
      ];
      text = applyChanges(text, changes)?.text ?? "";
      edit(uri, version - 1, version, changes, text.length);
      if (version % 3 === 0) await eventually(() => (last(uri)?.version === version ? true : undefined));
    }
    const { calls } = await eventually(() => (last(uri)?.version === 11 ? last(uri) : undefined));
    assert.equal(calls[0]?.start, text.indexOf("client."));
    assert.equal(calls[0].estimate.input.tokens, chatTokens(`One${" two".repeat(10)}`));
  });

  it("asks for the whole text where changes don't fit what it has", async () => {
    const uri = "unfit";
    const asked = (): number => received.filter((message) => message.kind === "lacking" && message.uri === uri).length;
    edit(uri, 1, 2, [{ start: 0, end: 0, text: "x" }], 1);
    assert.equal(asked(), 1, "a document that isn't here");
    open(one, uri, code, 2);
    await eventually(() => last(uri));
    edit(uri, 1, 3, [{ start: 0, end: 0, text: "x" }], code.length + 1);
    assert.equal(asked(), 2, "another version than the one that is here");
    edit(uri, 2, 3, [{ start: code.length, end: code.length + 1, text: "x" }], code.length + 1);
    assert.equal(asked(), 3, "outside of the text");
    edit(uri, 2, 3, [{ start: 0, end: 0, text: "\r\n" }], code.length + 1);
    assert.equal(asked(), 4, "a text of another length than the editor's");
    open(one, uri, `\n${code}`, 3);
    await eventually(() => (last(uri)?.version === 3 ? true : undefined));
    assert.equal(last(uri)?.calls.length, 1);
  });

  it("answers the newest text only, when many come at once", async () => {
    const before = received.length;
    for (let version = 10; version < 60; version++) open(one, "a", `${code}# ${version}\n`, version);
    await eventually(() => (last("a")?.version === 59 ? true : undefined));
    assert.ok(
      received.slice(before).filter((message) => message.kind === "estimates" && message.uri === "a").length <= 3,
    );
  });
});
