import { readSource } from "../scan/readSource";
import { isSource, walk } from "../scan/walk";
import { isWrapper } from "./wrapperFiles";

/** Files that are read before other work has its turn. */
const AT_ONCE = 50;
const MOST = 500;

const attribution = /\btracked\([^]{0,400}?\bfeature["']?\s*[=:]\s*(["'`])((?:\\.|(?!\1)[^\\\n])*)\1/g;

/** The features that calls of some folders are tracked as, in order of name. @param pause lets other work have its turn. */
export async function knownFeatures(roots: readonly string[], pause: () => Promise<void>): Promise<string[]> {
  const found = new Set<string>();
  let read = 0;
  for (const root of roots) {
    for (const file of walk(root, false)) {
      if (!isSource(file)) continue;
      if (++read % AT_ONCE === 0) await pause();
      const source = readSource(file, [root]);
      if (source.kind !== "text" || isWrapper(file)) continue;
      for (const [, , name = ""] of source.text.matchAll(attribution)) found.add(name.replace(/\\(.)/g, "$1"));
      if (found.size >= MOST) return [...found].sort();
    }
  }
  return [...found].sort();
}
