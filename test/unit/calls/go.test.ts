import * as assert from "node:assert/strict";
import path from "node:path";
import type { EstimatedCall } from "../../../src/core/estimate/analysis";
import { isClaim } from "../../../src/core/tokens/confidence";
import { Instrumenter } from "../../../src/core/instrument/instrumenter";
import { MemoryFiles, analyse, assets, chatTokens, root } from "../support";

const HEAD = `package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"
)
`;

/** Go code whose one call sends `messages`. */
const chat = (messages: string, before = "", around = "", signature = "func ask(client openai.Client)"): string =>
  `${HEAD}\n${around}\n${signature} {\n${before}\n\tclient.Chat.Completions.New(context.TODO(), openai.ChatCompletionNewParams{\n\t\tModel:    openai.ChatModelGPT4o,\n\t\tMessages: ${messages},\n\t})\n}\n`;
const list = (...messages: string[]): string =>
  `[]openai.ChatCompletionMessageParamUnion{${messages.map((one) => `${one},`).join(" ")}}`;
const user = (content: string): string => list(`openai.UserMessage(${content})`);

const analyseGo = (code: string, beside: Record<string, string> = {}): Promise<EstimatedCall[]> =>
  analyse({ "main.go": code, ...beside });

async function only(code: string, beside?: Record<string, string>): Promise<EstimatedCall> {
  const calls = await analyseGo(code, beside);
  assert.equal(calls.length, 1, `${calls.length} calls`);
  return calls[0] ?? assert.fail();
}

describe("A call in Go", () => {
  const found: [name: string, code: string, api: string[]][] = [
    ["chat", chat(user('"Hi"')), ["Chat.Completions.New"]],
    [
      "a stream",
      chat(user('"Hi"')).replace("Completions.New", "Completions.NewStreaming"),
      ["Chat.Completions.NewStreaming"],
    ],
    ["a client in a field", chat(user('"Hi"')).replace("client.Chat", "s.llm.client.Chat"), ["Chat.Completions.New"]],
    [
      "a part of the client in a variable",
      chat(user('"Hi"'), "\tapi := client.Chat").replace("\tclient.Chat", "\tapi"),
      ["Chat.Completions.New"],
    ],
    ["another client's package", chat(user('"Hi"')).replaceAll("github.com/openai/openai-go", "example.com/other"), []],
    ["another vendor's client beside", chat(user('"Hi"')).replace("client.Chat", "anthropicClient.Chat"), []],
    ["another New", `${HEAD}\nfunc f() { errors.New("Chat.Completions") }\n`, []],
    [
      "go-openai",
      'package main\n\nimport openai "github.com/sashabaranov/go-openai"\n\nfunc f(c *openai.Client) { c.CreateChatCompletion(ctx, openai.ChatCompletionRequest{Model: openai.GPT4o}) }\n',
      ["CreateChatCompletion"],
    ],
    [
      "a method of that name elsewhere",
      "package main\n\nfunc f(c LLM) { c.CreateChatCompletion(ctx, Request{}) }\n",
      [],
    ],
  ];
  for (const [name, code, apis] of found)
    it(`is found: ${name}`, async () => {
      assert.deepEqual(
        (await analyseGo(code)).map(({ api }) => api),
        apis,
      );
    });

  it("is priced: model, tokens, output limit", async () => {
    const { estimate } = await only(
      chat(user('"Hello"')).replace("Model:  ", "MaxCompletionTokens: openai.Int(500),\n\t\tModel:  "),
    );
    assert.deepEqual([estimate.model.name, estimate.model.source], ["gpt-4o", "constant"]);
    assert.equal(estimate.input.tokens, chatTokens("Hello"));
    assert.equal(estimate.input.confidence, "exact");
    assert.equal(estimate.outputLimit, 500);
    assert.ok(Math.abs((estimate.cost.input ?? 0) - (chatTokens("Hello") * 2.5) / 1e6) < 1e-12);
    assert.ok(Math.abs((estimate.cost.outputLimit ?? 0) - (500 * 10) / 1e6) < 1e-12);
  });

  const models: [written: string, name: string | null][] = [
    ["openai.ChatModelGPT4oMini", "gpt-4o-mini"],
    ["shared.ChatModelGPT4_1Mini", "gpt-4.1-mini"],
    ['"gpt-4o-mini"', "gpt-4o-mini"],
    ['openai.ChatModel("o3-mini")', "o3-mini"],
    ["openai.F(openai.ChatModelO1)", "o1"],
    ['openai.F[openai.ChatModel]("o1")', "o1"],
    ['cmp.Or(os.Getenv("MODEL"), "gpt-4o-mini")', "gpt-4o-mini"],
    ["openai.ChatModelOfNextYear", null],
    ["s.model", null],
  ];
  for (const [written, name] of models)
    it(`reads the model ${written}`, async () => {
      const { estimate } = await only(chat(user('"Hi"')).replace("openai.ChatModelGPT4o", written));
      assert.equal(estimate.model.name, name);
    });
});

describe("A client in Go", () => {
  const made: [how: string, expression: string, isPriced: boolean][] = [
    ["with a key", 'openai.NewClient(option.WithAPIKey("k"), option.WithMaxRetries(3))', true],
    ["without anything", "openai.NewClient()", true],
    ["with an address that only the running program knows", "openai.NewClient(option.WithBaseURL(address))", false],
    ["with options from elsewhere", "openai.NewClient(options...)", false],
    ["with an option that isn't known", "openai.NewClient(option.WithSomething(x))", false],
  ];
  for (const [how, expression, isPriced] of made)
    it(`${isPriced ? "is priced as OpenAI's" : "has no price"}: ${how}`, async () => {
      const code = chat(user('"Hi"'), `\tclient := ${expression}`, "", "func ask(options []option.RequestOption)");
      const { estimate } = await only(code.replace("openai-go/v3/shared", "openai-go/v3/option"));
      assert.equal(estimate.cost.input !== null, isPriced);
    });

  it("is of the vendor whose address go-openai's configuration has", async () => {
    const { estimate } = await only(`package main

import openai "github.com/sashabaranov/go-openai"

func ask() {
	config := openai.DefaultConfig("k")
	config.BaseURL = "https://api.groq.com/openai/v1"
	client := openai.NewClientWithConfig(config)
	client.CreateChatCompletion(ctx, openai.ChatCompletionRequest{Model: "llama-3.3-70b-versatile"})
}
`);
    assert.equal(estimate.vendor.name, "Groq");
  });
});

describe("A prompt in Go", () => {
  type Case = [name: string, code: string, texts: string[], holes?: string[]];
  const cases: Case[] = [
    ["literals", chat(list('openai.SystemMessage("Be brief.")', 'openai.UserMessage("Hi")')), ["Be brief.", "Hi"]],
    ["escapes", chat(user(String.raw`"a\tb\n\u00e9\x41"`)), ["a\tb\néA"]],
    ["raw text", chat(user("`a\\t\nb`")), ["a\\t\nb"]],
    ["concatenation", chat(user('"a" + "b" + tail'), '\ttail := "c"'), ["abc"]],
    ["a package's constant", chat(user("prompt"), "", 'const prompt = "Hello"'), ["Hello"]],
    ["one of a group of constants", chat(user("b"), "", 'const (\n\ta = "one"\n\tb string = "two"\n)'), ["two"]],
    ["fmt.Sprintf", chat(user('fmt.Sprintf("Dear %s, %d%%", name, 3)'), '\tname := "Ada"'), ["Dear Ada, 3%"]],
    [
      "fmt.Sprintf with a hole",
      chat(user('fmt.Sprintf("Dear %s!", name)'), "", "", "func ask(client openai.Client, name string)"),
      ["Dear !"],
      ["name"],
    ],
    ["a format that isn't told", chat(user('fmt.Sprintf("%.2f of %q", 3, "x")')), [" of "], ["3", '"x"']],
    ["arguments by number", chat(user('fmt.Sprintf("%[2]s %s", "a", "b")')), [" "], ["%[2]s", "%s"]],
    ["strings.Join", chat(user('strings.Join([]string{"a", "b"}, ", ")')), ["a, b"]],
    [
      "strings.TrimSpace and others",
      chat(user('strings.ToUpper(strings.TrimSpace(`\n a `)) + strings.Repeat("-", 3)')),
      ["A---"],
    ],
    ["strings.ReplaceAll", chat(user('strings.ReplaceAll("a NAME b", "NAME", "x")')), ["a x b"]],
    [
      "a list that grows",
      chat("messages", `\tmessages := ${user('"one"')}\n\tmessages = append(messages, openai.UserMessage("two"))`),
      ["one", "two"],
    ],
    [
      "a list that is declared empty",
      chat(
        "messages",
        '\tvar messages []openai.ChatCompletionMessageParamUnion\n\tmessages = append(messages, openai.UserMessage("a"), openai.UserMessage("b"))',
      ),
      ["a", "b"],
    ],
    [
      "a list of capacity",
      chat(
        "messages",
        '\tmessages := make([]openai.ChatCompletionMessageParamUnion, 0, 2)\n\tmessages = append(messages, openai.UserMessage("a"))',
      ),
      ["a"],
    ],
    ["append to another list", chat(`append(${user('"a"')}, openai.UserMessage("b"))`), ["a", "b"]],
    [
      "structs of a union",
      chat(
        list(
          '{OfUser: &openai.ChatCompletionUserMessageParam{Content: openai.ChatCompletionUserMessageParamContentUnion{OfString: param.NewOpt("Hi")}}}',
        ),
      ),
      ["Hi"],
    ],
    ["openai.F", chat(`openai.F(${user('"Hi"')})`), ["Hi"]],
    ["a text that grows", chat(user("text"), '\ttext := "a"\n\ttext += "b"'), ["ab"]],
    [
      "a function's result",
      chat(user("prompt(x)"), "", "", "func ask(client openai.Client, x string)"),
      [""],
      ["prompt(x)"],
    ],
    ["two values at once", chat(user("a + b"), '\ta, b := "x", "y"'), ["xy"]],
    ["a part of a text", chat(user("text[1:]"), '\ttext := "abc"'), [""], ["text[1:]"]],
  ];
  for (const [name, code, texts, holes = []] of cases)
    it(`reads ${name}`, async () => {
      const { estimate } = await only(code);
      assert.deepEqual(estimate.holes, holes);
      assert.equal(estimate.input.tokens, chatTokens(...texts));
      assert.equal(isClaim(estimate.input.confidence), holes.length === 0);
    });

  it("reads a request that is built before the call", async () => {
    const code = `${HEAD}
func ask(client openai.Client, q string) {
	params := openai.ChatCompletionNewParams{Model: openai.ChatModelGPT4oMini}
	params.Messages = append(params.Messages, openai.SystemMessage("Be brief."))
	params.MaxTokens = openai.Int(20)
	if q != "" {
		params.Messages = append(params.Messages, openai.UserMessage(q))
	}
	client.Chat.Completions.New(context.TODO(), params)
}
`;
    const { estimate } = await only(code);
    assert.equal(estimate.model.name, "gpt-4o-mini");
    assert.equal(estimate.outputLimit, 20);
    assert.equal(estimate.input.tokens, chatTokens("Be brief."));
    assert.equal(estimate.input.confidence, "lowerBound");
  });

  it("reads go-openai's requests", async () => {
    const code = `package main

import openai "github.com/sashabaranov/go-openai"

func ask(c *openai.Client) {
	c.CreateChatCompletion(ctx, openai.ChatCompletionRequest{
		Model: openai.GPT4oMini,
		Messages: []openai.ChatCompletionMessage{
			{Role: openai.ChatMessageRoleSystem, Content: "Be brief."},
			{Role: "user", MultiContent: []openai.ChatMessagePart{{Type: openai.ChatMessagePartTypeText, Text: "Hi"}}},
		},
		MaxTokens:   400,
		Temperature: 0,
	})
	c.CreateEmbeddings(ctx, openai.EmbeddingRequest{Input: []string{"one two"}, Model: openai.SmallEmbedding3})
}
`;
    const [ask, embed] = await analyseGo(code);
    assert.equal(ask?.estimate.model.name, "gpt-4o-mini");
    assert.equal(ask.estimate.input.tokens, chatTokens("Be brief.", "Hi"));
    assert.equal(ask.estimate.outputLimit, 400);
    assert.deepEqual([embed?.estimate.model.name, embed?.estimate.input.tokens], ["text-embedding-3-small", 2]);
  });

  it("reads the other APIs", async () => {
    const code = `${HEAD}
func f(client openai.Client) {
	client.Responses.New(ctx, responses.ResponseNewParams{
		Model: openai.ChatModelGPT4o,
		Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("Hello")},
		MaxOutputTokens: openai.Int(50),
	})
	client.Responses.New(ctx, responses.ResponseNewParams{
		Model: openai.ChatModelGPT4o,
		Input: responses.ResponseNewParamsInputUnion{OfInputItemList: responses.ResponseInputParam{
			responses.ResponseInputItemParamOfMessage("Hello", responses.EasyInputMessageRoleUser),
		}},
	})
	client.Embeddings.New(ctx, openai.EmbeddingNewParams{
		Model: openai.EmbeddingModelTextEmbedding3Large,
		Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String("one two")},
	})
}
`;
    const calls = await analyseGo(code);
    assert.deepEqual(
      calls.map(({ api, estimate }) => [api, estimate.input.tokens, estimate.outputLimit]),
      [
        ["Responses.New", 8, 50],
        ["Responses.New", 8, null],
        ["Embeddings.New", 2, 0],
      ],
    );
    assert.ok(calls.every(({ estimate }) => isClaim(estimate.input.confidence)));
  });

  it("counts tools and formats as the same request in Python", async () => {
    const go = await only(
      chat(user('"Weather?"')).replace(
        "Messages:",
        `Tools: []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
			Name: "get_weather",
			Description: openai.String("Get the weather"),
			Parameters: openai.FunctionParameters{
				"type": "object",
				"properties": map[string]any{"location": map[string]string{"type": "string"}},
				"required": []string{"location"},
			},
		})},
		Messages:`,
      ),
    );
    const [python] = await analyse({
      "a.py":
        'client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Weather?"}], tools=[{"type": "function", "function": {"name": "get_weather", "description": "Get the weather", "parameters": {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]}}}])\n',
    });
    assert.deepEqual(go.estimate.input, python?.estimate.input);
  });
});

describe("A prompt in Go that other code may change", () => {
  const messages = user('"one"');
  const start = `\tmessages := ${messages}\n`;
  const unsure: Record<string, string> = {
    "a variable in a branch": chat(user("text"), '\ttext := "a"\n\tif cond {\n\t\ttext = "b"\n\t}'),
    "its address is handed over": chat(user("text"), '\ttext := "a"\n\tjson.Unmarshal(data, &text)'),
    "a closure assigns to it": chat(user("text"), '\ttext := "a"\n\tfunc() { text = "b" }()'),
    "a package's variable": chat(user("text"), "", 'var text = "a"'),
    "a package's variable that a function sets": chat(
      user("text"),
      "",
      'var text = "a"\n\nfunc set(s string) { text = s }',
    ),
    "the list is handed over": chat("messages", `${start}\tfill(messages)`),
    "an item is replaced": chat("messages", `${start}\tmessages[0] = openai.UserMessage(x)`),
    "an item of another name is replaced": chat(
      "messages",
      `${start}\tothers := messages\n\tothers[0] = openai.UserMessage(x)`,
    ),
    "it grows in a loop": chat(
      "messages",
      `${start}\tfor _, m := range history {\n\t\tmessages = append(messages, openai.UserMessage(m))\n\t}`,
    ),
    "it gets others' items": chat("messages", `${start}\tmessages = append(messages, history...)`),
    "a loop's variable of the same name": chat(user("text"), '\ttext := "a"\n\tfor _, text := range texts {').replace(
      /\n}\n$/,
      "\n\t}\n}\n",
    ),
    "a condition's variable of the same name": chat(
      user("text"),
      '\ttext := "a"\n\tif text := load(); text != "" {',
    ).replace(/\n}\n$/, "\n\t}\n}\n"),
    "a parameter of the same name": chat(
      user("text"),
      "",
      'const text = "a"',
      "func ask(client openai.Client, text string)",
    ),
  };
  for (const [name, code] of Object.entries(unsure))
    it(`isn't claimed to be exact: ${name}`, async () => {
      const { estimate } = await only(code);
      assert.equal(isClaim(estimate.input.confidence), false, JSON.stringify(estimate.input));
    });

  const sure: Record<string, [code: string, texts: string[]]> = {
    "a block's own variable": [
      chat(user("text"), '\ttext := "a"\n\tif cond {\n\t\ttext := "b"\n\t\tprint(text)\n\t}'),
      ["a"],
    ],
    "a bare block's own variable": [
      chat(user("text"), '\ttext := "a"\n\t{\n\t\ttext := "b"\n\t\tprint(text)\n\t}'),
      ["a"],
    ],
    "a list that was copied before the other grew": [
      chat(
        "messages",
        `\tbase := ${messages}\n\tmessages := base\n\tbase = append(base, openai.UserMessage("two"))\n\tprint(base)`,
      ),
      ["one"],
    ],
    "a list that is only looked at": [
      chat("messages", `${start}\tlog.Printf("%d %v", len(messages), messages)`),
      ["one"],
    ],
    "a struct that was copied": [
      chat(
        "params.Messages",
        `\tparams := openai.ChatCompletionNewParams{Messages: ${messages}}\n\tfmt.Println(params)`,
      ),
      ["one"],
    ],
  };
  for (const [name, [code, texts]] of Object.entries(sure))
    it(`is exact: ${name}`, async () => {
      const { estimate } = await only(code);
      assert.equal(estimate.input.tokens, chatTokens(...texts));
      assert.equal(estimate.input.confidence, "exact");
    });

  it("has the calls around code that is being typed", async () => {
    const code = `${chat(user('"one"'))}\nfunc broken() {\n\tx := foo(\n\n${chat(user('"two"'), "", "", "func again(client openai.Client)").slice(HEAD.length)}`;
    assert.deepEqual(
      (await analyseGo(code)).map(({ estimate }) => estimate.input.tokens),
      [chatTokens("one"), chatTokens("two")],
    );
  });
});

describe("Instrumenting a call in Go", () => {
  it("is refused, with the reason", async () => {
    const file = path.join(root, "main.go");
    const opened = await new Instrumenter(assets, new MemoryFiles({})).open(file, chat(user('"Hi"')), root);
    assert.match(opened?.calls[0]?.refusal ?? "", /written in Go/);
    opened?.close();
  });
});
