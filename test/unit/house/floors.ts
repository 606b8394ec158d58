import { dirname } from "node:path/posix";

/**
 * The floors of the house, from the ground up: a folder imports from its own floor and from those below it. Folders on
 * one line are one floor; `*` is the files of a folder itself. A file stands on the floor of the longest name that its path begins with.
 */
export const floors = [
  "src/core/*",
  "src/core/text/ src/core/files/",
  "src/core/tokens/",
  "src/core/pricing/ src/core/vendors/",
  "src/core/calls/ src/core/languages/",
  "src/core/assets.ts",
  "src/core/estimate/",
  "src/core/scan/",
  "src/core/instrument/",
  "src/core/findings/",
  "src/core/telemetry/",
  "src/core/telemetry/otlp/",
  "src/core/telemetry/receiver/ src/core/telemetry/local/",
  "src/core/telemetry/openobserve/",
  "src/core/telemetry/sources/",
  "src/core/insight/",
  "src/core/insight/panels/ src/core/insight/build.ts src/core/insight/feed.ts",
  "src/core/schemas.ts",
  "src/sample/ src/cli/",
  "src/worker/rpc/",
  "src/worker/",
  "src/webview/",
  "src/editor/",
  "src/extension.ts",
  // Written into workspaces as it is; nothing here imports it.
  "src/wrapper/",
];

const names = floors.flatMap((floor, at) => floor.split(" ").map((name) => ({ name, at })));

/** @returns a floor's index, and -1 where a file stands on none. */
export function floorOf(file: string): number {
  const found = names
    .filter(({ name }) => (name.endsWith("/*") ? dirname(file) === dirname(name) : file.startsWith(name)))
    .sort((a, b) => b.name.length - a.name.length);
  return found[0]?.at ?? -1;
}
