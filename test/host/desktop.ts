import path from "node:path";
import { spawnSync } from "node:child_process";

/** A download that has not begun by then will not come (ms). */
const PATIENCE = 20_000;

/** Runs a suite in desktop VS Code, downloaded by @vscode/test-electron; gives the exit code. */
export async function runOnDesktop(
  root: string,
  suite: string,
  workspace: string,
  isForced: boolean,
): Promise<number | "not available"> {
  const hasDisplay =
    process.platform !== "linux" ||
    process.env["DISPLAY"] !== undefined ||
    process.env["WAYLAND_DISPLAY"] !== undefined;
  if (!hasDisplay && !isForced) return "not available";
  const { downloadAndUnzipVSCode, runTests, SilentReporter } = await import("@vscode/test-electron");
  let executable: string;
  try {
    executable = await Promise.race([
      downloadAndUnzipVSCode({ version: "stable", reporter: new SilentReporter(), timeout: PATIENCE }),
      new Promise<never>((_resolve, reject) =>
        setTimeout(() => reject(new Error("the download did not begin in time")), PATIENCE),
      ),
    ]);
  } catch (error) {
    if (isForced) throw error;
    console.log(
      `Desktop VS Code can't be had here (${error instanceof Error ? error.message.split("\n")[0] : String(error)}).`,
    );
    return "not available";
  }
  console.log(`Host: desktop VS Code, ${executable}.`);
  try {
    return await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: root,
      extensionTestsPath: suite,
      launchArgs: [
        workspace,
        "--disable-extensions",
        "--disable-workspace-trust",
        ...(process.getuid?.() === 0
          ? ["--no-sandbox", `--user-data-dir=${path.join(root, ".vscode-test", "data")}`]
          : []),
      ],
    });
  } catch {
    return 1;
  }
}

/** Whether desktop VS Code is on the path, for a person's demo. */
export const isCodeOnPath = (): boolean =>
  spawnSync(process.platform === "win32" ? "where" : "which", ["code"]).status === 0;
