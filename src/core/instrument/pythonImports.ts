import type { Node } from "web-tree-sitter";
import type { Tracker } from "./trackerSource";
import { endOfLine } from "./endOfLine";

/** Where a line is put, and what stands before and after it. */
export interface Insertion {
  at: number;
  before: string;
  after: string;
}

/** Sections of imports, in the order that isort and ruff give them. */
const section = { future: 0, others: 1, firstParty: 2, relative: 3 };

/** The standard library's modules that code with calls to models imports most: they only tell how a file groups imports. */
const standard =
  /^(abc|argparse|asyncio|base64|collections|contextlib|copy|csv|dataclasses|datetime|enum|functools|glob|hashlib|inspect|io|itertools|json|logging|math|multiprocessing|os|pathlib|pickle|pprint|queue|random|re|shutil|signal|socket|sqlite3|string|subprocess|sys|tempfile|textwrap|threading|time|traceback|types|typing|unittest|urllib|uuid|warnings)$/;

/** The place of the tracker's import among a file's own ones: sorted into its section, which is set off where others are. */
export function placeAmong(
  imports: readonly Node[],
  text: string,
  { module, localNames }: Tracker,
  eol: string,
): Insertion {
  const lineStart = (node: Node): boolean => node.startIndex === 0 || text[node.startIndex - 1] === "\n";
  const sectionOf = (node: Node): number => {
    const name = moduleOf(node);
    return name === "__future__"
      ? section.future
      : name.startsWith(".")
        ? section.relative
        : localNames.includes(name.split(".")[0] ?? "")
          ? section.firstParty
          : section.others;
  };
  const own = module.startsWith(".") ? section.relative : section.firstParty;
  const same = imports.filter((node) => sectionOf(node) === own);
  const next = same.find((node) => comesAfter(node, module));
  if (next !== undefined && lineStart(next)) return { at: next.startIndex, before: "", after: eol };
  const last = same.at(-1);
  if (last !== undefined) return { at: endOfLine(text, last.endIndex), before: eol, after: "" };
  const gap = setsSectionsOff(imports, text, eol) ? `${eol}${eol}` : eol;
  const later = imports.find((node) => sectionOf(node) > own);
  if (later !== undefined && lineStart(later)) return { at: later.startIndex, before: "", after: gap };
  return { at: endOfLine(text, imports.at(-1)?.endIndex ?? 0), before: gap, after: "" };
}

const moduleOf = (node: Node): string =>
  node.type === "future_import_statement"
    ? "__future__"
    : ((node.childForFieldName("module_name") ?? node.childForFieldName("name"))?.text ?? "");

/** `import x` comes before `from x import y`, then the module's name decides; what is further up comes first. */
function comesAfter(node: Node, module: string): boolean {
  if (node.type !== "import_from_statement") return false;
  const dots = (name: string): number => /^\.*/.exec(name)?.[0].length ?? 0;
  const other = moduleOf(node);
  return dots(other) === dots(module) ? other.toLowerCase() > module.toLowerCase() : dots(other) < dots(module);
}

/** Whether blank lines stand between the file's sections; where it has only one, and a blank line after it, they would. */
function setsSectionsOff(imports: readonly Node[], text: string, eol: string): boolean {
  const own = imports.filter((node) => moduleOf(node) !== "__future__");
  if (
    own.some(
      (node, index) => index > 0 && text.slice(own[index - 1]?.endIndex, node.startIndex).includes(`${eol}${eol}`),
    )
  )
    return true;
  const kinds = new Set(own.map((node) => standard.test(moduleOf(node).split(".")[0] ?? "")));
  const rest = text.slice(endOfLine(text, imports.at(-1)?.endIndex ?? 0));
  return kinds.size < 2 && (rest === "" || rest.startsWith(`${eol}${eol}`));
}
