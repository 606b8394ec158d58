import { copyFileSync, existsSync, rmSync, symlinkSync } from "node:fs";

/**
 * Lays a store's files out under another name, so that SQLite can read them with their log and changes neither: the
 * log is copied, the database linked to (a reader opens it read-only).
 */
export function layOut(target: string, view: string, isCopied = false): void {
  for (const ending of ["", "-wal", ".lock"]) rmSync(`${view}${ending}`, { recursive: true, force: true });
  if (isCopied) copyFileSync(target, view);
  else linkOrCopy(target, view);
  if (existsSync(`${target}-wal`)) copyFileSync(`${target}-wal`, `${view}-wal`);
}

/** A link costs nothing however large the store is; SQLite looks for the log beside the link. */
function linkOrCopy(target: string, view: string): void {
  try {
    symlinkSync(target, view);
  } catch {
    // Windows lets few users make links.
    copyFileSync(target, view);
  }
}
