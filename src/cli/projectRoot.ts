import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { PRICING_FILE } from "../core/pricing/tableFile";

const MARKS = [".git", ".vscode", PRICING_FILE, "pyproject.toml", "setup.py", "package.json"];

/**
 * The project's folder: the current one where it holds all paths, else what is given, where it looks like a project, or
 * the nearest folder around it that does.
 */
export function projectRoot(paths: readonly string[]): string {
  const here = process.cwd();
  const absolute = paths.map((given) => path.resolve(given));
  if (absolute.every((given) => given === here || given.startsWith(`${here}${path.sep}`))) return here;
  const first = absolute[0] ?? here;
  const own = statSync(first).isDirectory() ? first : path.dirname(first);
  for (let at = own; ; at = path.dirname(at)) {
    if (MARKS.some((mark) => existsSync(path.join(at, mark)))) return at;
    if (path.dirname(at) === at) return own;
  }
}
