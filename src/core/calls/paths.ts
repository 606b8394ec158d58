import { type Source, type Value, knownText } from "./value";

/** The longest path that a system takes (Linux: PATH_MAX). */
const MAX_PATH = 4096;

/** A path as a value; undefined where no file can have so long a path. */
export const pathValue = (path: string, source: Source): (Value & { kind: "path" }) | undefined =>
  path.length > MAX_PATH ? undefined : { kind: "path", path, source };

/** The path that a value names. */
export function pathOf(value: Value | undefined): string | undefined {
  const path = value?.kind === "path" ? value.path : knownText(value);
  return path === undefined || path.length > MAX_PATH ? undefined : path;
}
