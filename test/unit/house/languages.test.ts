import * as assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { methodsOf } from "../../../src/core/calls/apis";
import { mayHaveCalls, pathWords } from "../../../src/core/calls/words";
import { headEnd } from "../../../src/core/estimate/callHead";
import { mayHoldCalls, sourcesGlob } from "../../../src/core/instrument/sources";
import { languageNames, languages, languageOfFile, languageOfIdentifier } from "../../../src/core/languages/registry";
import { isSource } from "../../../src/core/scan/walk";
import { root } from "../support";

const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

/** What package.json says of commands and languages. */
interface Manifest {
  activationEvents: string[];
  contributes: { menus: Record<string, { when: string }[]> };
}

describe("The languages", () => {
  const manifest = JSON.parse(read("package.json")) as Manifest;
  const identifiers = languages.flatMap((pack) => pack.identifiers);

  it("are those that package.json activates the extension for, and offers its commands in", () => {
    assert.deepEqual(
      manifest.activationEvents.flatMap((event) => /^onLanguage:(.*)/.exec(event)?.[1] ?? []),
      identifiers,
    );
    const whens = Object.values(manifest.contributes.menus)
      .flat()
      .flatMap(({ when }) => /^editorLangId =~ \/(.*)\/$/.exec(when)?.[1] ?? []);
    assert.ok(whens.length > 0);
    for (const when of whens) {
      for (const identifier of identifiers) assert.match(identifier, new RegExp(when));
      assert.doesNotMatch("rust", new RegExp(when));
    }
  });

  it("have their selectors from package.json", () => {
    assert.match(read("src/editor/estimates.ts"), /import \{ activationEvents \} from "\.\.\/\.\.\/package\.json"/);
  });

  it("are those that the output of scan names", () => {
    const schema = JSON.parse(read("dist/scan.schema.json")) as {
      properties: { calls: { items: { properties: { language: { enum: string[] } } } } };
    };
    assert.deepEqual(schema.properties.calls.items.properties.language.enum, languageNames);
  });

  it("are those whose grammars the build copies", () => {
    const grammars = readdirSync(path.join(root, "dist", "grammars")).map((file) => file.replace(/\.wasm$/, ""));
    assert.deepEqual(grammars.sort(), [...new Set(languages.map(({ grammar }) => grammar)), "web-tree-sitter"].sort());
  });

  for (const pack of languages) {
    const name = `${pack.id} (${pack.grammar})`;

    it(`are found by file and identifier: ${name}`, () => {
      for (const extension of pack.extensions) {
        assert.equal(languageOfFile(`a${extension}`), pack);
        assert.ok(isSource(`a${extension}`));
        assert.equal(sourcesGlob.includes(extension), "style" in pack.instrumenting);
      }
      for (const identifier of pack.identifiers) assert.equal(languageOfIdentifier(identifier), pack);
    });

    it(`look for every method of their APIs: ${name}`, () => {
      for (const method of methodsOf(pack.apis)) assert.ok(pack.query.includes(`"${method}"`), method);
    });

    it(`read a file with any of their calls: ${name}`, () => {
      assert.ok(pack.apis.length > 3);
      for (const api of pack.apis)
        for (const method of api.methods) {
          const code = ["client", ...api.path, method].join(".");
          assert.ok(mayHaveCalls(code, pack), code);
          assert.equal(headEnd(`${code}(x)`, 0, code.length + 3), code.length, code);
          assert.ok(mayHoldCalls(`a${pack.extensions[0] ?? ""}`, code), code);
          assert.ok(
            pathWords(pack).some((word) => code.includes(word)),
            code,
          );
        }
      assert.ok(!mayHaveCalls("print(1)", pack));
    });
  }

  it("are each a folder with a pack", () => {
    const folders = readdirSync(path.join(root, "src/core/languages"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const registry = read("src/core/languages/registry.ts");
    for (const folder of folders) {
      assert.ok(existsSync(path.join(root, "src/core/languages", folder, "pack.ts")), folder);
      assert.ok(registry.includes(`from "./${folder}/pack"`), folder);
    }
  });

  it("are named nowhere else in the core", () => {
    const named = new RegExp(`["'](?:${identifiers.join("|")})["']`);
    const elsewhere = readdirSync(path.join(root, "src/core"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.startsWith("languages") && !file.startsWith("instrument"))
      .filter((file) => named.test(read(path.join("src/core", file))));
    // A notebook that doesn't say its language is in Python.
    assert.deepEqual(elsewhere, [path.join("calls", "notebook.ts")]);
  });
});
