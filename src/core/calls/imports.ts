import path from "node:path";
import { parse } from "jsonc-parser";
import { z } from "zod";
import { foldersBetween } from "./folders";

/** Reads the settings of a tsconfig.json or jsconfig.json; undefined where there is no such file. */
type ConfigReader = (file: string) => ImportConfig | undefined;

/** The files that an import may mean, in the order in which the language looks. */
export function importCandidates(
  specifier: string,
  from: string,
  language: string,
  roots: readonly string[],
  read: ConfigReader,
): string[] {
  return language === "python"
    ? pythonCandidates(specifier, from, roots)
    : ecmascriptCandidates(specifier, from, roots, read);
}

/** More folders up than any project is deep. */
const MAX_DOTS = 50;

function pythonCandidates(specifier: string, from: string, roots: readonly string[]): string[] {
  const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
  if (dots > MAX_DOTS) return [];
  const steps = specifier.slice(dots).split(".").filter(Boolean);
  const folders =
    dots > 0
      ? [path.join(path.dirname(from), ...Array<string>(dots - 1).fill(".."))]
      : [...roots, ...roots.map((root) => path.join(root, "src")), ...foldersBetween(from, roots)];
  return folders.flatMap((folder) => {
    const target = path.join(folder, ...steps);
    return steps.length === 0
      ? [path.join(target, "__init__.py")]
      : [`${target}.py`, path.join(target, "__init__.py"), `${target}.pyi`];
  });
}

const ENDINGS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];
/** TypeScript files are imported by the name of what they compile to. */
const COMPILED: Record<string, readonly string[]> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

function ecmascriptCandidates(specifier: string, from: string, roots: readonly string[], read: ConfigReader): string[] {
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

/** Settings of imports, each file read once for each of its states. */
export class ImportConfigs {
  private readonly known = new Map<string, { text: string; config: ImportConfig }>();

  of(file: string, text: string | undefined): ImportConfig | undefined {
    if (text === undefined) return undefined;
    let entry = this.known.get(file);
    if (entry?.text !== text) this.known.set(file, (entry = { text, config: readConfig(text) }));
    return entry.config;
  }
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
function aliasTargets(specifier: string, from: string, roots: readonly string[], read: ConfigReader): string[] {
  for (const folder of foldersBetween(from, roots)) {
    for (const name of ["tsconfig.json", "jsconfig.json"]) {
      const options = read(path.join(folder, name));
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
