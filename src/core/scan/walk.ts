import { type Dirent, existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { languageOfFile } from "../languages/registry";
import { IgnoreRules } from "./ignoreRules";

/** Deeper folders are no project's. */
const MAX_FOLDERS = 100;

export const isSource = (file: string): boolean =>
  languageOfFile(file) !== undefined || file.toLowerCase().endsWith(".ipynb");

/**
 * All source files below a folder, in order of name. Links to folders are not followed, so that a loop of them
 * is no trap. Without `everything`, what `.gitignore` names, installed packages and virtual environments are left out.
 */
export function* walk(folder: string, everything: boolean): Generator<string> {
  yield* walkFolder(folder, everything, everything ? [] : rulesAbove(folder), 0);
}

function* walkFolder(
  folder: string,
  everything: boolean,
  above: readonly IgnoreRules[],
  depth: number,
): Generator<string> {
  if (depth > MAX_FOLDERS) return;
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return; // A folder that can't be read is like one that isn't there.
  }
  const names = new Set(entries.map((entry) => entry.name));
  const rules = !everything && names.has(".gitignore") ? [...above, new IgnoreRules(folder)] : above;
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      const isSkipped =
        entry.name === ".git" ||
        (!everything && (entry.name === "node_modules" || existsSync(path.join(file, "pyvenv.cfg"))));
      if (!isSkipped && !isIgnored(file, true, rules)) yield* walkFolder(file, everything, rules, depth + 1);
    } else if (entry.isFile() && isSource(entry.name) && !isIgnored(file, false, rules)) {
      yield file;
    }
  }
}

/** The rules of a repository hold in a folder of it too. */
function rulesAbove(folder: string): IgnoreRules[] {
  const found: IgnoreRules[] = [];
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (at !== path.resolve(folder) && existsSync(path.join(at, ".gitignore"))) found.unshift(new IgnoreRules(at));
    if (existsSync(path.join(at, ".git"))) return found;
    if (at === path.dirname(at)) return [];
  }
}

/** The nearest rules that decide about a file hold. */
function isIgnored(file: string, isFolder: boolean, all: readonly IgnoreRules[]): boolean {
  for (const rules of [...all].reverse()) {
    const decision = rules.decide(file, isFolder);
    if (decision !== undefined) return decision;
  }
  return false;
}
