import { type Stats, lstatSync, realpathSync } from "node:fs";
import path from "node:path";

/**
 * Why a file may not be written for the sake of a project, in words; null where it may. A link could lead anywhere: only
 * regular files are replaced, and only in real folders of the project. The project's own folder may be reached by a link.
 * @param root the project's folder.
 */
export function refusalToWrite(file: string, root: string): string | null {
  const way = path.relative(root, file);
  if (way === "" || way === ".." || way.startsWith(`..${path.sep}`) || path.isAbsolute(way))
    return `${file} is outside of the project ${root}`;
  const found = statOf(file);
  if (found?.isSymbolicLink() === true) return `${path.basename(file)} is a symbolic link`;
  if (found !== null && !found.isFile() && !found.isDirectory()) return `${path.basename(file)} is not a regular file`;
  const folder = path.dirname(file);
  try {
    if (realpathSync(folder) !== path.join(realpathSync(root), path.dirname(way)))
      return `${path.basename(file)} is behind a symbolic link to another folder`;
  } catch {
    return `the folder ${folder} can't be read`;
  }
  return null;
}

/** What lies there, links not followed; null where there is nothing. */
export function statOf(file: string): Stats | null {
  return lstatSync(file, { throwIfNoEntry: false }) ?? null;
}
