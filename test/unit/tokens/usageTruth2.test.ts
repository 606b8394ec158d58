import * as assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { JsonObject } from "../../../src/core/json";
import { isClaim } from "../../../src/core/tokens/confidence";
import { type RequestShape, countRequest } from "../../../src/core/tokens/request/count";
import { assets, root } from "../support";

const file = path.join(root, "..", "shared", "usage-truth", "openai-usage-2.jsonl");

interface Exchange {
  endpoint: string;
  model: string;
  feature: string;
  knowable: boolean;
  request: JsonObject;
  usage: { prompt_tokens?: number; input_tokens?: number };
}

describe("Counts of knowable requests against the usage that OpenAI answered", function () {
  if (!existsSync(file)) {
    it.skip(`the exchanges are not on this machine (${file})`);
    return;
  }
  const exchanges = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Exchange)
    .filter(({ knowable }) => knowable)
    .map(({ endpoint, model, feature, request, usage }) => {
      const shape = endpoint === "chat/completions" ? "chat" : (endpoint as RequestShape);
      const { tokens, confidence } = countRequest(shape, request, model, assets.encodings);
      const truth = usage.prompt_tokens ?? usage.input_tokens;
      return { feature, isExact: tokens === truth, isClaim: isClaim(confidence) };
    });
  const share = (some: typeof exchanges): number => some.filter(({ isExact }) => isExact).length / some.length;

  const wanted: [feature: RegExp, share: number][] = [
    [/^plain/, 0.99],
    [/tool|history/, 0.92],
    [/^format/, 0.97],
    [/^embeddings/, 1],
  ];
  for (const [feature, least] of wanted)
    it(`${feature.source} is exact on ${least * 100} %`, () => {
      const some = exchanges.filter((one) => feature.test(one.feature));
      assert.ok(some.length > 50 && share(some) >= least, `${share(some)} of ${some.length}`);
    });

  it("at least 80 % are claimed to be exact, and at most 1 % of the claims are wrong", () => {
    const claims = exchanges.filter((one) => one.isClaim);
    assert.ok(claims.length >= 0.8 * exchanges.length, `${claims.length} of ${exchanges.length}`);
    assert.ok(share(claims) >= 0.99, `${share(claims)} of ${claims.length}`);
  });
});
