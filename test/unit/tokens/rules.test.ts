import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { JsonObject } from "../../../src/core/json";
import { reasonLine } from "../../../src/core/tokens/confidence";
import { type RequestShape, countRequest } from "../../../src/core/tokens/request/count";
import { sizeOfDataUrl } from "../../../src/core/tokens/request/images";
import { assets, root } from "../support";

/** A request of one rule, with the count that the rules fitted on OpenAI's own counts give. */
interface Fixture {
  name: string;
  endpoint: string;
  model: string;
  request: JsonObject;
  tokens: number;
  confidence: string;
}

const shapeOf = (endpoint: string): RequestShape =>
  endpoint === "chat/completions" ? "chat" : (endpoint as RequestShape);

const fixtures = readFileSync(path.join(root, "test/unit/tokens/fixtures/requests.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Fixture);

describe("Rules of counting", () => {
  for (const { name, endpoint, model, request, tokens, confidence } of fixtures)
    it(name, () => {
      const count = countRequest(shapeOf(endpoint), request, model, assets.encodings);
      assert.deepEqual([count.tokens, count.confidence], [tokens, confidence]);
    });

  it("gives the tokens of a forced function as a reason", () => {
    const forced = fixtures.find((one) => one.name.startsWith("forced function, gpt-4o"));
    assert.ok(forced !== undefined);
    const { reasons } = countRequest("chat", forced.request, forced.model, assets.encodings);
    assert.deepEqual(reasons.map(reasonLine), ["+9: `tool_choice` names `get_weather`"]);
  });

  it("reads a JPEG's width and height", () => {
    const header = "ffd8ffe000044a46ffc00011080020020003011100021100031100";
    const url = `data:image/jpeg;base64,${Buffer.from(header, "hex").toString("base64")}`;
    assert.deepEqual(sizeOfDataUrl(url), { width: 512, height: 32 });
  });
});
