import { spawn } from "node:child_process";

/** Runs a program in a folder, and gives what it prints. */
export function run(
  program: string,
  args: string[],
  folder: string,
  env: Record<string, string> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, problem] = ["", ""];
    child.stdout.on("data", (data) => (out += String(data)));
    child.stderr.on("data", (data) => (problem += String(data)));
    child.on("exit", (code) =>
      code === 0
        ? resolve(out)
        : reject(new Error(`${program} ${args.join(" ")} ended with ${code ?? "a signal"}: ${problem}`)),
    );
  });
}
