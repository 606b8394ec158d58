import path from "node:path";
import { textIfReadable } from "../files/readFile";

/** The files that calls and prompts are read from. */
export interface Files {
  /** Absolute paths of the workspace's folders. */
  readonly roots: readonly string[];
  /** A file's text; undefined where it is missing, too large, not text, or really lies in none of the folders. */
  read(file: string, within: readonly string[]): string | undefined;
}

/** Longer code is generated; parsing it would hold up everything else. UTF-16 units. */
export const LONGEST_CODE = 2_000_000;

/** Files on disk, read once until they are said to have changed; open documents come before the disk. */
export class DiskFiles implements Files {
  /** By path, then by the folders that it may lie in. */
  private readonly cache = new Map<string, Map<string, string | undefined>>();
  private readonly open = new Map<string, string>();

  constructor(public roots: readonly string[]) {}

  read(file: string, within: readonly string[]): string | undefined {
    const open = this.open.get(file);
    if (open !== undefined) return open;
    let known = this.cache.get(file);
    if (known === undefined) this.cache.set(file, (known = new Map<string, string | undefined>()));
    const key = within.join("\n");
    if (!known.has(key)) known.set(key, textIfReadable(file, within));
    return known.get(key);
  }

  /** Takes the text of a document that is open in an editor; undefined where it was closed. */
  setOpen(file: string, text: string | undefined): void {
    if (text === undefined) this.open.delete(file);
    else this.open.set(file, text);
    this.cache.delete(file);
  }

  /** Forgets a file, or everything below a folder. */
  forget(changed: string): void {
    const below = changed + path.sep;
    for (const file of this.cache.keys()) if (file === changed || file.startsWith(below)) this.cache.delete(file);
  }
}
