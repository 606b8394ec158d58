import { createRequire } from "node:module";
import esbuild from "esbuild";

const require = createRequire(import.meta.url);

/** What a module of the source exports, for what is made of it at build time. */
export async function load(entryPoint) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [entryPoint],
    bundle: true,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    alias: { "web-tree-sitter": require.resolve("web-tree-sitter") },
    external: ["vscode"],
    loader: { ".scm": "text" },
    write: false,
    logLevel: "warning",
  });
  const module = { exports: {} };
  new Function("module", "exports", "require", outputFiles[0].text)(module, module.exports, require);
  return module.exports;
}
