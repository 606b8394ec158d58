import path from "node:path";
import { parse } from "jsonc-parser";
import { z } from "zod";
import { foldersBetween } from "./folders";

type Reader = (file: string) => string | undefined;

/** The files that an import may mean, in the order in which the language looks. */
export function importCandidates(
  specifier: string,
  from: string,
  language: string,
  roots: readonly string[],
  read: Reader,
): string[] {
  return language === "python"
    ? pythonCandidates(specifier, from, roots)
    : ecmascriptCandidates(specifier, from, roots, read);
}

function pythonCandidates(specifier: string, from: string, roots: readonly string[]): string[] {
  const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
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

function ecmascriptCandidates(specifier: string, from: string, roots: readonly string[], read: Reader): string[] {
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

/** `paths` and `baseUrl` of the nearest tsconfig.json or jsconfig.json. */
function aliasTargets(specifier: string, from: string, roots: readonly string[], read: Reader): string[] {
  for (const folder of foldersBetween(from, roots)) {
    for (const name of ["tsconfig.json", "jsconfig.json"]) {
      const text = read(path.join(folder, name));
      if (text === undefined) continue;
      const parsed = config.safeParse(parse(text));
      const options = parsed.success ? parsed.data.compilerOptions : undefined;
      const base = path.join(folder, options?.baseUrl ?? ".");
      const mapped = Object.entries(options?.paths ?? {}).flatMap(([pattern, targets]) => {
        const [before = "", after] = pattern.split("*");
        if (after === undefined) return pattern === specifier ? targets : [];
        const matches =
          specifier.startsWith(before) && specifier.endsWith(after) && specifier.length >= before.length + after.length;
        const middle = specifier.slice(before.length, specifier.length - after.length);
        return matches ? targets.map((target) => target.replace("*", () => middle)) : [];
      });
      return [...mapped, ...(options?.baseUrl === undefined ? [] : [specifier])].map((target) =>
        path.join(base, target),
      );
    }
  }
  return [];
}
