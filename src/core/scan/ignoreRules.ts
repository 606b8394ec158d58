import path from "node:path";
import ignore, { type Ignore } from "ignore";
import { textIfReadable } from "../files/readFile";

/** Longer lines are no person's. Characters. */
const MAX_LINE = 500;
/** Lines of one file; those with several wildcards cost more. */
const MAX_LINES = 5_000;
const MAX_COSTLY_LINES = 200;

/**
 * Wildcards of one line. Each is a loop within the others when a path nearly matches (`*a*a*a*b`), so that a few more
 * would take forever.
 */
const MAX_WILDCARDS = 3;

/** What matching paths against one file's rules may take in total, in milliseconds. */
const MAX_TIME = 2_000;

/** The rules of one `.gitignore`, which hold from its folder down. A line that is broken or too costly is skipped. */
export class IgnoreRules {
  private readonly folder: string;
  private readonly rules: Ignore = ignore();
  private time = 0;

  /** @param folder the folder with the file; a link that leads out of it, or no regular file, rules nothing. */
  constructor(folder: string) {
    this.folder = path.resolve(folder);
    const lines = textIfReadable(path.join(folder, ".gitignore"), [folder])?.split(/\r?\n/) ?? [];
    let costly = 0;
    for (const line of lines.slice(0, MAX_LINES)) {
      if (wildcardsIn(line) > 1 && ++costly > MAX_COSTLY_LINES) continue;
      if (isUsable(line)) this.rules.add(line);
    }
  }

  /** Whether a file is ignored; undefined where the rules don't decide about it. */
  decide(file: string, isFolder: boolean): boolean | undefined {
    const relative = path.relative(this.folder, path.resolve(file)).split(path.sep).join("/");
    if (relative === "" || relative.startsWith("..") || this.time > MAX_TIME) return undefined;
    const started = performance.now();
    const { ignored, unignored } = this.rules.test(isFolder ? `${relative}/` : relative);
    this.time += performance.now() - started;
    return ignored || unignored ? ignored : undefined;
  }
}

const wildcardsIn = (line: string): number => line.match(/\*+/g)?.length ?? 0;

/** Whether a line can be matched in little time, and at all: some ranges (`[z-a]`) are no pattern. */
function isUsable(line: string): boolean {
  if (line.length > MAX_LINE || wildcardsIn(line) > MAX_WILDCARDS || line.includes("***")) return false;
  try {
    ignore().add(line).test("a/b");
    return true;
  } catch {
    return false;
  }
}
