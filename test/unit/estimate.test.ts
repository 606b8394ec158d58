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

  const unread: Record<string, [code: string, lens: string]> = {
    "prompt and model are parameters": [
      "def f(messages, model):\n    client.chat.completions.create(model=model, messages=messages)",
      "prompt and model from parameters",
    ],
    "the whole request is a parameter": [
      "def f(**options):\n    client.chat.completions.create(**options)",
      "prompt and model from options",
    ],
    "prompt and model are from different places": [
      "class A:\n    def f(self, messages):\n        client.chat.completions.create(model=self.config.model, messages=messages)",
      "prompt from messages · model from self.config.model",
    ],
    "the model is known": [
      "def f(messages):\n    client.chat.completions.create(model='gpt-4o', messages=messages)",
      "prompt from messages · gpt-4o",
    ],
    "the message is all frame": [
      "def f(q):\n    client.chat.completions.create(model='gpt-4o', messages=[{'role': 'user', 'content': q}], max_tokens=500)",
      "prompt from q · ≤ 500 out · gpt-4o",
    ],
    "several are waited for": [
      "client.chat.completions.create(model='gpt-4o', messages=[{'role': 'user', 'content': ask()}, other(), third()])",
      "prompt from ask() and 2 more · gpt-4o",
    ],
    "it is an embedding's": [
      "def f(texts):\n    client.embeddings.create(model='text-embedding-3-small', input=texts)",
      "prompt from texts · text-embedding-3-small",
    ],
    "the price isn't known either": [
      "def f(texts):\n    client.responses.create(model='nobody-knows', input=texts)",
      "prompt from texts · price unknown · nobody-knows",
    ],
  };
  for (const [name, [call, lens]] of Object.entries(unread))
    it(`says what a call waits for of whose prompt nothing is known: ${name}`, async () => {
      assert.equal(formatEstimate(DEFAULT_FORMAT, await estimateOf(call)), lens);
    });

  it("counts what is known of a prompt, and says where its model is from", async () => {
    const lens = formatEstimate(
      DEFAULT_FORMAT,
      await estimateOf(
        "def f(q, model):\n    client.chat.completions.create(model=model, messages=[{'role': 'user', 'content': f'Say {q}'}])",
      ),
    );
    assert.match(lens, /^\d+\+ tok in · price unknown · model from a parameter$/);
  });

  it("shortens what a prompt is from, which may be a program", async () => {
    const lens = formatEstimate(
      "{input}",
      await estimateOf(`client.responses.create(model="gpt-4o", input=build(${'"a very long text", '.repeat(9)}1))`),
    );
    assert.ok(lens.length <= 60 && lens.endsWith("…"), lens);
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
          "- Vendor: OpenAI",
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
