import * as assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createEstimateWorker } from "../../../src/editor/estimateWorker";
import { root } from "../support";

const FILES = 1_000;

describe("The estimate worker", () => {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "prompt-cost-large-")));
  const log = { info: () => undefined, error: () => undefined };
  const worker = createEstimateWorker(path.join(root, "dist/worker.js"), log);
  before(() => {
    for (let i = 0; i < FILES; i++)
      writeFileSync(
        path.join(folder, `m${i}.py`),
        `tracked(client.responses.create, feature="f${i % 7}")(input="x")\n`,
      );
  });
  after(() => {
    worker.dispose();
    rmSync(folder, { recursive: true });
  });

  it("gives hints while a question about the whole workspace is under way", async () => {
    const order: string[] = [];
    const estimated = new Promise<void>((resolve) =>
      worker.onMessage(({ kind }) => {
        if (kind === "estimates") resolve();
      }),
    ).then(() => order.push("hint"));
    worker.send({ kind: "roots", roots: [folder] });
    const asked = worker.request("features", null).then((features) => {
      order.push("features");
      return features;
    });
    // The question is in line before the document.
    await new Promise((resolve) => setImmediate(resolve));
    const text = 'client.responses.create(model="gpt-4o", input="Hello")\n';
    worker.send({ kind: "document", uri: "u", version: 1, languageId: "python", file: null, text });
    assert.deepEqual(
      await asked,
      Array.from({ length: 7 }, (_one, i) => `f${i}`),
    );
    await estimated;
    assert.deepEqual(order, ["hint", "features"]);
  });

  it("finds in many turns whether a wrapper is still imported", async () => {
    const wrapper = path.join(folder, "prompt_cost.py");
    const question = { file: wrapper, root: folder };
    assert.deepEqual(await worker.request("wrapper", { ...question, ifImported: {} }), []);
    const importing = { [path.join(folder, "m999.py")]: "from prompt_cost import tracked\n" };
    const files = await worker.request("wrapper", { ...question, ifImported: importing });
    assert.deepEqual(
      files.map(({ file }) => path.basename(file)),
      ["prompt_cost.py", "prompt_cost_prices.py"],
    );
  });
});
