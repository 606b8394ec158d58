import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "../../unit/support";

const cli = path.join(root, "dist", "cli.js");

/** Bare calls whose types are asserted: the command tracks them, and they must be the same. */
const python = `from openai import AsyncOpenAI, OpenAI, Stream
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ParsedChatCompletion
from openai.types.responses import Response
from pydantic import BaseModel


class Answer(BaseModel):
    text: str


def plain(client: OpenAI, user_id: str) -> ChatCompletion:
    return client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])


def streamed(client: OpenAI) -> Stream[ChatCompletionChunk]:
    return client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}], stream=True)


def parsed(client: OpenAI) -> Answer | None:
    completion: ParsedChatCompletion[Answer] = client.chat.completions.parse(
        model="gpt-4o", messages=[{"role": "user", "content": "hi"}], response_format=Answer
    )
    return completion.choices[0].message.parsed


async def later(client: AsyncOpenAI) -> ChatCompletion:
    return await client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])


def response(client: OpenAI) -> Response:
    return client.responses.create(model="gpt-4o", input="hi")


def embedded(client: OpenAI) -> CreateEmbeddingResponse:
    return client.embeddings.create(model="text-embedding-3-small", input="hi")


def raw(client: OpenAI) -> ChatCompletion:
    return client.chat.completions.with_raw_response.create(
        model="gpt-4o", messages=[{"role": "user", "content": "hi"}]
    ).parse()
`;

const typescript = `import type OpenAI from "openai";
import type { ChatCompletionStream } from "openai/lib/ChatCompletionStream";
import type { Stream } from "openai/streaming";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => undefined;
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "hi" }];

export async function types(client: OpenAI): Promise<void> {
  const plain = await client.chat.completions.create({ model: "gpt-4o", messages });
  same<typeof plain, OpenAI.ChatCompletion & { _request_id?: string | null }>(true);
  const streamed = await client.chat.completions.create({ model: "gpt-4o", messages, stream: true });
  same<typeof streamed, Stream<OpenAI.ChatCompletionChunk> & { _request_id?: string | null }>(true);
  const parsed = await client.chat.completions.parse({ model: "gpt-4o", messages, response_format: zodResponseFormat(z.object({ text: z.string() }), "answer") });
  same<(typeof parsed)["choices"][0]["message"]["parsed"], { text: string } | null>(true);
  const managed = client.chat.completions.stream({ model: "gpt-4o", messages });
  same<typeof managed, ChatCompletionStream<null>>(true);
  const { data, response } = await client.chat.completions.create({ model: "gpt-4o", messages }).withResponse();
  same<[typeof data, typeof response], [OpenAI.ChatCompletion, Response]>(true);
  const embedded = await client.embeddings.create({ model: "text-embedding-3-small", input: "hi" });
  same<(typeof embedded)["data"][0]["embedding"], number[]>(true);
  const answered = await client.responses.create({ model: "gpt-4o", input: "hi" });
  same<(typeof answered)["output_text"], string>(true);
  // @ts-expect-error: arguments are still checked
  await client.chat.completions.create({ model: "gpt-4o", messages, temperature: "hot" });
}
`;

describe("What the command writes", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-written-"));
  const inFolder = (name: string, files: Record<string, string>): string => {
    const where = path.join(folder, name);
    mkdirSync(where, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(path.join(where, file), text);
    symlinkSync(path.join(root, "node_modules"), path.join(where, "node_modules"));
    const { status, stderr } = spawnSync(process.execPath, [cli, "instrument", ".", "--all"], {
      cwd: where,
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    return where;
  };
  const passes = (command: string, args: string[], cwd: string): void => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
    assert.equal(status, 0, `${path.basename(command)} ${args.join(" ")}:\n${stdout}${stderr}`);
  };
  const tool = (name: string): string =>
    path.join(
      path.dirname(
        process.env["PROMPT_COST_PYTHON_APP"] ?? assert.fail("run the tests with npm test: it sets up Python"),
      ),
      name,
    );
  const bin = (name: string): string => path.join(root, "node_modules", ".bin", name);
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("passes ruff and mypy --strict in Python, and keeps every type of the calls", () => {
    const where = inFolder("python", { "app.py": python });
    assert.equal(readFileSync(path.join(where, "app.py"), "utf8").match(/tracked\(/g)?.length, 7);
    passes(tool("ruff"), ["check", "--isolated", "."], where);
    passes(tool("ruff"), ["format", "--check", "--isolated", "--line-length", "120", "prompt_cost.py"], where);
    passes(
      tool("mypy"),
      ["--strict", "--python-version", "3.11", "app.py", "prompt_cost.py", "prompt_cost_prices.py"],
      where,
    );
  });

  it("passes tsc --strict and ESLint's recommended rules in TypeScript, and keeps every type of the calls", () => {
    const strict = {
      strict: true,
      target: "ES2022",
      module: "NodeNext",
      moduleResolution: "NodeNext",
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noImplicitReturns: true,
      noPropertyAccessFromIndexSignature: true,
      isolatedModules: true,
      erasableSyntaxOnly: true,
      skipLibCheck: true,
      noEmit: true,
      types: ["node"],
    };
    const eslint =
      'import js from "@eslint/js";\nimport tseslint from "typescript-eslint";\nexport default tseslint.config(js.configs.recommended, tseslint.configs.recommended);\n';
    const where = inFolder("typescript", {
      "app.ts": typescript,
      "package.json": '{ "type": "module" }',
      "tsconfig.json": JSON.stringify({ compilerOptions: strict }),
      "eslint.config.mjs": eslint,
    });
    assert.equal(readFileSync(path.join(where, "app.ts"), "utf8").match(/ tracked\(/g)?.length, 8);
    passes(bin("tsc"), ["-p", "."], where);
    passes(bin("eslint"), ["promptCost.ts", "promptCostPrices.ts"], where);
    // As old as the client's own types allow.
    writeFileSync(
      path.join(where, "old.json"),
      JSON.stringify({
        compilerOptions: {
          ...strict,
          target: "ES2019",
          lib: ["ES2019"],
          module: "CommonJS",
          moduleResolution: "Bundler",
          types: [],
          ignoreDeprecations: "6.0",
        },
        files: ["promptCost.ts"],
      }),
    );
    passes(bin("tsc"), ["-p", "old.json"], where);
  });

  it("passes ESLint's recommended rules in JavaScript, and gives editors its types", () => {
    const eslint = 'import js from "@eslint/js";\nexport default [js.configs.recommended];\n';
    const app =
      'import OpenAI from "openai";\nexport const answer = async () => (await new OpenAI().chat.completions.create({ model: "gpt-4o", messages: [] })).choices[0];\n';
    const where = inFolder("javascript", {
      "package.json": '{ "type": "module" }',
      "app.mjs": app,
      "other.cjs":
        'const OpenAI = require("openai");\nexports.answer = () => new OpenAI().chat.completions.create({ model: "gpt-4o", messages: [] });\n',
      "eslint.config.mjs": eslint,
    });
    passes(bin("eslint"), ["."], where);
    writeFileSync(
      path.join(where, "check.ts"),
      'import OpenAI from "openai";\nimport { tracked } from "./promptCost.mjs";\nconst model: string = (await tracked(new OpenAI().chat.completions, { feature: "f" }).create({ model: "gpt-4o", messages: [] })).model;\n// @ts-expect-error: the feature is asked for\ntracked(new OpenAI().chat, {});\nexport default model;\n',
    );
    writeFileSync(
      path.join(where, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          allowJs: true,
          checkJs: false,
          target: "ES2022",
          module: "NodeNext",
          skipLibCheck: true,
          noEmit: true,
          types: ["node"],
        },
        files: ["check.ts"],
      }),
    );
    passes(bin("tsc"), ["-p", "."], where);
  });
});
