import { type ParseArgsConfig, parseArgs } from "node:util";

/** Something that the person who typed the command can mend; its message is all that they see. */
export class UsageError extends Error {}

/** Reads options and positional arguments. @throws UsageError on what isn't known. */
export function readArguments<T extends NonNullable<ParseArgsConfig["options"]>>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split(". ")[0] ?? error.message) : String(error));
  }
}
