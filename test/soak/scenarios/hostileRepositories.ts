import * as assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { cli } from "../receiverProcess";
import { type Scenario, between, pick } from "../scenario";

/** Milliseconds that a scan of such a repository may take, on a busy machine. */
const LONGEST_SCAN = 60_000;
const LARGEST_MEMORY = 1_500_000_000;

const call = 'client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": TEXT}])';
const python = (lines: string): string => `from openai import OpenAI\nclient = OpenAI()\n${lines}\n${call}\n`;

/** What a repository may hold that hangs or floods whoever reads it. */
const hostilities: readonly [(folder: string) => void, ...((folder: string) => void)[]] = [
  (folder) => void spawnSync("mkfifo", [path.join(folder, "pipe.py")]),
  (folder) => symlinkSync("/dev/zero", path.join(folder, "zero.py")),
  (folder) => symlinkSync("/dev/zero", path.join(folder, ".gitignore")),
  (folder) => symlinkSync(folder, path.join(folder, "loop")),
  (folder) => symlinkSync("/", path.join(folder, "everything")),
  (folder) =>
    writeFileSync(path.join(folder, ".gitignore"), `${"a*".repeat(between(20, 60))}b\n${"**/".repeat(30)}x\n[\n`),
  (folder) => writeFileSync(path.join(folder, `${"a".repeat(200)}.py`), python('TEXT = ""')),
  (folder) => writeFileSync(path.join(folder, "big.py"), python(`TEXT = "x" * ${10 ** between(6, 12)}`)),
  (folder) => writeFileSync(path.join(folder, "grow.py"), python(`TEXT = "x"\n${"TEXT = TEXT + TEXT\n".repeat(60)}`)),
  (folder) => writeFileSync(path.join(folder, "wide.py"), python(`TEXT = "%${10 ** between(6, 11)}d" % 5`)),
  (folder) => writeFileSync(path.join(folder, "strip.py"), python(`TEXT = "${" ".repeat(200_000)}x".strip()`)),
  (folder) =>
    writeFileSync(path.join(folder, "deep.py"), python(`TEXT = ${"(".repeat(50_000)}"x"${")".repeat(50_000)}`)),
  (folder) => writeFileSync(path.join(folder, "plus.py"), python(`TEXT = ${'"x" + '.repeat(50_000)}"x"`)),
  (folder) =>
    writeFileSync(path.join(folder, "deep.ts"), `const a = ${"[".repeat(100_000)};\nopenai.chat.completions.create(`),
  (folder) => writeFileSync(path.join(folder, "line.ts"), `const s = "${"x".repeat(10_000_000)}";`),
  (folder) => writeFileSync(path.join(folder, "bytes.py"), Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x41])),
  (folder) => writeFileSync(path.join(folder, "broken.ipynb"), `{"cells": ${"[".repeat(100_000)}`),
  (folder) => writeFileSync(path.join(folder, "prompt-cost.pricing.json"), '{"models": {"__proto__": {"input": 1'),
  (folder) => {
    writeFileSync(path.join(folder, "one.py"), `from two import TEXT\n${python("pass")}`);
    writeFileSync(path.join(folder, "two.py"), `from one import TEXT\n${python("pass")}`);
  },
  (folder) => {
    writeFileSync(path.join(folder, "one.ts"), 'export * from "./two"; export { x } from "./two";');
    writeFileSync(path.join(folder, "two.ts"), 'export * from "./one"; export { x } from "./one";');
  },
];

/** Code of the examples with parts cut out, doubled and swapped. */
function mutated(): string {
  const files = readdirSync("examples", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".py"));
  const [first = "", ...others] = files;
  let code = readFileSync(path.join("examples", pick([first, ...others])), "utf8");
  for (let times = between(1, 8); times > 0; times--) {
    const [from, to, at] = [between(0, code.length), between(0, code.length), between(0, code.length)];
    code = code.slice(0, at) + code.slice(Math.min(from, to), Math.max(from, to)) + code.slice(pick([at, to]));
  }
  return code;
}

const scanned = z.object({ calls: z.array(z.object({ file: z.string() })) });

/** Repositories that attack whoever looks at them; the one honest call in each is still found. */
export const hostileRepositories: Scenario = {
  name: "hostile repository",
  async round(folder) {
    const repository = path.join(folder, "repository");
    mkdirSync(repository);
    const attacks = between(1, 6);
    for (let attack = 0; attack < attacks; attack++) {
      const below = path.join(repository, `part-${attack}`);
      mkdirSync(below);
      pick(hostilities)(below);
      writeFileSync(path.join(below, "mutated.py"), mutated());
    }
    writeFileSync(path.join(repository, "honest.py"), python('TEXT = "Hello"'));
    const { status, output, memory, errors } = await scan(repository);
    assert.equal(status, 0, `scan ended with ${String(status)}: ${errors}`);
    const { calls } = scanned.parse(JSON.parse(output));
    assert.ok(
      calls.some(({ file }) => file.endsWith("honest.py")),
      "the honest call isn't found",
    );
    assert.ok(memory < LARGEST_MEMORY, `it took ${Math.round(memory / 1e6)} MB`);
    return { repositories: 1, attacks };
  },
};

/** Runs `prompt-cost scan`, and watches its memory (largest resident size, bytes). */
async function scan(
  folder: string,
): Promise<{ status: number | null; output: string; errors: string; memory: number }> {
  const child = spawn(process.execPath, [cli, "scan", folder, "--json"], { stdio: ["ignore", "pipe", "pipe"] });
  let [output, errors, memory] = ["", "", 0];
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  const watch = setInterval(() => {
    try {
      const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid ?? 0}/status`, "utf8"))?.[1];
      memory = Math.max(memory, Number(peak ?? 0) * 1024);
    } catch {
      // It has just ended.
    }
  }, 50);
  const limit = setTimeout(() => child.kill("SIGKILL"), LONGEST_SCAN);
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearInterval(watch);
  clearTimeout(limit);
  return { status, output, errors, memory };
}
