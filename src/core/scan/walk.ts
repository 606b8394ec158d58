import { type Dirent, existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import ignore, { type Ignore } from "ignore";
import { languageOfFile } from "../calls/languages/registry";

/** The rules of one `.gitignore`, which hold from its folder down. */
interface Rules {
  folder: string;
  rules: Ignore;
}

export const isSource = (file: string): boolean =>
  languageOfFile(file) !== undefined || file.toLowerCase().endsWith(".ipynb");

/**
 * All source files below a folder, in order of name. Links to folders are not followed, so that a loop of them
 * is no trap. Without `everything`, what `.gitignore` names, installed packages and virtual environments are left out.
 */
export function* walk(folder: string, everything: boolean): Generator<string> {
  yield* walkFolder(folder, everything, everything ? [] : rulesAbove(folder));
}

function* walkFolder(folder: string, everything: boolean, above: readonly Rules[]): Generator<string> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return; // A folder that can't be read is like one that isn't there.
  }
  const names = new Set(entries.map((entry) => entry.name));
  const rules = !everything && names.has(".gitignore") ? [...above, readRules(folder)] : above;
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      const isSkipped =
        entry.name === ".git" ||
        (!everything && (entry.name === "node_modules" || existsSync(path.join(file, "pyvenv.cfg"))));
      if (!isSkipped && !isIgnored(file, true, rules)) yield* walkFolder(file, everything, rules);
    } else if (entry.isFile() && isSource(entry.name) && !isIgnored(file, false, rules)) {
      yield file;
    }
  }
}

/** The rules of a repository hold in a folder of it too. */
function rulesAbove(folder: string): Rules[] {
  const found: Rules[] = [];
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (at !== path.resolve(folder) && existsSync(path.join(at, ".gitignore"))) found.unshift(readRules(at));
    if (existsSync(path.join(at, ".git"))) return found;
    if (at === path.dirname(at)) return [];
  }
}

function readRules(folder: string): Rules {
  const rules = ignore();
  try {
    rules.add(readFileSync(path.join(folder, ".gitignore"), "utf8"));
  } catch {
    // A rules file that can't be read rules nothing.
  }
  return { folder: path.resolve(folder), rules };
}

/** The nearest rules that speak of a file decide. */
function isIgnored(file: string, isFolder: boolean, all: readonly Rules[]): boolean {
  for (const { folder, rules } of [...all].reverse()) {
    const relative = path.relative(folder, path.resolve(file)).split(path.sep).join("/");
    if (relative === "" || relative.startsWith("..")) continue;
    const { ignored, unignored } = rules.test(isFolder ? `${relative}/` : relative);
    if (ignored || unignored) return ignored;
  }
  return false;
}
