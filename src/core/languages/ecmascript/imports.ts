import path from "node:path";
import { parse } from "jsonc-parser";
import { z } from "zod";
import { foldersBetween } from "../../calls/folders";
import type { FileReader } from "../pack";

const ENDINGS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];
/** TypeScript files are imported by the name of what they compile to. */
const COMPILED: Record<string, readonly string[]> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

/** The files that `import … from "…"` may mean. */
export function importCandidates(
  specifier: string,
  from: string,
  roots: readonly string[],
  read: FileReader,
): string[] {
  const bare = specifier.replace(/\?(raw|inline|url)$/, "");
  if (/^\.{1,2}(\/|$)/.test(bare)) return fileCandidates(path.join(path.dirname(from), bare));
  if (path.isAbsolute(bare)) return fileCandidates(bare);
  return aliasTargets(bare, from, roots, read).flatMap(fileCandidates);
}

function fileCandidates(target: string): string[] {
  const ending = path.extname(target);
  const sources = (COMPILED[ending] ?? []).map((source) => target.slice(0, -ending.length) + source);
  return [
    ...sources,
    ...(ending === "" ? [] : [target]),
    ...ENDINGS.map((one) => target + one),
    ...ENDINGS.map((one) => path.join(target, `index${one}`)),
  ];
}

const config = z.object({
  compilerOptions: z
    .object({ baseUrl: z.string().optional(), paths: z.record(z.string(), z.array(z.string())).optional() })
    .optional(),
});

type ImportConfig = NonNullable<z.infer<typeof config>["compilerOptions"]>;

/** More aliases than these are not looked at. */
const MAX_ALIASES = 1_000;

/** Configurations by file, each read once for each of its states. */
const known = new Map<string, { text: string; config: ImportConfig }>();

/** So many are remembered before all are forgotten once. */
const MAX_CONFIGS = 1_000;

function configOf(file: string, text: string | undefined): ImportConfig | undefined {
  if (text === undefined) return undefined;
  let entry = known.get(file);
  if (entry?.text === text) return entry.config;
  if (known.size >= MAX_CONFIGS) known.clear();
  known.set(file, (entry = { text, config: readConfig(text) }));
  return entry.config;
}

function readConfig(text: string): ImportConfig {
  try {
    const parsed = config.safeParse(parse(text));
    return (parsed.success ? parsed.data.compilerOptions : undefined) ?? {};
  } catch {
    return {}; // Nested deeper than the parser can follow.
  }
}

/** `paths` and `baseUrl` of the nearest tsconfig.json or jsconfig.json. */
function aliasTargets(specifier: string, from: string, roots: readonly string[], read: FileReader): string[] {
  for (const folder of foldersBetween(from, roots)) {
    for (const name of ["tsconfig.json", "jsconfig.json"]) {
      const file = path.join(folder, name);
      const options = configOf(file, read(file));
      if (options === undefined) continue;
      const base = path.join(folder, options.baseUrl ?? ".");
      const aliases = Object.entries(options.paths ?? {}).slice(0, MAX_ALIASES);
      const mapped = aliases.flatMap(([pattern, targets]) => {
        const [before = "", after] = pattern.split("*");
        if (after === undefined) return pattern === specifier ? targets : [];
        const matches =
          specifier.startsWith(before) && specifier.endsWith(after) && specifier.length >= before.length + after.length;
        const middle = specifier.slice(before.length, specifier.length - after.length);
        return matches ? targets.map((target) => target.replace("*", () => middle)) : [];
      });
      return [...mapped, ...(options.baseUrl === undefined ? [] : [specifier])].map((target) =>
        path.join(base, target),
      );
    }
  }
  return [];
}
