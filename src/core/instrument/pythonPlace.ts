import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { textIfReadable } from "../files/readFile";
import type { Tracker } from "./trackerSource";

interface PythonPlace {
  folder: string;
  tracker: Tracker;
  pricesModule: string;
}

const NAME = "prompt_cost";

/**
 * In a project's one package, the wrapper lies in the package: it is shipped and copied with it. Where there are several
 * packages, or none, it lies where their absolute imports start.
 */
export function pythonPlace(file: string, text: string, root: string): PythonPlace {
  const { folder, module, pricesModule } = placed(file, text, root);
  return { folder, tracker: { module, style: "python", localNames: localNames(file, text, root) }, pricesModule };
}

interface Placed {
  folder: string;
  module: string;
  pricesModule: string;
}

function placed(file: string, text: string, root: string): Placed {
  const folder = path.dirname(file);
  const tops = packagesAround(folder, root);
  const [top] = tops;
  if (top === undefined)
    return atImportRoot(
      /^\s*from\s+\.\w* ?import|^\s*from\s+\.\w/m.test(text) ? folder : importRoot(folder, file, text, root),
      text,
      folder,
    );
  const importsFrom = path.dirname(top);
  const style = styleOf(text, folder, top) ?? styleOfNeighbours(folder, file, top) ?? "absolute";
  if (style === "script") return { folder, module: NAME, pricesModule: `${NAME}_prices` };
  if (isWithin(importsFrom, root) && packagesIn(importsFrom).length > 1) return atImportRoot(importsFrom, "", folder);
  const module = style === "relative" ? `${".".repeat(tops.length)}${NAME}` : `${path.basename(top)}.${NAME}`;
  return { folder: top, module, pricesModule: `.${NAME}_prices` };
}

/** The wrapper beside what is imported absolutely; relative where the file's own folder is a package without a mark. */
function atImportRoot(at: string, text: string, folder: string): Placed {
  const isRelative = at === folder && /^\s*from\s+\./m.test(text);
  return {
    folder: at,
    module: isRelative ? `.${NAME}` : NAME,
    pricesModule: isRelative ? `.${NAME}_prices` : `${NAME}_prices`,
  };
}

/** The packages around a folder, the outermost first; folders without a mark inside of one are packages too. */
function packagesAround(folder: string, root: string): string[] {
  const around: string[] = [];
  for (let at = folder; at !== root && isWithin(at, root); at = path.dirname(at)) around.unshift(at);
  const top = around.findIndex((at) => existsSync(path.join(at, "__init__.py")));
  return top < 0 ? [] : around.slice(top);
}

/** Packages that are the project's own: tests and the like ship apart, or not at all. */
function packagesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() &&
    !/^(tests?|docs?|examples?|scripts|tools|migrations|\..*)$/.test(entry.name) &&
    existsSync(path.join(folder, entry.name, "__init__.py"))
      ? [entry.name]
      : [],
  );
}

type Style = "relative" | "absolute" | "script";

/** How a file of a package imports the package's other files; undefined where it imports none. */
function styleOf(text: string, folder: string, top: string): Style | undefined {
  if (/^\s*from\s+\./m.test(text)) return "relative";
  const names = importedNames(text);
  if (names.includes(path.basename(top))) return "absolute";
  return names.some((name) => isModule(folder, name)) ? "script" : undefined;
}

/** As the files beside it do it: a package has one style. */
function styleOfNeighbours(folder: string, file: string, top: string): Style | undefined {
  const files = readdirSync(folder).filter((name) => name.endsWith(".py") && path.join(folder, name) !== file);
  for (const name of files.slice(0, 20)) {
    const style = styleOf(textIfReadable(path.join(folder, name), [folder]) ?? "", folder, top);
    if (style !== undefined) return style;
  }
  return undefined;
}

/** Without packages: the folder from which the file's own absolute imports are found, else its own. */
function importRoot(folder: string, file: string, text: string, root: string): string {
  const names = importedNames(text);
  for (let at = folder; ; at = path.dirname(at)) {
    if (names.some((name) => isModule(at, name) || file.startsWith(`${path.join(at, name)}${path.sep}`))) return at;
    if (at === root || path.dirname(at) === at) return folder;
  }
}

/** Modules that the file imports from the project itself. */
function localNames(file: string, text: string, root: string): string[] {
  const folders = [path.dirname(file)];
  while (folders[0] !== root && folders[0] !== undefined && path.dirname(folders[0]) !== folders[0])
    folders.unshift(path.dirname(folders[0]));
  return importedNames(text).filter((name) =>
    folders.some((at) => isModule(at, name) || file.startsWith(`${path.join(at, name)}${path.sep}`)),
  );
}

const importedNames = (text: string): string[] =>
  [...text.matchAll(/^(?:from|import)\s+([A-Za-z_]\w*)/gm)].flatMap(([, name]) =>
    name === undefined || name.startsWith(NAME) ? [] : [name],
  );
const isModule = (folder: string, name: string): boolean =>
  existsSync(path.join(folder, name, "__init__.py")) || existsSync(path.join(folder, `${name}.py`));
const isWithin = (folder: string, root: string): boolean => folder === root || folder.startsWith(`${root}${path.sep}`);
