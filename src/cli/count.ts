import { readFileSync } from "node:fs";
import { Assets } from "../core/assets";
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

function read(file: string | undefined): string {
  try {
    return readFileSync(file === undefined || file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new UsageError(
      `${file ?? "standard input"} can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
