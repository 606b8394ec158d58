import { existsSync } from "node:fs";
import path from "node:path";
import { parse } from "jsonc-parser";
import { z } from "zod";
import { textIfReadable } from "../files/readFile";

const config = z.object({
  extends: z.union([z.string(), z.array(z.string())]).optional(),
  compilerOptions: z
    .looseObject({ baseUrl: z.string().optional(), paths: z.record(z.string(), z.array(z.string())).optional() })
    .optional(),
});
type Config = z.infer<typeof config>;
const packageJson = z.object({ imports: z.record(z.string(), z.unknown()).optional() });

/** An import that begins with `prefix` is of a file under the folder `target`. */
export interface PathAlias {
  prefix: string;
  target: string;
}

/** Configurations inherit from each other; more than so many do so in a circle. */
const MAX_PARENTS = 8;

/** The compiler's configuration in the first folder that has one, then what it inherits from. What can't be read says nothing. */
function* configs(
  folders: readonly string[],
  root: string,
): Generator<{ folder: string; options: NonNullable<Config["compilerOptions"]> }> {
  const first = folders
    .flatMap((folder) => ["tsconfig.json", "jsconfig.json"].map((name) => path.join(folder, name)))
    .find((file) => existsSync(file));
  const waiting = first === undefined ? [] : [first];
  for (let count = 0; count < MAX_PARENTS; count++) {
    const file = waiting.shift();
    if (file === undefined) return;
    const read = config.safeParse(parsed(file, root));
    if (!read.success) continue;
    yield { folder: path.dirname(file), options: read.data.compilerOptions ?? {} };
    waiting.push(...[read.data.extends ?? []].flat().flatMap((name) => parentOf(path.dirname(file), name)));
  }
}

/** What a file of JSON holds; undefined where it can't be read, or nests too deep for the parser. */
function parsed(file: string, root: string): unknown {
  try {
    return parse(textIfReadable(file, [root]) ?? "");
  } catch {
    return undefined;
  }
}

function parentOf(folder: string, name: string): string[] {
  const tried =
    name.startsWith(".") || path.isAbsolute(name)
      ? [path.resolve(folder, name)]
      : ancestorsOf(folder).map((at) => path.join(at, "node_modules", name));
  const found = tried
    .flatMap((file) => [file, `${file}.json`, path.join(file, "tsconfig.json")])
    .find((file) => file.endsWith(".json") && existsSync(file));
  return found === undefined ? [] : [found];
}

function ancestorsOf(folder: string): string[] {
  const above = path.dirname(folder);
  return above === folder ? [folder] : [folder, ...ancestorsOf(above)];
}

/** A compiler option that holds for files in the first of the folders (those after it lie around it). */
export function compilerOption(folders: readonly string[], root: string, name: string): unknown {
  for (const { options } of configs(folders, root)) if (options[name] !== undefined) return options[name];
  return undefined;
}

/** Aliases of the compiler's `paths`, and of the `imports` of package.json. */
export function pathAliases(folders: readonly string[], root: string): PathAlias[] {
  const compiled = [...configs(folders, root)].find(({ options }) => options.paths !== undefined);
  const entries = Object.entries(compiled?.options.paths ?? {}).map(([key, [target]]): [string, unknown] => [
    key,
    target,
  ]);
  const found = entries.flatMap(([key, target]) =>
    alias(key, target, path.resolve(compiled?.folder ?? "", compiled?.options.baseUrl ?? ".")),
  );
  const manifest = folders.map((folder) => path.join(folder, "package.json")).find((file) => existsSync(file));
  if (manifest === undefined) return found;
  const read = packageJson.safeParse(parsed(manifest, root));
  return [
    ...found,
    ...Object.entries(read.data?.imports ?? {}).flatMap(([key, target]) => alias(key, target, path.dirname(manifest))),
  ];
}

function alias(key: string, target: unknown, folder: string): PathAlias[] {
  if (!key.endsWith("*") || typeof target !== "string" || !target.endsWith("*")) return [];
  return [{ prefix: key.slice(0, -1), target: path.resolve(folder, target.slice(0, -1)) }];
}
