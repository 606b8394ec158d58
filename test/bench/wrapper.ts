import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Assets } from "../../src/core/assets";
import { wrapperFiles } from "../../src/core/instrument/wrapperFiles";
import { wrapperPlace } from "../../src/core/instrument/wrapperPlace";

/** Microseconds that are added to a call, and to a chunk of a stream. */
export interface Added {
  call: number;
  chunk: number;
}
interface Measured {
  tracked: Added;
  /** By the official automatic instrumentation, in the same run. */
  automatic: Added;
  swallowed: Record<string, number>;
}

const ROUNDS = "15";

/** What the wrapper adds, in Python and in Node, measured against calls that are answered within the process. */
export function measureWrapper(root: string): Record<"Python" | "Node", Measured> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-bench-wrapper-"));
  const assets = new Assets(path.join(root, "dist"));
  try {
    for (const name of ["a.py", "a.cjs"]) {
      for (const { file, text } of wrapperFiles(wrapperPlace(path.join(folder, name), "", folder), folder, {
        dist: assets.folder,
        table: null,
        catalogue: assets.catalogue,
      }))
        writeFileSync(file, text);
    }
    for (const name of ["measure.py", "measure.cjs"])
      copyFileSync(path.join(root, "test", "bench", "wrapper", name), path.join(folder, name));
    symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
    const run = (program: string, script: string): Measured => {
      const { stdout, stderr } = spawnSync(program, [script, ROUNDS], { cwd: folder, encoding: "utf8" });
      if (stdout === "") throw new Error(stderr);
      return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Measured;
    };
    return {
      Python: run(process.env["PROMPT_COST_PYTHON_APP"] ?? "python3", "measure.py"),
      Node: run(process.execPath, "measure.cjs"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
