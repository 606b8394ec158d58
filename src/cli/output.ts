import { jsonText, oneLine, severalLines } from "../core/text/plain";

/**
 * All that the command line writes. File names, models and answers of servers are others' text: control characters, terminal
 * escapes and marks of bidirectional text in them are replaced, so that they move no cursor and forge no line.
 */

/** Lines on standard output. */
export const print = (...lines: readonly string[]): void =>
  void process.stdout.write(lines.map((line) => `${oneLine(line)}\n`).join(""));

/** One line on standard error, for people: a warning, an error, progress. */
export const say = (line: string): void => void process.stderr.write(`${oneLine(line)}\n`);

/** A warning or error, with the name of the program before it. */
export const warn = (line: string): void => say(`prompt-cost: ${line}`);

/** Milliseconds between two figures of progress. */
const PROGRESS_MS = 250;

/**
 * Shows on a terminal how far long work is; nothing elsewhere.
 * @param what such as "Recovering". @returns to call with the share that is done, 0 to 1; 1 removes the line.
 */
export function progress(what: string): (done: number) => void {
  let next = 0;
  return (done) => {
    if (process.stderr.isTTY !== true || (done < 1 && Date.now() < next)) return;
    next = Date.now() + PROGRESS_MS;
    process.stderr.write(done < 1 ? `\r${what}: ${Math.floor(done * 100)} % ` : "\r\x1b[K");
  };
}

/** A value as JSON, for programs: nothing in it is replaced, but what a terminal would obey is written as `\\u…`. */
export const printJson = (value: unknown): void => void process.stdout.write(`${jsonText(value)}\n`);

/** The same on one line, for programs that read a line at a time. */
export const printJsonLine = (value: unknown): void => void process.stdout.write(`${jsonText(value, 0)}\n`);

/**
 * A patch: byte for byte into a file or a pipe, where `git apply` or `patch` reads it; cleaned on a terminal, where it is
 * only looked at.
 */
export const printPatch = (patch: string, output: PatchOutput = process.stdout): void =>
  void output.write(output.isTTY === true ? severalLines(patch) : patch);

export interface PatchOutput {
  isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** A reader that closes early (`| head`) has seen enough. */
export const endWithReader = (): void =>
  void process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
