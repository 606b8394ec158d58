/** `npm run demo`, `npm test` and its tiers, `npm run bench`, `npm run package`: sets the machine up, then runs. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
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

/** Runs a program and gives what it printed, which is passed on at once or, beside another program, when it has ended. */
function pass(command, args, env = {}, isAlone = true) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", isAlone ? "inherit" : "pipe"],
    });
    let output = "";
    const take = (data) => {
      output += data;
      if (isAlone) process.stdout.write(data);
    };
    child.stdout.on("data", take);
    child.stderr?.on("data", take);
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

/** Options of mocha, for every tier alike: `--grep` chooses tests by name. */
const grepAt = options.indexOf("--grep");
const grep = grepAt < 0 ? undefined : options[grepAt + 1];
const mocha = (tier, ...more) => [
  "node_modules/mocha/bin/mocha.js",
  ...more,
  ...(grep === undefined ? [] : ["--grep", grep]),
  `out/${tier}/**/*.test.js`,
];

/** Files of unit tests share nothing, and run beside each other; on two cores two at a time. */
const beside = ["--parallel", "--jobs", String(Math.max(2, availableParallelism()))];

/**
 * The tiers, from the fastest to the slowest. `needs` sets up what a tier runs on and returns its environment; a unit
 * test needs nothing but the npm packages.
 */
const tiers = {
  lint: { title: "Types and lint", command: ["npm", "run", "--silent", "lint"], needs: () => ({}) },
  unit: { title: "Units", command: ["node", ...mocha("unit", ...beside)], needs: () => ({}) },
  integration: { title: "Integration", command: ["node", ...mocha("integration")], needs: () => installPythons() },
  vscode: {
    title: "Inside VS Code",
    command: ["node", "out/host/runInVscode.entry.js"],
    needs: () => (installDebianPackages(), environment(installServerHost())),
  },
  ui: {
    title: "Through the UI",
    command: ["node", ...mocha("ui")],
    needs: () => (
      installDebianPackages(),
      { ...environment(installServerHost(), packageExtension()), ...installPythons() }
    ),
  },
};

/** Tiers that run one after another; the lanes run side by side, as no two of them use the same port. */
const lanes = [
  ["lint", "unit", "ui"],
  ["integration", "vscode"],
];

/** Runs tiers, sets up first what they need, and closes with the line that CI reads. */
async function test(...names) {
  installPackages();
  const needed = Object.assign({}, ...names.map((name) => tiers[name].needs()));
  build("--tests");
  const chosen = lanes.map((lane) => lane.filter((name) => names.includes(name))).filter((lane) => lane.length > 0);
  const isAlone = chosen.length === 1;
  let passed = 0;
  let failed = 0;
  const runLane = async (lane) => {
    for (const name of lane) {
      const { title, command } = tiers[name];
      if (isAlone) say(title);
      const [program, ...args] = command;
      const env = { ...needed, ...(grep === undefined ? {} : { PROMPT_COST_GREP: grep }) };
      const { code, output } = await pass(program, args, env, isAlone);
      if (!isAlone) {
        say(`${title}: ended`);
        process.stdout.write(output);
      }
      const plain = output.replace(/\u001b\[\d+m/g, "");
      const failures = number(plain, "failing");
      passed += number(plain, "passing") + (name === "lint" && code === 0 ? 1 : 0);
      // A suite that died without saying so has failed too.
      failed += failures > 0 ? failures : code === 0 ? 0 : 1;
    }
  };
  await Promise.all(chosen.map(runLane));
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

async function soak() {
  installPackages();
  build("--tests");
  const { code } = await pass("node", ["out/soak/soak.entry.js", ...options]);
  process.exitCode = code;
}

function packageOnly() {
  installPackages();
  packageExtension();
}

const tasks = {
  test: () => test(...Object.keys(tiers)),
  "test:unit": () => test("unit"),
  "test:integration": () => test("integration"),
  "test:vscode": () => test("vscode"),
  "test:ui": () => test("ui"),
  demo,
  bench,
  soak,
  package: packageOnly,
};

try {
  checkNode();
  if (tasks[task] === undefined)
    throw new SetupError(`There is no task "${task ?? ""}": use one of ${Object.keys(tasks).join(", ")}.`);
  await tasks[task]();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
