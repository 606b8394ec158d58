import { allowDevelopmentExtension, launchBrowser } from "./browser";
import { startServer } from "./server";

/** A suite that says nothing for so long has hung (ms). */
const PATIENCE = 300_000;

/** Runs a suite in the extension host of VS Code's server, and passes on what it prints; gives the exit code. */
export async function runOnServer(root: string, suite: string, workspace: string): Promise<number> {
  const server = await startServer();
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await allowDevelopmentExtension(page);
    const exited = new Promise<number>((resolve) => {
      void page.exposeFunction("codeAutomationExit", resolve);
    });
    // What the workbench logs is noise; what the suite has to say is in its results.
    await page.exposeFunction("codeAutomationLog", () => undefined);
    const remote = `vscode-remote://127.0.0.1:${server.port}`;
    const payload = JSON.stringify([
      ["extensionDevelopmentPath", remote + root],
      ["extensionTestsPath", remote + suite],
    ]);
    await page.goto(`${server.urlOf(workspace)}&payload=${encodeURIComponent(payload)}`);
    return await Promise.race([
      exited,
      new Promise<number>((resolve) => {
        const giveUp = (): void => {
          console.error("The suite inside VS Code did not end in time.");
          resolve(1);
        };
        setTimeout(giveUp, PATIENCE).unref();
      }),
    ]);
  } finally {
    await browser.close();
    await server.stop();
  }
}
