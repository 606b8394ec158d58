import path from "node:path";
import { foldersBetween } from "../../calls/folders";

/** More folders up than any project is deep. */
const MAX_DOTS = 50;

/** The files that `import a.b` or `from .a import b` may mean. */
export function importCandidates(specifier: string, from: string, roots: readonly string[]): string[] {
  const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
  if (dots > MAX_DOTS) return [];
  const steps = specifier.slice(dots).split(".").filter(Boolean);
  const folders =
    dots > 0
      ? [path.join(path.dirname(from), ...Array<string>(dots - 1).fill(".."))]
      : [...roots, ...roots.map((root) => path.join(root, "src")), ...foldersBetween(from, roots)];
  return folders.flatMap((folder) => {
    const target = path.join(folder, ...steps);
    return steps.length === 0
      ? [path.join(target, "__init__.py")]
      : [`${target}.py`, path.join(target, "__init__.py"), `${target}.pyi`];
  });
}
