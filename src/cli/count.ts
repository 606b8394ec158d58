import { Assets } from "../core/assets";
import { readStandardInput, readTextFile } from "../core/files/readFile";
import { encodingOf } from "../core/tokens/models";
import { print, warn } from "./output";
import { UsageError, readArguments } from "./usageError";

/** `prompt-cost count`: the tokens of a text, without any framing. */
export function count(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { model: { type: "string" } });
  if (positionals.length > 1) throw new UsageError("count takes one file, or standard input");
  const [file] = positionals;
  const { name, known } = encodingOf(values.model ?? null);
  if (values.model !== undefined && !known) warn(`${values.model} is not a known OpenAI model; counted by ${name}`);
  const tokens = new Assets(__dirname).encodings.get(name).count(read(file));
  print(String(tokens));
  return Promise.resolve();
}

/** The largest file that is counted, in bytes. */
const MAX_SIZE = 256 * 1024 * 1024;

function read(file: string | undefined): string {
  if (file !== undefined && file !== "-") {
    const content = readTextFile(file, "anywhere", MAX_SIZE);
    if ("unreadable" in content) throw new UsageError(`${file} can't be read: it is ${content.unreadable}`);
    return content.text;
  }
  try {
    return readStandardInput();
  } catch (error) {
    throw new UsageError(`standard input can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
