import { mayHaveCalls } from "../calls/words";
import { languageOfFile, languages } from "../languages/registry";

/** Files in whose calls the wrapper can be put, as VS Code looks for files. */
export const sourcesGlob = `**/*{${languages
  .filter(({ instrumenting }) => "style" in instrumenting)
  .flatMap(({ extensions }) => extensions)
  .join(",")}}`;

/** Whether the wrapper can be put into a file's calls. */
export function canBeInstrumented(file: string): boolean {
  const instrumenting = languageOfFile(file)?.instrumenting;
  return instrumenting !== undefined && "style" in instrumenting;
}

/** Whether a file is worth parsing. */
export function mayHoldCalls(file: string, text: string): boolean {
  const pack = languageOfFile(file);
  return pack !== undefined && mayHaveCalls(text, pack);
}
