/**
 * Builds the extension, its worker and the command line into `dist`, and with --tests the tests into `out`.
 * Options: --production (minified), --tests, --watch (either, again after each change, with what is copied).
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, watch, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import ts from "typescript";
import { writeEncodings } from "./encodings.mjs";
import { load } from "./load.mjs";
import { noticesFor, packagesOf } from "./notices.mjs";
import { writePrices } from "./prices.mjs";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);
const require = createRequire(import.meta.url);
const has = (option) => process.argv.includes(option);

const shared = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  mainFields: ["module", "main"],
  // The module of the same package asks for import.meta, which a bundle in CommonJS has not.
  alias: { "web-tree-sitter": require.resolve("web-tree-sitter") },
  external: ["vscode"],
  loader: { ".scm": "text" },
  minify: has("--production"),
  sourcemap: has("--production") ? false : "linked",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

/** What the extension loads only when it is needed is a file of its own: activation must not read it. */
const loadedLater = {
  name: "loaded-later",
  setup: (build) =>
    build.onResolve({ filter: /\/(protocol|telemetryProtocol|viewProtocol|sources)$/ }, ({ kind, path: file }) =>
      kind === "dynamic-import" ? { path: `./${path.basename(file)}.js`, external: true } : undefined,
    ),
};

const product = {
  ...shared,
  plugins: [loadedLater],
  entryPoints: {
    extension: "src/extension.ts",
    worker: "src/worker/worker.ts",
    cli: "src/cli/main.ts",
    protocol: "src/worker/protocol.ts",
    telemetry: "src/worker/telemetry.ts",
    telemetryProtocol: "src/worker/telemetryProtocol.ts",
    viewProtocol: "src/webview/viewProtocol.ts",
    sources: "src/core/instrument/sources.ts",
    sample: "src/sample/main.ts",
  },
  outdir: "dist",
};

/** What draws, in the browser that VS Code is. */
const webview = {
  ...shared,
  platform: "browser",
  target: "es2022",
  format: "iife",
  alias: {},
  external: [],
  entryPoints: { main: "src/webview/main.tsx" },
  outdir: "dist/webview",
};

/** Every file of tests is a bundle of its own, so that mocha can load each alone. */
const tests = () => ({
  ...shared,
  minify: false,
  entryPoints: Object.fromEntries(
    findTests("test").map((file) => [file.replace(/^test[\\/]/, "").replace(/\.ts$/, ""), file]),
  ),
  external: [
    "vscode",
    "mocha",
    "typescript",
    "esbuild",
    "playwright-core",
    "@vscode/test-electron",
    "fast-check",
    "markdown-it",
    "marked",
    "js-tiktoken",
    "gpt-tokenizer",
    "node-sqlite3-wasm",
    "@opentelemetry/*",
  ],
  outdir: "out",
});

function findTests(folder) {
  const files = readdirSync(folder, { recursive: true }).map((file) => path.join(folder, file));
  return files.filter((file) => /\.(test|bench|entry)\.ts$/.test(file));
}

/** Files of packages that went into `dist` without being bundled. */
const assets = [];

function copyAsset(name, target) {
  const file = require.resolve(name);
  assets.push(file);
  copyFileSync(file, target);
}

async function writeAssets() {
  writeEncodings("dist/encodings");
  writePrices("dist/catalogue.json");
  // Data of ours is made of these two.
  assets.push(require.resolve("js-tiktoken/lite"), require.resolve("@pydantic/genai-prices"));
  mkdirSync("dist/grammars", { recursive: true });
  copyAsset("web-tree-sitter/web-tree-sitter.wasm", "dist/grammars/web-tree-sitter.wasm");
  const { languages } = await load("src/core/languages/registry.ts");
  for (const name of new Set(languages.map(({ grammar }) => grammar)))
    copyAsset(`@vscode/tree-sitter-wasm/wasm/${name}.wasm`, `dist/grammars/${name}.wasm`);
  copyAsset("node-sqlite3-wasm/dist/node-sqlite3-wasm.wasm", "dist/node-sqlite3-wasm.wasm");
  mkdirSync("dist/webview", { recursive: true });
  for (const name of ["codicon.css", "codicon.ttf"]) copyAsset(`@vscode/codicons/dist/${name}`, `dist/webview/${name}`);
  writeWrappers();
  await writeSchemas();
}

/** The wrappers that "Instrument this call" writes into workspaces: as they are, and as JavaScript. */
function writeWrappers() {
  mkdirSync("dist/wrapper", { recursive: true });
  for (const name of ["prompt_cost.py", "promptCost.ts"]) copyFileSync(`src/wrapper/${name}`, `dist/wrapper/${name}`);
  const text = readFileSync("src/wrapper/promptCost.ts", "utf8");
  const required = text.replace(
    'import("./promptCostPrices")',
    'Promise.resolve().then(() => require("./promptCostPrices"))',
  );
  for (const [ending, module, source] of [
    ["mjs", ts.ModuleKind.ESNext, text],
    ["cjs", ts.ModuleKind.CommonJS, required],
  ]) {
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module, target: ts.ScriptTarget.ES2022, removeComments: false },
    });
    writeFileSync(`dist/wrapper/promptCost.${ending}`, outputText);
  }
}

/** The schemas come from the code that reads what they describe. */
async function writeSchemas() {
  const { schemas } = await load("src/core/schemas.ts");
  for (const [name, schema] of Object.entries(schemas))
    writeFileSync(`dist/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`);
}

/** While the build watches, the schemas follow the code that they come from. */
const schemasToo = { name: "schemas", setup: (build) => build.onEnd(writeSchemas) };

if (!existsSync("dist/catalogue.json") || has("--production")) {
  rmSync("dist", { recursive: true, force: true });
}
await writeAssets();
if (has("--watch")) {
  const withSchemas = { ...product, plugins: [...product.plugins, schemasToo] };
  const watched = [withSchemas, webview, ...(has("--tests") ? [tests()] : [])];
  for (const options of watched) await (await esbuild.context(options)).watch();
  // No bundle holds the wrappers, so that esbuild doesn't see them change.
  let pending;
  watch("src/wrapper", () => {
    clearTimeout(pending);
    // An editor, or git, may replace a file in several steps.
    pending = setTimeout(writeWrappers, 200);
  });
} else {
  const bundled = [await esbuild.build(product), await esbuild.build(webview)].flatMap(({ metafile }) =>
    Object.values(metafile.outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    ),
  );
  writeFileSync("THIRD_PARTY_NOTICES.txt", noticesFor(packagesOf([...bundled, ...assets]), "build/licences"));
  if (has("--tests")) {
    // Tests that are gone must not run on.
    rmSync("out", { recursive: true, force: true });
    await esbuild.build(tests());
  }
}
