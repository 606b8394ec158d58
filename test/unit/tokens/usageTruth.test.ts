import * as assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { JsonObject } from "../../../src/core/json";
import { type RequestShape, countRequest } from "../../../src/core/tokens/request/count";
import { assets, root } from "../support";

const file = path.join(root, "..", "shared", "usage-truth", "openai-usage.jsonl");
const shapes: Record<string, RequestShape> = {
  "chat/completions": "chat",
  responses: "responses",
  embeddings: "embeddings",
};

interface Exchange {
  id: string;
  endpoint: string;
  model: string;
  request: JsonObject;
  usage: { prompt_tokens?: number; input_tokens?: number };
}

/** Recordings whose usage was invented for a test of theirs, or whose text was changed after it was recorded. */
const invented = new Set(["29dda2fa29de26b5", "88cdfaa2ae84d6b7", "24b286705b893453", "c158f9fe902365f5"]);

describe("Counts against the usage that OpenAI answered", () => {
  if (!existsSync(file)) {
    it.skip("the exchanges are not on this machine");
    return;
  }
  const exchanges = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Exchange)
    .filter(({ id }) => !invented.has(id))
    .map((exchange) => ({
      ...exchange,
      count: countRequest(shapes[exchange.endpoint] ?? "chat", exchange.request, exchange.model, assets.encodings),
      truth: exchange.usage.prompt_tokens ?? exchange.usage.input_tokens ?? 0,
      text: JSON.stringify(exchange.request),
    }));
  const share = (some: typeof exchanges): number =>
    some.filter(({ count, truth }) => count.tokens === truth).length / some.length;
  const hasMedia = (text: string): boolean => /"(image_url|input_image|file|input_file|input_audio|audio)"/.test(text);
  const isHidden = (text: string): boolean =>
    /"(reasoning|compaction|additional_tools|tool_search_call|web_search_call|mcp_call|previous_response_id|conversation|context_management)"/.test(
      text,
    );
  const hasTools = ({ request }: Exchange): boolean => Array.isArray(request["tools"]);

  it("plain chat is exact on 98 %", () => {
    const plain = exchanges.filter(
      (one) => one.endpoint === "chat/completions" && !hasTools(one) && !hasMedia(one.text),
    );
    assert.ok(plain.length > 20 && share(plain) >= 0.98, `${share(plain)}`);
  });

  it("embeddings are exact", () => assert.equal(share(exchanges.filter((one) => one.endpoint === "embeddings")), 1));

  it("chat with function tools is exact on 90 %, and never off by more than 3 %", () => {
    const tools = exchanges.filter(
      (one) => one.endpoint === "chat/completions" && hasTools(one) && !hasMedia(one.text),
    );
    assert.ok(tools.length > 40 && share(tools) >= 0.9, `${share(tools)}`);
    for (const { id, count, truth } of tools)
      assert.ok(Math.abs(count.tokens - truth) <= truth * 0.03, `${id}: ${count.tokens} for ${truth}`);
  });

  it("Responses with plain input are exact on 95 %", () => {
    const plain = exchanges.filter(
      (one) => one.endpoint === "responses" && !hasTools(one) && !hasMedia(one.text) && !isHidden(one.text),
    );
    assert.ok(plain.length > 20 && share(plain) >= 0.95, `${share(plain)}`);
  });

  it("Responses with function tools are exact on 75 %, and off by less than 1 % at the median", () => {
    const tools = exchanges.filter(
      (one) =>
        one.endpoint === "responses" &&
        hasTools(one) &&
        !hasMedia(one.text) &&
        !isHidden(one.text) &&
        !/"type":"(web_search|file_search|image_generation|mcp|tool_search|web_search_preview)"/.test(one.text),
    );
    const errors = tools.map(({ count, truth }) => Math.abs(count.tokens - truth) / truth).sort((a, b) => a - b);
    assert.ok(tools.length > 25 && share(tools) >= 0.75, `${share(tools)} of ${tools.length}`);
    assert.ok((errors[Math.floor(errors.length / 2)] ?? 1) < 0.01);
  });

  it("of the counts that claim to be exact, 99 % are", () => {
    const claimed = exchanges.filter(({ count }) => count.confidence === "exact");
    assert.ok(claimed.length > 120 && share(claimed) >= 0.99, `${share(claimed)}`);
  });
});
