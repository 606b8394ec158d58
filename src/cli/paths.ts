import { type Stats, statSync } from "node:fs";
import { UsageError } from "./usageError";

/**
 * Whether a path that was given is a folder, and not a file. Either may be a link, since a person has named it.
 * @throws UsageError where it is neither: reading a pipe or a device may never end.
 */
export function isFolder(given: string): boolean {
  let stat: Stats;
  try {
    stat = statSync(given);
  } catch {
    throw new UsageError(`${given} can't be read: no such file or folder`);
  }
  if (!stat.isFile() && !stat.isDirectory())
    throw new UsageError(`${given} can't be read: it is a pipe, a socket or a device, and not a file or folder`);
  return stat.isDirectory();
}
