import * as assert from "node:assert/strict";
import { describeEstimate } from "../../src/core/estimate/describe";
import type { CostEstimate } from "../../src/core/estimate/estimate";
import { DEFAULT_FORMAT, formatEstimate } from "../../src/core/estimate/format";
import type { Confidence, CountReason } from "../../src/core/tokens/confidence";
import { analysePython } from "./support";

const estimateOf = async (code: string): Promise<CostEstimate> => {
  const [call] = await analysePython(`from openai import OpenAI\nclient = OpenAI()\n${code}`);
  assert.ok(call !== undefined);
  return call.estimate;
};

const withInput = (estimate: CostEstimate, confidence: Confidence, reasons: CountReason[] = []): CostEstimate => ({
  ...estimate,
  input: { ...estimate.input, tokens: 412, confidence, reasons },
  cost: { input: 0.00103, outputLimit: 0.005 },
});

describe("Estimates by their confidence", () => {
  const code = 'client.responses.create(model="gpt-4o", input="Hi", max_output_tokens=500)';

  const lenses: [Confidence, string][] = [
    ["exact", "≈ 412 tok in · ≤ 500 out · $0.0060 / call · gpt-4o"],
    ["exactForOneCall", "≈ 412 tok in · ≤ 500 out · $0.0060 / call · gpt-4o"],
    ["estimated", "~412 tok in · ≤ 500 out · ~$0.0060 / call · gpt-4o"],
    ["lowerBound", "412+ tok in · ≤ 500 out · $0.0060+ / call · gpt-4o"],
  ];
  for (const [confidence, lens] of lenses)
    it(`shows ${confidence} above the call`, async () => {
      assert.equal(formatEstimate(DEFAULT_FORMAT, withInput(await estimateOf(code), confidence)), lens);
    });

  it("names each reason in the hover on a line of its own", async () => {
    const reasons: CountReason[] = [
      { confidence: "exact", tokens: 9, text: "`tool_choice` names `get_weather`" },
      { confidence: "estimated", tokens: null, text: "tool descriptions beyond ASCII are not measured" },
    ];
    const { text } = describeEstimate("responses.create", withInput(await estimateOf(code), "estimated", reasons));
    assert.ok(
      text.includes(
        [
          "- Tokens: estimated\\; the true number may be a little more or less\\.",
          "  - \\+9\\: `tool_choice` names `get_weather`",
          "  - tool descriptions beyond ASCII are not measured",
          "- Price: ",
        ].join("\n"),
      ),
      text,
    );
    assert.ok(text.includes("| **total** | **\\~412** |"), text);
  });

  it("says of classic tools in the Responses API that the count holds for one call", async () => {
    const { input } = await estimateOf(
      'client.responses.create(model="gpt-4o", input="Hi", tools=[{"type": "function", "name": "f", "parameters": {}}])',
    );
    assert.equal(input.confidence, "exactForOneCall");
    assert.match(input.reasons[0]?.text ?? "", /at most one call/);
  });

  it("says of a model that it doesn't know that the count is estimated", async () => {
    assert.equal(
      (await estimateOf('client.responses.create(model="llama-9", input="Hi")')).input.confidence,
      "estimated",
    );
  });
});
