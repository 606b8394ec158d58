import { appendFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { format } from "node:util";
import Mocha from "mocha";

/** What VS Code calls: runs every suite beside this file. */
export function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 30_000, color: false, reporter: "spec" });
  const grep = process.env["PROMPT_COST_GREP"];
  if (grep !== undefined) mocha.grep(grep);
  // The console is the workbench's too; the launcher prints this file in its place.
  const results = process.env["PROMPT_COST_RESULTS"];
  if (results !== undefined)
    Mocha.reporters.Base.consoleLog = (...args: unknown[]) => appendFileSync(results, `${format(...args)}\n`);
  for (const file of readdirSync(__dirname)) if (file.endsWith(".test.js")) mocha.addFile(path.join(__dirname, file));
  return new Promise((resolve, reject) => {
    mocha.run((failures) => (failures > 0 ? reject(new Error(`${failures} tests failed`)) : resolve()));
  });
}
