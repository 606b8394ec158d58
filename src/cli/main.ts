#!/usr/bin/env node
import { DEFAULT_PORT } from "../core/telemetry/defaults";
import { dimensions } from "../core/telemetry/dimensions";
import { check } from "./check";
import { count } from "./count";
import { endWithReader, print, warn } from "./output";
import { scan } from "./scan";
import { UsageError } from "./usageError";

const usage = `prompt-cost: what OpenAI calls cost, from their code

  prompt-cost scan PATH... [--json] [--pricing FILE] [--no-ignore]
      every call below the paths, with its tokens and cost
  prompt-cost check FILE.jsonl [--knowable] [--json]
      estimates against the usage that the API answered
  prompt-cost count [--model MODEL] [FILE]
      tokens of a file, or of standard input
  prompt-cost instrument PATH... [--feature NAME] [--all] [--dry-run] [--diff] [--remove] [--check]
      tracks calls, so that they report what they spend; --check lists those that aren't tracked, and exits with 1.
      --diff prints a patch, byte for byte where it goes to a file or a pipe; on a terminal control characters are replaced
  prompt-cost spend [--since 7d | --from TIME] [--to TIME] [--by ${dimensions.join("|")}] [--json]
                    [--source local [--db FILE]] [--pricing FILE]
                    [--source openobserve --url URL --org ORG [--stream STREAM] [--allow-http]]
      what production spends. The token for OpenObserve comes from the environment: PROMPT_COST_OPENOBSERVE_TOKEN,
      or PROMPT_COST_OPENOBSERVE_USER and PROMPT_COST_OPENOBSERVE_PASSWORD. To an http:// address of another machine
      it is sent with --allow-http only
  prompt-cost receive [--port ${DEFAULT_PORT}] [--db FILE] [--json]
      receives OpenTelemetry on this machine into the local store; --json prints the receiver's metrics on
      standard output, a JSON object a line: at the start, every 10 s while requests arrive, and at the end
  prompt-cost store export [--db FILE]
      every call in the local store as a line of JSON; never a prompt
  prompt-cost store backup FILE [--db FILE]
      a copy of the local store, while it is in use, too
  prompt-cost store recover [--db FILE] [--out FILE]
      saves what can be read of a damaged store into a new one
`;

const commands: Record<string, (args: string[]) => Promise<void>> = {
  scan,
  check,
  count,
  // Loaded when asked for: they bring a database and an HTTP client.
  spend: async (args) => (await import("./spend")).spend(args),
  instrument: async (args) => (await import("./instrument")).instrument(args),
  store: async (args) => (await import("./store")).store(args),
  receive: async (args) => (await import("./receive")).receive(args),
};

async function main([name = "", ...args]: string[]): Promise<void> {
  if (name === "" || name === "help" || name === "--help" || name === "-h") {
    print(...usage.trimEnd().split("\n"));
    return;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined)
    throw new UsageError(`there is no command "${name}"; the commands are ${Object.keys(commands).join(", ")}`);
  await command(args);
}

endWithReader();
main(process.argv.slice(2)).catch((error: unknown) => {
  const nextStep = error instanceof Error && "nextStep" in error ? ` ${String(error.nextStep)}` : "";
  warn(`${error instanceof Error ? error.message : String(error)}${nextStep}`);
  process.exitCode = 2;
});
