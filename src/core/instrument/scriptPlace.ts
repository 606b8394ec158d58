import { existsSync } from "node:fs";
import path from "node:path";
import { textIfReadable } from "../files/readFile";
import type { Tracker } from "./trackerSource";
import { type PathAlias, compilerOption, pathAliases } from "./moduleSettings";
import type { PriceForm } from "./wrapperNames";

interface ScriptPlace {
  form: Exclude<PriceForm, "py">;
  folder: string;
  tracker: Tracker;
  pricesModule: string;
}

/** TypeScript and JavaScript: the wrapper lies at the top of the file's package, in its `src` where the file does. */
export function scriptPlace(file: string, text: string, root: string): ScriptPlace {
  const form = formOf(file, text, root);
  const folder = packageFolder(file, root);
  const ending = form === "ts" ? endingOf(file, text, root) : `.${form}`;
  const module = `${aliased(file, text, folder, root) ?? relative(file, folder)}promptCost${ending}`;
  return {
    form,
    folder,
    tracker: { module, style: form === "cjs" ? "commonjs" : "esm", localNames: [] },
    pricesModule: `./promptCostPrices${ending}`,
  };
}

function formOf(file: string, text: string, root: string): ScriptPlace["form"] {
  if (/\.[cm]?tsx?$/.test(file)) return "ts";
  if (file.endsWith(".cjs")) return "cjs";
  if (file.endsWith(".mjs") || /^\s*(import\s[^(]|import["'{*]|export\s)/m.test(text)) return "mjs";
  if (/\brequire\s*\(|\bmodule\.exports\b|\bexports\./.test(text)) return "cjs";
  const own = [...foldersUp(file, root)]
    .map((folder) => path.join(folder, "package.json"))
    .find((name) => existsSync(name));
  return own !== undefined && /"type"\s*:\s*"module"/.test(textIfReadable(own, [root]) ?? "") ? "mjs" : "cjs";
}

/** The folders from a file's own up to the workspace's. */
function* foldersUp(file: string, root: string): Generator<string> {
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    yield at;
    if (at === root || path.dirname(at) === at) return;
  }
}

function packageFolder(file: string, root: string): string {
  const own = [...foldersUp(file, root)].find((folder) =>
    ["package.json", "tsconfig.json", "jsconfig.json"].some((name) => existsSync(path.join(folder, name))),
  );
  if (own === undefined) return path.dirname(file);
  const source = path.join(own, "src");
  return file.startsWith(`${source}${path.sep}`) ? source : own;
}

/** What stands before the wrapper's name in a relative import. */
function relative(file: string, folder: string): string {
  const way = path.relative(path.dirname(file), folder).split(path.sep).join("/");
  return way === "" ? "./" : way.startsWith(".") ? `${way}/` : `./${way}/`;
}

const imported = (text: string): string[] =>
  [...text.matchAll(/\b(?:from|import|require\()\s*["']([^"']+)["']/g)].flatMap(([, name]) => name ?? []);

/** The same by an alias (`@/…`, `#lib/…`), where the file imports by it more often than relatively. */
function aliased(file: string, text: string, folder: string, root: string): string | undefined {
  const names = imported(text).filter((name) => !/promptCost(\.\w+)?$/.test(name));
  const uses = ({ prefix }: PathAlias): number =>
    names.filter((name) => prefix !== "" && name.startsWith(prefix)).length;
  const [best] = pathAliases([...foldersUp(file, root)], root)
    .filter(({ target }) => folder === target || folder.startsWith(`${target}${path.sep}`))
    .sort((a, b) => uses(b) - uses(a));
  if (best === undefined || uses(best) === 0 || uses(best) < names.filter((name) => name.startsWith(".")).length)
    return undefined;
  const way = path.relative(best.target, folder).split(path.sep).join("/");
  return `${best.prefix}${way === "" ? "" : `${way}/`}`;
}

/** The ending that imports name (`./prompts.js`), as ES modules in Node ask; as the file does it, else as its compiler wants it. */
function endingOf(file: string, text: string, root: string): string {
  const own = imported(text).find((name) => /^\.{1,2}\//.test(name) && !/promptCost(\.\w+)?$/.test(name));
  if (own !== undefined) return /\.[jt]s$/.exec(own)?.[0] ?? "";
  const folders = [...foldersUp(file, root)];
  if (compilerOption(folders, root, "allowImportingTsExtensions") === true) return ".ts";
  const kind = compilerOption(folders, root, "moduleResolution") ?? compilerOption(folders, root, "module");
  return typeof kind === "string" && /^node(16|18|20|next)$/i.test(kind) ? ".js" : "";
}
