import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { Assets } from "../../src/core/assets";
import { EditedText } from "../../src/core/tokens/editedText";
import { readRanks } from "../../src/core/tokens/ranks";
import type { FromWorker, ToWorker } from "../../src/worker/protocol";
import { readFileSync } from "node:fs";
import { measureLoad } from "./receiver";
import { measureTelemetry, requestsPerRefresh } from "./telemetry";
import { measureViews } from "./views";
import { measureWrapper } from "./wrapper";

/** Side by side in one run, medians and ratios. Nothing here passes or fails. */
const root = process.cwd();
const dist = path.join(root, "dist");
/** Senders of the receiver at once: as in one busy application, and as in many. */
const QUIET_SENDERS = 4;
const MANY_SENDERS = 300;
const rows: string[][] = [];

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const percentile = (values: number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

/** Milliseconds of one call. */
function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const show = (milliseconds: number): string =>
  milliseconds < 1
    ? `${(milliseconds * 1000).toFixed(1)} µs`
    : `${milliseconds.toFixed(milliseconds < 100 ? 2 : 0)} ms`;

function compare(name: string, goal: string, ours: number[], peer: number[], peerName: string): void {
  const [a, b] = [median(ours), median(peer)];
  rows.push([name, show(a), `${show(b)} (${peerName})`, `${(b / a).toFixed(1)} ×`, goal]);
}

/** Text that no counter has seen: words change from run to run. */
function coldText(length: number, seed: number): string {
  const words = [
    "prompt",
    "summarise",
    "the",
    "customer's",
    "order",
    '{"role":',
    "12345",
    "naïve",
    "def f(x):",
    "return",
    "https://example.org/a?b=c",
    "Über",
    "速い",
    "\n",
    "—",
    "SELECT",
  ];
  let state = seed;
  let text = "";
  while (text.length < length) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const word = words[(state >>> 8) % words.length] ?? "";
    text += (state & 7) === 0 ? `${word}${(state >>> 4).toString(36)} ` : `${word} `;
  }
  return text.slice(0, length);
}

function tokens(): void {
  const assets = new Assets(dist);
  const encoding = assets.encodings.get("o200k_base");
  countTokens("warm");
  encoding.count("warm");
  for (const [name, length] of [
    ["1 KB", 1_000],
    ["10 KB", 10_000],
    ["100 KB", 100_000],
    ["1 MB", 1_000_000],
  ] as const) {
    const ours: number[] = [];
    const peer: number[] = [];
    for (let run = 0; run < (length > 500_000 ? 5 : 21); run++) {
      const text = coldText(length, run * 7919 + length);
      const second = coldText(length, run * 104729 + length + 1);
      ours.push(time(() => encoding.count(text)));
      peer.push(time(() => countTokens(second)));
    }
    compare(`tokens, cold text of ${name}`, "≥ 1 ×", ours, peer, "gpt-tokenizer");
  }
  const prompt = coldText(10_000, 42);
  const edited = new EditedText(encoding);
  edited.count(prompt);
  const ours: number[] = [];
  const peer: number[] = [];
  for (let run = 0; run < 301; run++) {
    const at = 100 + run * 31;
    const next = `${prompt.slice(0, at)}${String.fromCharCode(97 + (run % 26))}${prompt.slice(at)}`;
    ours.push(time(() => edited.count(next)));
    peer.push(time(() => countTokens(next)));
  }
  compare("tokens, one character typed in 10 KB", "≥ 50 ×", ours, peer, "gpt-tokenizer");
  const monsters: [string, string, string][] = [
    ["20,000 equal letters", "a".repeat(20_000), "< 50 ms"],
    ["20,000 spaces", " ".repeat(20_000), "< 50 ms"],
    [
      "1 MB of letters without a space",
      coldText(4_000_000, 9)
        .replace(/[^a-z]/g, "")
        .slice(0, 1_000_000),
      "< 1 s",
    ],
  ];
  for (const [name, text, goal] of monsters) {
    const runs = text.length > 500_000 ? 3 : 7;
    if (text.length > 500_000) {
      // The peer's merge is quadratic: it would take a quarter of an hour.
      rows.push([
        `tokens, ${name}`,
        show(median(Array.from({ length: runs }, () => time(() => encoding.count(text))))),
        "too slow to wait for (gpt-tokenizer)",
        "",
        goal,
      ]);
      continue;
    }
    compare(
      `tokens, ${name}`,
      goal,
      Array.from({ length: runs }, () => time(() => encoding.count(text))),
      [time(() => countTokens(text))],
      "gpt-tokenizer, once",
    );
  }
  const file = readFileSync(path.join(dist, "encodings", "o200k_base.ranks"));
  rows.push([
    "loading o200k_base",
    show(median(Array.from({ length: 7 }, () => time(() => readRanks(file))))),
    "",
    "",
    "",
  ]);
}

/** A module of about 2,000 lines with 50 calls. */
function largeModule(): string {
  const functions = Array.from({ length: 50 }, (_one, i) => {
    const filler = Array.from(
      { length: 30 },
      (_line, n) => `    value_${n} = compute(${i}, ${n}, name="x${n}") if flag else other[${n}]`,
    ).join("\n");
    return `def call_${i}(document, flag=True):\n${filler}\n    return client.chat.completions.create(\n        model="gpt-4o",\n        messages=[{"role": "system", "content": SYSTEM}, {"role": "user", "content": f"Number ${i}: {document}"}],\n        max_tokens=${100 + i},\n    )\n`;
  });
  return `from openai import OpenAI\n\nclient = OpenAI()\nSYSTEM = """${"You are a careful assistant. ".repeat(40)}"""\n\n\n${functions.join("\n\n")}`;
}

async function keystrokes(): Promise<void> {
  const worker = new Worker(path.join(dist, "worker.js"));
  const send = (message: ToWorker): void => worker.postMessage(message);
  const answer = (version: number): Promise<void> =>
    new Promise((resolve) => {
      const take = (message: FromWorker): void => {
        if (message.kind !== "estimates" || message.version !== version) return;
        worker.off("message", take);
        resolve();
      };
      worker.on("message", take);
    });
  let text = largeModule();
  const lines = text.split("\n").length;
  const start = performance.now();
  send({ kind: "roots", roots: [] });
  send({ kind: "document", uri: "bench.py", version: 0, languageId: "python", file: null, text });
  await answer(0);
  const cold = performance.now() - start;
  const times: number[] = [];
  for (let version = 1; version <= 200; version++) {
    const at = text.indexOf(`Number ${version % 50}:`);
    text = `${text.slice(0, at)}x${text.slice(at)}`;
    const sent = performance.now();
    const answered = answer(version);
    const changes = [{ start: at, end: at, text: "x" }];
    send({ kind: "edited", uri: "bench.py", before: version - 1, version, changes, length: text.length });
    await answered;
    times.push(performance.now() - sent);
  }
  rows.push([
    `first estimate of a file, worker and grammar cold (${lines} lines, 50 calls)`,
    show(cold),
    "",
    "",
    "< 1 s",
  ]);
  rows.push(["keystroke to new estimate, worker included, median", show(median(times)), "", "", ""]);
  rows.push(["keystroke to new estimate, worker included, p95", show(percentile(times, 0.95)), "", "", "< 15 ms"]);
  await worker.terminate();
}

function scan(): void {
  const tree = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-bench-"));
  const plain = Array.from(
    { length: 120 },
    (_one, i) =>
      `def function_${i}(a, b):\n    """Adds and logs."""\n    total = a + b * ${i}\n    log.info("total %s", total)\n    return {"total": total, "items": [x for x in range(${i})]}\n`,
  ).join("\n");
  for (let i = 0; i < 10_000; i++) {
    const folder = path.join(tree, `package_${i % 100}`);
    mkdirSync(folder, { recursive: true });
    const call =
      i % 100 === 7
        ? `\nclient.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello ${i}"}])\n`
        : "";
    writeFileSync(
      path.join(folder, `module_${i}.py`),
      plain.slice(0, 2_000 + ((i * 37) % 8_000)).replace(/\n[^\n]*$/, "\n") + call,
    );
  }
  const run = (command: string, args: string[]): number => {
    const start = performance.now();
    const { status, stderr } = spawnSync(command, args, { maxBuffer: 1e9 });
    if (status !== 0) throw new Error(`${command} failed: ${String(stderr)}`);
    return performance.now() - start;
  };
  const astGrep = findAstGrep();
  const ours: number[] = [];
  const peer: number[] = [];
  for (let i = 0; i < 6; i++) {
    const a = run(process.execPath, [path.join(dist, "cli.js"), "scan", tree, "--json"]);
    const b = run(astGrep, [
      "run",
      "--lang",
      "python",
      "--pattern",
      "$C.chat.completions.create($$$)",
      "--json=compact",
      tree,
    ]);
    if (i > 0) {
      ours.push(a);
      peer.push(b);
    }
  }
  compare("scan of 10,000 files, 100 with calls (whole process)", "≥ 4 ×", ours, peer, "ast-grep");
  rmSync(tree, { recursive: true, force: true });
}

function findAstGrep(): string {
  const name = `@ast-grep/cli-${process.platform}-${process.arch}${process.platform === "linux" ? "-gnu" : ""}`;
  return path.join(root, "node_modules", name, "ast-grep");
}

/** What loading the extension costs, without VS Code's own part: its file read, compiled and run. */
function activation(): void {
  const bundle = readFileSync(path.join(dist, "extension.js"), "utf8");
  // All that may be VS Code's, by whatever name the bundle has for it.
  const api = /\b\w+\.([A-Z]\w+|commands|env|languages|window|workspace)\b/g;
  const names = [...new Set([...bundle.matchAll(api)].map(([, name]) => name))];
  const script = `const Module = require("node:module"); const load = Module._load;
    const nothing = new Proxy(function () {}, { get: (_t, key) => key === "activeTextEditor" ? undefined : nothing, set: () => true, apply: () => nothing, construct: () => nothing });
    const vscode = Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, nothing]));
    Module._load = (name, ...rest) => name === "vscode" ? vscode : load(name, ...rest);
    const start = performance.now(); const extension = require(${JSON.stringify(path.join(dist, "extension.js"))});
    extension.activate({ subscriptions: [], asAbsolutePath: (file) => file }); console.log(performance.now() - start);`;
  const times = Array.from({ length: 7 }, () => {
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
    if (stdout.trim() === "") throw new Error(`the extension was not activated: ${stderr}`);
    return Number(stdout.trim());
  });
  rows.push(["activation: loading and wiring, VS Code's API stubbed", show(median(times)), "", "", "< 50 ms"]);
}

/** Memory that the worker's work holds: all encodings, all grammars, a large file. */
function memory(): void {
  const script = `const { Worker } = require("node:worker_threads"); const path = ${JSON.stringify(path.join(dist, "worker.js"))};
    gc(); const before = process.memoryUsage().rss; const worker = new Worker(path); let left = 5;
    worker.on("message", ({ kind }) => { if (kind === "estimates" && --left === 0) { gc(); console.log(process.memoryUsage().rss - before); process.exit(0); } });
    const call = (model) => 'client.chat.completions.create(model="' + model + '", messages=[{"role":"user","content":"Hello"}])\\n';
    const text = ["gpt-4o", "gpt-4", "text-davinci-003", "text-ada-001"].map(call).join("");
    const js = text.replace(/\\(model="([^"]*)", messages=(.*)\\)/g, '({ model: "$1", messages: $2 })');
    worker.postMessage({ kind: "roots", roots: [] });
    [["python", text], ["typescript", js], ["typescriptreact", js], ["javascript", js], ["python", ${JSON.stringify(largeModule())}]].forEach(([languageId, text], i) => worker.postMessage({ kind: "document", uri: "u" + i, version: 1, languageId, file: null, text }));`;
  const { stdout } = spawnSync(process.execPath, ["--expose-gc", "-e", script], { encoding: "utf8" });
  rows.push([
    "memory of the worker, all encodings and grammars loaded (RSS)",
    `${(Number(stdout.trim()) / 1e6).toFixed(0)} MB`,
    "",
    "",
    "< 150 MB",
  ]);
}

async function telemetry(): Promise<void> {
  for (const spans of [10_000, 100_000, 1_000_000]) {
    const { ingest, refreshes } = await measureTelemetry(dist, spans);
    rows.push([
      `ingest of ${spans} spans over HTTP, durable`,
      `${Math.round(ingest)} spans/s`,
      "",
      "",
      ">= 10,000 spans/s",
    ]);
    rows.push([
      `refresh over ${spans} spans, 15 m to 30 d, with and without filters (median; p95)`,
      `${show(median(refreshes))}; ${show(percentile(refreshes, 0.95))}`,
      "",
      "",
      "< 200 ms at p95",
    ]);
  }
  const { first, next } = await requestsPerRefresh(dist);
  rows.push(["requests to OpenObserve, first refresh; the next ones", `${first}; ${next}`, "", "", "<= 3"]);
}

async function receiver(): Promise<void> {
  const quiet = await measureLoad(dist, QUIET_SENDERS, "Retry-After");
  for (const manners of ["Retry-After", "at once"] as const) {
    const { acknowledged, waits, refused, lost } = await measureLoad(dist, MANY_SENDERS, manners);
    const perSecond = (value: number): string => Math.round(value).toLocaleString("en-US");
    rows.push([
      `spans a second acknowledged, ${MANY_SENDERS} senders that try again ${manners === "at once" ? manners : "after Retry-After"}`,
      perSecond(acknowledged),
      `${perSecond(quiet.acknowledged)} (${QUIET_SENDERS} senders)`,
      `${(acknowledged / quiet.acknowledged).toFixed(2)} ×`,
      ">= 0.5 ×",
    ]);
    rows.push([
      `their wait for a 200 (median; longest); 503 a second; lost or later than an exporter's time-out`,
      `${show(median(waits))}; ${show(waits.at(-1) ?? Number.NaN)}; ${perSecond(refused)}; ${lost}`,
      `${show(median(quiet.waits))}; ${show(quiet.waits.at(-1) ?? Number.NaN)}`,
      "",
      "< 10 s; none lost",
    ]);
  }
}

async function views(): Promise<void> {
  const { answer, first, refresh, filter } = await measureViews(dist);
  const scale = "200 features × 30 days × 20 models";
  rows.push([
    `the worker's answer for a view, ${scale} (median; p95)`,
    `${show(median(answer))}; ${show(percentile(answer, 0.95))}`,
    "",
    "",
    "",
  ]);
  for (const view of ["sidebar", "dashboard"] as const) {
    rows.push([
      `first paint of the ${view} after data, ${scale}`,
      show(first[view]),
      "",
      "",
      view === "sidebar" ? "< 300 ms" : "",
    ]);
    rows.push([`refresh of the ${view}, ${scale}`, show(median(refresh[view])), "", "", ""]);
    rows.push([`filter in the ${view}, ${scale}`, show(median(filter[view])), "", "", ""]);
  }
}

function wrapper(): void {
  const micro = (value: number): string => `${value.toFixed(1)} µs`;
  for (const [language, { tracked, automatic, swallowed }] of Object.entries(measureWrapper(root))) {
    if (Object.keys(swallowed).length > 0)
      throw new Error(`the wrapper swallowed errors: ${JSON.stringify(swallowed)}`);
    for (const [what, goal] of [
      ["call", "< 100 µs"],
      ["chunk", "< 5 µs"],
    ] as const) {
      rows.push([
        `tracking adds to a ${what}, ${language}`,
        micro(tracked[what]),
        `${micro(automatic[what])} (the official instrumentation)`,
        `${(automatic[what] / tracked[what]).toFixed(1)} ×`,
        goal,
      ]);
    }
  }
}

async function main(): Promise<void> {
  const parts: Record<string, () => void | Promise<void>> = {
    tokens,
    keystrokes,
    scan,
    activation,
    memory,
    telemetry,
    receiver,
    views,
    wrapper,
  };
  const wanted = process.argv.slice(2);
  for (const [name, part] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) await part();
  const header = ["What", "Median", "Peer", "Ratio", "Goal"];
  const table = [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
  const text = `Node ${process.versions.node}, ${os.cpus().length} × ${os.cpus()[0]?.model ?? "?"}\n\n${table}\n`;
  writeFileSync(path.join(root, "bench-results.md"), text);
  process.stdout.write(text);
}

void main();
