import type { Node } from "web-tree-sitter";
import { TRACKER } from "../calls/tracker";
import { importsTracker } from "../calls/tracking";
import type { ParsedModule } from "../calls/module";
import type { TextEdit, Tracker } from "./edit";

/** What may stand before a file's imports, and must stay first: docstrings and directives (`use client`). */
const isPrologue = (node: Node): boolean => node.type === "expression_statement" && node.namedChildCount === 1 && node.namedChild(0)?.type === "string";
const isComment = (node: Node): boolean => node.type === "comment" || node.type === "hash_bang_line";

/** Imports of a file's head, as its language and style have them. */
function isImport(node: Node, style: Tracker["style"]): boolean {
  if (style === "commonjs") return /^(lexical_declaration|variable_declaration)$/.test(node.type) && /\brequire\(\s*["'`][^"'`]*["'`]\s*\)/.test(node.text) && !/=>|function/.test(node.text);
  return /^(import_statement|import_from_statement|future_import_statement)$/.test(node.type);
}

const importText = ({ module, style }: Tracker, quote: string, semicolon: string): string =>
  style === "python" ? `from ${module} import ${TRACKER}` : style === "esm" ? `import { ${TRACKER} } from ${quote}${module}${quote}${semicolon}` : `const { ${TRACKER} } = require(${quote}${module}${quote})${semicolon}`;

/** The statement that imports the tracker, where there is one. */
function ownImport(module: ParsedModule): Node | undefined {
  return statements(module).find((node) => new RegExp(`^(?:from \\S+ import ${TRACKER}|import \\{ ${TRACKER} \\} from .*|const \\{ ${TRACKER} \\} = require\\(.*\\));?$`).test(node.text));
}

const statements = (module: ParsedModule): Node[] => (module.sections[0]?.root.namedChildren ?? []).filter((node): node is Node => node !== null);

/** Adds the import after the file's own ones; without any, after its docstring or directives, else before its first statement. */
export function addImport(module: ParsedModule, text: string, tracker: Tracker): TextEdit[] {
  if (importsTracker(module)) return [];
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const all = statements(module);
  const imports = all.filter((node) => isImport(node, tracker.style));
  const semicolon = tracker.style === "python" || (imports.length > 0 && !imports.some((node) => node.text.endsWith(";"))) ? "" : ";";
  const quote = quoteOfImports(imports, text);
  const line = importText(tracker, quote, semicolon);
  const last = leading(all, tracker.style).at(-1);
  if (last !== undefined) {
    const end = endOfLine(text, last.endIndex);
    return [{ start: end, end, text: `${isPrologue(last) ? eol : ""}${eol}${line}` }];
  }
  const first = all.find((node) => !isComment(node));
  const start = first === undefined ? text.length : first.startIndex;
  return [{ start, end: start, text: `${line}${eol}${eol}` }];
}

/** Removes the import, and with it exactly what adding it brought. */
export function removeImport(module: ParsedModule, text: string, style: Tracker["style"]): TextEdit[] {
  const own = ownImport(module);
  if (own === undefined) return [];
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const all = statements(module).filter((node) => node.id !== own.id);
  const before = leading(all, style).filter((node) => node.endIndex <= own.startIndex).at(-1);
  if (before === undefined) {
    const after = text.slice(own.endIndex).startsWith(`${eol}${eol}`) ? eol.length * 2 : text.slice(own.endIndex).startsWith(eol) ? eol.length : 0;
    return [{ start: own.startIndex, end: own.endIndex + after, text: "" }];
  }
  const gap = isPrologue(before) && text.slice(0, own.startIndex).endsWith(`${eol}${eol}`) ? eol.length * 2 : text.slice(0, own.startIndex).endsWith(eol) ? eol.length : 0;
  return [{ start: own.startIndex - gap, end: own.endIndex, text: "" }];
}

/** The statements of a file's head: prologue, then imports. What stands between imports belongs to the head too. */
function leading(all: readonly Node[], style: Tracker["style"]): Node[] {
  const code = all.filter((node) => !isComment(node));
  const prologue = code.slice(0, Math.max(0, code.findIndex((node) => !isPrologue(node))));
  const isStringAlone = code.length > 0 && code.every(isPrologue);
  const head: Node[] = isStringAlone ? [...code] : [...prologue];
  for (const node of code.slice(head.length)) {
    if (!isImport(node, style)) break;
    head.push(node);
  }
  return head;
}

function endOfLine(text: string, offset: number): number {
  const at = text.slice(offset).search(/\r?\n/);
  return at < 0 ? text.length : offset + at;
}

function quoteOfImports(imports: readonly Node[], text: string): string {
  const sample = imports.length > 0 ? imports.map((node) => node.text).join("\n") : text;
  return sample.split("'").length > sample.split('"').length ? "'" : '"';
}
