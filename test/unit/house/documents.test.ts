import * as assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { root } from "../support";

const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
/** Texts between back ticks, fenced blocks aside. */
const quoted = (text: string): string[] =>
  [...text.replace(/^```[^]*?^```/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, inside = ""]) => inside);

describe("ARCHITECTURE.md", () => {
  const held = [...read("ARCHITECTURE.md").matchAll(/^(\d+)\. \*\*[^]*?Held by `([^`]+)`: "([^"]+)"/gm)];

  it("has ten invariants, each with the test that holds it", () => {
    assert.deepEqual(
      held.map(([, number]) => Number(number)),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    for (const [, , file = "", title = ""] of held) {
      const tests = read(file).matchAll(/\bit\(\s*(["`])(.*?)\1/gs);
      assert.ok(
        [...tests].some(([, , name = ""]) => name.startsWith(title)),
        `${file} has no test "${title}"`,
      );
    }
  });
});

describe("CONTRIBUTING.md", () => {
  const text = read("CONTRIBUTING.md");

  it("names only files and folders that there are", () => {
    const names = new Set(
      ["src", "test", "build"].flatMap((folder) =>
        readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => path.basename(file)),
      ),
    );
    for (const name of quoted(text)) {
      if (/^(src|test|build|examples)(\/[\w.]+)*\/?$/.test(name)) assert.ok(existsSync(path.join(root, name)), name);
      else if (/^[\w./]+\.(ts|mjs|scm)$/.test(name)) assert.ok(names.has(path.basename(name)), name);
    }
  });

  it("names only commands that there are, in the README too", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const tasks = read("test/setup/main.mjs");
    const commands = [
      ...`${text}\n${read("README.md")}`.matchAll(/\bnpm (?:run )?(test\b[\w:]*|(?<=run )[\w:]+)/g),
    ].map(([, name = ""]) => name);
    assert.ok(commands.length > 10, "too few commands were found");
    for (const name of commands) {
      const script = scripts[name];
      assert.ok(script !== undefined, `npm run ${name}`);
      const task = /^node test\/setup\/main\.mjs (\S+)$/.exec(script)?.[1];
      const file = /^node (build\/\S+)/.exec(script)?.[1];
      if (task !== undefined) assert.match(tasks, RegExp(`^  (async )?"?${task}"?[:,]`, "m"), name);
      if (file !== undefined) assert.ok(existsSync(path.join(root, file)), name);
    }
    // What `npm run bench` can be asked for.
    const benches = /npm run bench \[([^\]]+)\]/.exec(text)?.[1]?.split("|") ?? assert.fail("no benches are named");
    const bench = read("test/bench/bench.entry.ts");
    for (const name of benches) assert.match(bench, RegExp(`\\b${name}\\b`), name);
  });
});
