/** `npm run demo`, `npm test`, `npm run bench`, `npm run package`: sets the machine up, then runs. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import {
  SetupError,
  build,
  checkNode,
  chromium,
  installDebianPackages,
  installPackages,
  installPythons,
  installServerHost,
  packageExtension,
  root,
  say,
} from "./steps.mjs";

const [task, ...options] = process.argv.slice(2);

/** Runs a program with its output passed on, and gives what it printed. */
function pass(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
      process.stdout.write(data);
    });
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

function environment(host, vsix) {
  const screenshots = path.join(root, "screenshots");
  mkdirSync(screenshots, { recursive: true });
  return {
    PROMPT_COST_ROOT: root,
    PROMPT_COST_SERVER_NODE: host.node,
    PROMPT_COST_SERVER_ENTRY: host.entry,
    PROMPT_COST_CHROMIUM: chromium() ?? "",
    PROMPT_COST_SCREENSHOTS: screenshots,
    PROMPT_COST_VSIX: vsix ?? "",
  };
}

const number = (output, word) => Number(new RegExp(`(\\d+) ${word}`).exec(output)?.[1] ?? 0);

async function test() {
  installPackages();
  installDebianPackages();
  const host = installServerHost();
  const pythons = installPythons();
  const vsix = packageExtension();
  build("--tests");
  const mocha = (folder) => [
    "node_modules/mocha/bin/mocha.js",
    "--color",
    "--timeout",
    "120000",
    `out/${folder}/**/*.test.js`,
  ];
  const suites = [
    ["Types and lint", "npm", ["run", "--silent", "lint"]],
    ["Units", "node", mocha("unit")],
    ["Inside VS Code", "node", ["out/host/runInVscode.entry.js"]],
    ["Through the UI", "node", mocha("ui")],
  ];
  let passed = 0;
  let failed = 0;
  for (const [name, command, args] of suites) {
    say(name);
    const { code, output } = await pass(command, args, { ...environment(host, vsix), ...pythons });
    const plain = output.replace(/\u001b\[\d+m/g, "");
    const failures = number(plain, "failing");
    passed += number(plain, "passing") + (command === "npm" && code === 0 ? 1 : 0);
    // A suite that died without saying so has failed too.
    failed += failures > 0 ? failures : code === 0 ? 0 : 1;
  }
  say("Done.");
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

async function demo() {
  installPackages();
  const isHeadless = options.includes("--headless");
  installDebianPackages();
  const host = installServerHost();
  const vsix = packageExtension();
  build("--tests");
  const pythons = isHeadless ? installPythons(["PROMPT_COST_PYTHON_APP"]) : {};
  const { code } = await pass("node", ["out/demo/demo.entry.js", ...(isHeadless ? ["--headless"] : [])], {
    ...environment(host, vsix),
    ...pythons,
  });
  process.exitCode = code;
}

async function bench() {
  installPackages();
  installDebianPackages();
  const pythons = installPythons();
  build("--production", "--tests");
  const { code } = await pass("node", ["--expose-gc", "out/bench/bench.entry.js", ...options], {
    ...pythons,
    PROMPT_COST_CHROMIUM: chromium() ?? "",
  });
  process.exitCode = code;
}

function packageOnly() {
  installPackages();
  packageExtension();
}

const tasks = { test, demo, bench, package: packageOnly };

try {
  checkNode();
  if (tasks[task] === undefined)
    throw new SetupError(
      `There is no task "${task ?? ""}": use npm run demo, npm test, npm run bench or npm run package.`,
    );
  await tasks[task]();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
