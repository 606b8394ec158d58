/**
 * Writes what derives from the source's lists into package.json and the README. With --check it writes nothing, and
 * fails where they are out of step.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { load } from "./load.mjs";

const { withContributions, withTables } = await load("src/editor/manifest.ts");
const made = {
  "package.json": (text) => `${JSON.stringify(withContributions(JSON.parse(text)), null, 2)}\n`,
  "README.md": withTables,
};
const stale = Object.entries(made).filter(([file, make]) => {
  const text = readFileSync(file, "utf8");
  const wanted = make(text);
  if (text === wanted) return false;
  if (!process.argv.includes("--check")) writeFileSync(file, wanted);
  return true;
});
if (process.argv.includes("--check") && stale.length > 0) {
  process.stderr.write(
    `Out of step with src/editor/contributions.ts: ${stale.map(([file]) => file).join(", ")}. Run npm run format.\n`,
  );
  process.exitCode = 1;
}
