import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./support";

interface Notices {
  packagesOf(files: readonly string[]): string[];
  noticesFor(folders: readonly string[], supplements: string): string;
}

describe("Third-party notices", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-notices-"));
  const supplements = path.join(folder, "licences");
  let notices: Notices;
  const make = (name: string, manifest: object, texts: Record<string, string> = {}): string => {
    const made = path.join(folder, "node_modules", name);
    mkdirSync(made, { recursive: true });
    writeFileSync(path.join(made, "package.json"), JSON.stringify({ name, version: "1.2.3", ...manifest }));
    for (const [file, text] of Object.entries(texts)) writeFileSync(path.join(made, file), text);
    return made;
  };

  before(async () => {
    mkdirSync(supplements);
    const file = pathToFileURL(path.join(root, "build", "notices.mjs")).href;
    notices = (await import(file)) as Notices;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("are in the package, with every package that is bundled or copied, and a text for each", () => {
    const { stdout, stderr, status } = spawnSync("npx", ["--no-install", "vsce", "ls", "--no-dependencies"], {
      cwd: root,
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    assert.equal(status, 0, stderr);
    assert.ok(stdout.split(/\r?\n/).includes("THIRD_PARTY_NOTICES.txt"), stdout);
    const text = readFileSync(path.join(root, "THIRD_PARTY_NOTICES.txt"), "utf8");
    for (const name of [
      "@bufbuild/protobuf",
      "@opentelemetry/api",
      "@pydantic/genai-prices",
      "@vscode/codicons",
      "@vscode/tree-sitter-wasm",
      "axios",
      "chart.js",
      "diff",
      "js-tiktoken",
      "node-sqlite3-wasm",
      "preact",
      "web-tree-sitter",
      "zod",
    ]) {
      const { version } = JSON.parse(readFileSync(path.join(root, "node_modules", name, "package.json"), "utf8")) as {
        version: string;
      };
      assert.ok(text.includes(`- ${name} ${version} (`), name);
      assert.match(text.slice(text.lastIndexOf(`\n${name} ${version} (`)), /^[^\n]*\n?[^\n]*\n-+\n\n\s*\S/, name);
    }
    for (const name of ["mocha", "eslint", "typescript"]) assert.ok(!text.includes(`- ${name} `), name);
  });

  it("know the package of a file, the innermost, and none of our own files", () => {
    assert.deepEqual(
      notices
        .packagesOf([
          "src/extension.ts",
          "node_modules/a/index.js",
          "node_modules/a/lib/b.js",
          "node_modules/@s/a/index.js",
          "node_modules/a/node_modules/b/index.js",
        ])
        .map((one) => path.relative(process.cwd(), one).split(path.sep).join("/")),
      ["node_modules/@s/a", "node_modules/a", "node_modules/a/node_modules/b"],
    );
  });

  it("hold each text, also one that is kept here for a package without its own", () => {
    writeFileSync(path.join(supplements, "@s+bare.txt"), "Kept here");
    const own = make("own", { license: "MIT" }, { "LICENSE.md": "Its own", NOTICE: "Its notice" });
    const text = notices.noticesFor([own, make("@s/bare", { license: "ISC" })], supplements);
    for (const wanted of ["own 1.2.3 (MIT)", "Its own", "Its notice", "@s/bare 1.2.3 (ISC)", "Kept here"])
      assert.ok(text.includes(wanted), wanted);
  });

  it("fail the build over a licence that is missing, unknown or without a text", () => {
    const folders = [
      make("textless", { license: "MIT" }),
      make("empty", { license: "MIT" }, { LICENSE: " \n" }),
      make("copyleft", { license: "GPL-3.0-only" }, { LICENSE: "GPL" }),
      make("nameless", {}, { LICENSE: "Some text" }),
      make("fine", { license: "(Apache-2.0 AND BSD-3-Clause)" }, { LICENCE: "Text" }),
    ];
    assert.throws(
      () => notices.noticesFor(folders, supplements),
      (error: Error) => {
        for (const name of ["textless", "empty", "copyleft", "nameless"]) assert.ok(error.message.includes(name), name);
        assert.ok(!error.message.includes("fine 1.2.3"));
        return true;
      },
    );
  });
});
