import * as assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { wrapperPlace } from "../../../src/core/instrument/wrapperPlace";

interface Case {
  /** Files of the workspace; the first one has the call. */
  files: Record<string, string>;
  imports: string;
  wrapper: string;
  pricesModule: string;
}

const call = "client.chat.completions.create(model='m')\n";
const init = { "app/__init__.py": "" };
const cases: Record<string, Case> = {
  "a script": {
    files: { "run.py": call },
    imports: "prompt_cost",
    wrapper: "prompt_cost.py",
    pricesModule: "prompt_cost_prices",
  },
  "a script in a folder, which imports its neighbour": {
    files: { "jobs/run.py": "from prompts import A\n", "jobs/prompts.py": "" },
    imports: "prompt_cost",
    wrapper: "jobs/prompt_cost.py",
    pricesModule: "prompt_cost_prices",
  },
  "a folder without a mark, imported from above": {
    files: { "assistant/answers.py": "from assistant.prompts import A\n", "assistant/prompts.py": "" },
    imports: "prompt_cost",
    wrapper: "prompt_cost.py",
    pricesModule: "prompt_cost_prices",
  },
  "a package with absolute imports": {
    files: { "app/answers.py": "from app.prompts import A\n", ...init },
    imports: "app.prompt_cost",
    wrapper: "app/prompt_cost.py",
    pricesModule: ".prompt_cost_prices",
  },
  "a package with relative imports": {
    files: { "app/llm/answers.py": "from ..prompts import A\n", "app/llm/__init__.py": "", ...init },
    imports: "..prompt_cost",
    wrapper: "app/prompt_cost.py",
    pricesModule: ".prompt_cost_prices",
  },
  "a folder without a mark in a package": {
    files: { "app/llm/answers.py": "from ..prompts import A\n", ...init },
    imports: "..prompt_cost",
    wrapper: "app/prompt_cost.py",
    pricesModule: ".prompt_cost_prices",
  },
  "a project whose own folder is marked": {
    files: { "app/answers.py": "from app.prompts import A\n", ...init, "__init__.py": "" },
    imports: "app.prompt_cost",
    wrapper: "app/prompt_cost.py",
    pricesModule: ".prompt_cost_prices",
  },
  "a package, as its other files do it": {
    files: { "app/answers.py": "import openai\n", "app/other.py": "from .prompts import A\n", ...init },
    imports: ".prompt_cost",
    wrapper: "app/prompt_cost.py",
    pricesModule: ".prompt_cost_prices",
  },
  "a package below src": {
    files: { "src/app/answers.py": "import openai\n", "src/app/__init__.py": "", "pyproject.toml": "" },
    imports: "app.prompt_cost",
    wrapper: "src/app/prompt_cost.py",
    pricesModule: ".prompt_cost_prices",
  },
  "one of several packages": {
    files: { "app/answers.py": "from .x import y\n", ...init, "web/__init__.py": "", "manage.py": "" },
    imports: "prompt_cost",
    wrapper: "prompt_cost.py",
    pricesModule: "prompt_cost_prices",
  },
  "a package whose tests lie beside it": {
    files: { "app/answers.py": "from .x import y\n", ...init, "tests/__init__.py": "" },
    imports: ".prompt_cost",
    wrapper: "app/prompt_cost.py",
    pricesModule: ".prompt_cost_prices",
  },
  "a package that runs as scripts": {
    files: { "app/answers.py": "from prompts import A\n", "app/prompts.py": "", ...init },
    imports: "prompt_cost",
    wrapper: "app/prompt_cost.py",
    pricesModule: "prompt_cost_prices",
  },

  "TypeScript without a project": {
    files: { "a/x.ts": "import a from './b';\n" },
    imports: "./promptCost",
    wrapper: "a/promptCost.ts",
    pricesModule: "./promptCostPrices",
  },
  "TypeScript below src": {
    files: { "src/api/x.ts": "import a from './b';\n", "package.json": "{}" },
    imports: "../promptCost",
    wrapper: "src/promptCost.ts",
    pricesModule: "./promptCostPrices",
  },
  "endings as the file has them": {
    files: { "src/x.ts": "import a from './b.js';\n", "package.json": "{}" },
    imports: "./promptCost.js",
    wrapper: "src/promptCost.ts",
    pricesModule: "./promptCostPrices.js",
  },
  "endings .ts": {
    files: { "src/x.ts": "import a from './b.ts';\n", "package.json": "{}" },
    imports: "./promptCost.ts",
    wrapper: "src/promptCost.ts",
    pricesModule: "./promptCostPrices.ts",
  },
  "endings as the compiler wants them": {
    files: {
      "src/x.ts": "import OpenAI from 'openai';\n",
      "tsconfig.json": '{ /* c */ "extends": "./base.json", }',
      "base.json": '{ "compilerOptions": { "module": "NodeNext" } }',
    },
    imports: "./promptCost.js",
    wrapper: "src/promptCost.ts",
    pricesModule: "./promptCostPrices.js",
  },
  "endings as an inherited package's compiler wants them": {
    files: {
      "x.ts": "",
      "tsconfig.json": '{ "extends": "@tsconfig/node20/tsconfig.json" }',
      "node_modules/@tsconfig/node20/tsconfig.json": '{ "compilerOptions": { "module": "node16" } }',
    },
    imports: "./promptCost.js",
    wrapper: "promptCost.ts",
    pricesModule: "./promptCostPrices.js",
  },
  "an alias that the file uses": {
    files: {
      "src/app/api/chat/route.ts": "import { p } from '@/lib/prompts';\n",
      "tsconfig.json": '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
    },
    imports: "@/promptCost",
    wrapper: "src/promptCost.ts",
    pricesModule: "./promptCostPrices",
  },
  "an alias that the file does not use": {
    files: {
      "src/app/x.ts": "import { p } from '../lib/prompts';\n",
      "tsconfig.json": '{ "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["src/*"] } } }',
    },
    imports: "../promptCost",
    wrapper: "src/promptCost.ts",
    pricesModule: "./promptCostPrices",
  },
  "an alias of package.json": {
    files: {
      "src/api/x.mjs": "import { p } from '#app/prompts.mjs';\n",
      "package.json": '{ "imports": { "#app/*": "./src/*" } }',
    },
    imports: "#app/promptCost.mjs",
    wrapper: "src/promptCost.mjs",
    pricesModule: "./promptCostPrices.mjs",
  },
  "the package of a monorepo": {
    files: {
      "packages/web/src/x.tsx": "'use client'\nimport OpenAI from 'openai'\n",
      "packages/web/package.json": "{}",
      "package.json": "{}",
    },
    imports: "./promptCost",
    wrapper: "packages/web/src/promptCost.ts",
    pricesModule: "./promptCostPrices",
  },
  "an ES module": {
    files: { "x.js": "import OpenAI from 'openai';\n", "package.json": "{}" },
    imports: "./promptCost.mjs",
    wrapper: "promptCost.mjs",
    pricesModule: "./promptCostPrices.mjs",
  },
  CommonJS: {
    files: { "lib/x.js": "const OpenAI = require('openai');\n", "package.json": "{}" },
    imports: "../promptCost.cjs",
    wrapper: "promptCost.cjs",
    pricesModule: "./promptCostPrices.cjs",
  },
  "a file that imports nothing, in a package of ES modules": {
    files: { "x.js": "client.chat.completions.create({});\n", "package.json": '{ "type": "module" }' },
    imports: "./promptCost.mjs",
    wrapper: "promptCost.mjs",
    pricesModule: "./promptCostPrices.mjs",
  },
  "a file that imports nothing, in another": {
    files: { "x.js": "client.chat.completions.create({});\n", "package.json": "{}" },
    imports: "./promptCost.cjs",
    wrapper: "promptCost.cjs",
    pricesModule: "./promptCostPrices.cjs",
  },
};

describe("Where the wrapper lies", () => {
  for (const [title, { files, imports, wrapper, pricesModule }] of Object.entries(cases)) {
    it(title, () => {
      const root = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-place-"));
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
        writeFileSync(path.join(root, name), text);
      }
      const [[name, text] = ["", ""]] = Object.entries(files);
      const place = wrapperPlace(path.join(root, name), text, root);
      assert.deepEqual(
        [place.tracker.module, path.relative(root, place.wrapper), place.pricesModule],
        [imports, wrapper, pricesModule],
      );
      rmSync(root, { recursive: true });
    });
  }
});
