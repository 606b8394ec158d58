import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { DiskFiles } from "../../../src/core/calls/files";
import { type TextEdit, applyEdits } from "../../../src/core/textEdit";
import { Instrumenter, type OpenedFile } from "../../../src/core/instrument/instrumenter";
import { assets } from "../support";

/** What could end a string, a line or a file, or become code, in one language or another. */
const signs = [
  "\n",
  "\r",
  "\r\n",
  "'",
  '"',
  "\\",
  "`",
  "${x}",
  "{x}",
  "%s",
  "\0",
  "\x1a",
  "\x7f",
  "\x85",
  "\u2028",
  "\u2029",
];
const others = [
  "\ud800",
  "\udc00",
  "🙂",
  "é",
  "\u202e",
  "\ufeff",
  "</script>",
  '"""',
  "'''",
  "#",
  "\\u0041",
  "\\N{BULLET}",
  "*/",
  "f",
];
/** Names as a setting or a repository could have them; never blank. */
export const hostileName: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...signs, ...others), fc.string({ unit: "binary", maxLength: 4 })), { maxLength: 6 })
  .map((parts) => `n${parts.join("")}`);

export interface Names {
  feature: string;
  team: string;
  environment: string;
}
export const hostileNames: fc.Arbitrary<Names> = fc.record({
  feature: hostileName,
  team: hostileName,
  environment: hostileName,
});

/** Calls of a file, tracked under hostile names and untracked again. */
export class Tracks {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-names-"));
  private readonly instrumenter = new Instrumenter(assets, new DiskFiles([this.folder]));

  /** @returns the tracked text, the features read back from it, and the text without tracking. */
  async track(file: string, text: string, names: Names): Promise<{ after: string; features: unknown[]; back: string }> {
    const after = await this.edited(file, text, ({ calls, track }) =>
      track(calls.map((call) => ({ call, attribution: { ...names, userId: "user.id" } }))),
    );
    let features: unknown[] = [];
    const back = await this.edited(file, after, ({ calls, untrack }) => {
      features = calls.map(({ feature }) => feature);
      return untrack(calls);
    });
    return { after, features, back };
  }

  private async edited(file: string, text: string, edits: (opened: OpenedFile) => TextEdit[]): Promise<string> {
    const opened = await this.instrumenter.open(path.join(this.folder, file), text, this.folder);
    if (opened === null) throw new Error(`${file} is of no known language`);
    try {
      return applyEdits(text, edits(opened));
    } finally {
      opened.close();
    }
  }
}
