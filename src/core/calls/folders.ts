import path from "node:path";

/** The folders from a file's own up to the workspace folder that holds it. */
export function foldersBetween(file: string, roots: readonly string[]): string[] {
  const folders: string[] = [];
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    folders.push(folder);
    if (roots.includes(folder) || folder === path.dirname(folder) || folders.length > 30) return folders;
    if (!roots.some((root) => folder.startsWith(root + path.sep))) return folders;
  }
}
