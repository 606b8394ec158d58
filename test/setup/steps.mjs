/**
 * What a machine needs before the demo and the tests run. Plain Node without packages: it runs before any are
 * installed. Each step says in one line what it does; one that can't be done says what to install instead.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Paid for once a machine, so outside of the checkout: a clean checkout finds it again. */
const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "prompt-cost-lens");

export class SetupError extends Error {}

const started = Date.now();
export function say(message) {
  process.stdout.write(`[${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s] ${message}\n`);
}

/** Runs a command quietly; where it fails, its last lines are the error. */
function run(command, args, { advice, ...options }) {
  const result = spawnSync(command, args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024, ...options });
  if (result.status === 0) return result.stdout;
  const output = `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`
    .trim()
    .split("\n")
    .slice(-12)
    .join("\n");
  throw new SetupError(`${advice}\n${output}`);
}

const isOnPath = (command) => spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;

export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new SetupError(`Install Node 20.19 or newer: this is ${process.versions.node}.`);
}

export function installPackages() {
  const lock = path.join(root, "package-lock.json");
  const installed = path.join(root, "node_modules", ".package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say("Installing npm packages…");
  // No package needs its install script here: binaries come as packages of their own.
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    advice: "npm could not install the packages; run `npm ci --ignore-scripts` and see what it says.",
  });
}

/** Debian packages by what they are for; `probe` is a file or command that shows they are there. */
const debian = [
  { name: "chromium", probe: () => chromium() !== undefined },
  { name: "libkrb5-dev", probe: () => existsSync("/usr/include/gssapi/gssapi.h") },
  {
    name: "python3-venv",
    probe: () => isOnPath("python3") && spawnSync("python3", ["-c", "import venv, ensurepip"]).status === 0,
  },
  { name: "build-essential", probe: () => isOnPath("g++") && isOnPath("make") },
  { name: "fonts-dejavu-core", probe: () => existsSync("/usr/share/fonts/truetype/dejavu") },
];

/** The browser that the UI is driven through. */
export function chromium() {
  return ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((file) => existsSync(file));
}

export function installDebianPackages() {
  const missing = debian.filter(({ probe }) => !probe()).map(({ name }) => name);
  if (missing.length === 0) return;
  const advice = `Install these yourself, then run this again: ${missing.join(", ")}.`;
  if (!isOnPath("apt-get")) throw new SetupError(`This is not Debian, so packages can't be installed here. ${advice}`);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && (!isOnPath("sudo") || spawnSync("sudo", ["-n", "true"]).status !== 0))
    throw new SetupError(`Debian packages need root or sudo. ${advice}`);
  const apt = (args) =>
    run(isRoot ? "apt-get" : "sudo", [...(isRoot ? [] : ["-n", "apt-get"]), ...args], {
      advice,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  say(`Installing Debian packages: ${missing.join(", ")}…`);
  apt(["update", "-qq"]);
  apt(["install", "-y", "-qq", "--no-install-recommends", ...missing]);
}

const CODE_SERVER = "4.139.1";
/** npm has Node itself as a package a system. */
const nodePackage = `node-${process.platform}-${process.arch}`;
const serverFolder = path.join(cache, `code-server-${CODE_SERVER}`);

/** The server host: code-server, with the Node that it wants. Its own install script refuses root, so by hand. */
export function installServerHost() {
  const ready = path.join(serverFolder, ".ready");
  const host = {
    node: path.join(serverFolder, "node_modules", nodePackage, "bin", "node"),
    entry: path.join(serverFolder, "node_modules", "code-server", "out", "node", "entry.js"),
  };
  if (existsSync(ready) && existsSync(host.node) && existsSync(host.entry)) return host;
  const advice = `VS Code's server could not be installed in ${serverFolder}; it comes from npm (code-server ${CODE_SERVER}, node 24).`;
  rmSync(serverFolder, { recursive: true, force: true });
  mkdirSync(serverFolder, { recursive: true });
  writeFileSync(path.join(serverFolder, "package.json"), '{"private":true}');
  const npm = (args, cwd) =>
    run("npm", [...args, "--no-audit", "--no-fund"], {
      advice,
      cwd,
      env: { ...process.env, PATH: `${path.dirname(host.node)}:${process.env.PATH}` },
    });
  say("Installing VS Code's server (code-server), 1 of 3: its packages…");
  npm(["install", "--ignore-scripts", `code-server@${CODE_SERVER}`, `${nodePackage}@24`], serverFolder);
  const vscode = path.join(serverFolder, "node_modules", "code-server", "lib", "vscode");
  say("Installing VS Code's server, 2 of 3: its native modules (about 3 minutes, once a machine)…");
  npm(["install", "--omit=dev"], vscode);
  say("Installing VS Code's server, 3 of 3: its extensions…");
  npm(["install", "--omit=dev"], path.join(vscode, "extensions"));
  writeFileSync(ready, "");
  return host;
}

/** What the stand-in for OpenObserve and the exporters of the tests run on: DataFusion as in v0.60.5, and as in v0.14.7. */
const pythons = {
  PROMPT_COST_PYTHON_NEW: [
    "datafusion==52.*",
    "opentelemetry-proto",
    "opentelemetry-sdk",
    "opentelemetry-exporter-otlp-proto-http",
  ],
  PROMPT_COST_PYTHON_OLD: ["datafusion==45.*", "opentelemetry-proto"],
  PROMPT_COST_PYTHON_APP: [
    "openai",
    "opentelemetry-sdk",
    "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry-instrumentation-genai-openai",
    "opentelemetry-distro",
    "mypy",
    "ruff",
  ],
  PROMPT_COST_PYTHON_APP_BEFORE: [
    "openai<3",
    "opentelemetry-sdk",
    "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry-instrumentation-openai-v2==2.4b0",
    "opentelemetry-util-genai==0.4b0",
  ],
  PROMPT_COST_PYTHON_39: ["openai", "opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http"],
};

/** The interpreter of an environment; undefined where this machine has none that fits: what it is for is then left out. */
function interpreterFor(name) {
  if (name !== "PROMPT_COST_PYTHON_39") return "python3";
  const pyenv = path.join(os.homedir(), ".pyenv", "versions");
  const kept = existsSync(pyenv)
    ? readdirSync(pyenv)
        .filter((version) => version.startsWith("3.9."))
        .map((version) => path.join(pyenv, version, "bin", "python3.9"))
    : [];
  return ["python3.9", ...kept].find((python) => spawnSync(python, ["-c", "import venv, ensurepip"]).status === 0);
}

/** Installs them (all, or those that are named), each in an environment of its own. Returns the interpreters by the variable that names them. */
export function installPythons(names = Object.keys(pythons)) {
  return Object.fromEntries(
    names.flatMap((name) => {
      const packages = pythons[name];
      const interpreter = interpreterFor(name);
      if (interpreter === undefined) return [];
      const folder = path.join(
        cache,
        `${path.basename(interpreter)}-${packages.join("-").replace(/[^a-z0-9]+/g, "-")}`,
      );
      const python = path.join(folder, "bin", "python");
      const ready = path.join(folder, ".ready");
      if (!existsSync(ready) || !existsSync(python)) {
        say(`Installing Python packages for the tests (${packages[0]})…`);
        const advice = `Python packages could not be installed in ${folder}: ${packages.join(", ")}.`;
        rmSync(folder, { recursive: true, force: true });
        run(interpreter, ["-m", "venv", folder], { advice });
        run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages], { advice });
        writeFileSync(ready, "");
      }
      return [[name, python]];
    }),
  );
}

export function build(...options) {
  say(options.includes("--tests") ? "Building the extension and its tests…" : "Building the extension…");
  run("node", ["build/build.mjs", ...options], { advice: "The build failed." });
}

/** Makes the .vsix and returns its path. */
export function packageExtension() {
  const { name, version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const file = path.join(root, `${name}-${version}.vsix`);
  say("Packaging the extension…");
  run("npx", ["--no-install", "vsce", "package", "--no-dependencies", "--allow-missing-repository", "--out", file], {
    advice: "The extension could not be packaged.",
  });
  // Names of files stand uncompressed in the archive.
  if (!readFileSync(file).includes("extension/THIRD_PARTY_NOTICES.txt"))
    throw new SetupError(`${file} lacks THIRD_PARTY_NOTICES.txt.`);
  const megabytes = statSync(file).size / 1_000_000;
  if (megabytes > 5) throw new SetupError(`${file} has ${megabytes.toFixed(1)} MB; at most 5 are allowed.`);
  say(`Packaged ${path.basename(file)}, ${megabytes.toFixed(2)} MB.`);
  return file;
}
