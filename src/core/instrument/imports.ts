import type { Node } from "web-tree-sitter";
import { TRACKER } from "../calls/tracker";
import { importsTracker } from "../calls/tracking";
import type { ParsedModule } from "../calls/module";
import type { TextEdit } from "../textEdit";
import type { Tracker } from "./trackerSource";
import { endOfLine } from "./endOfLine";
import { literal, quoteOf } from "./quotes";
import { type Insertion, placeAmong } from "./pythonImports";

/** What may stand before a file's imports, and must stay first: docstrings and directives (`use client`). */
const isPrologue = (node: Node): boolean =>
  node.type === "expression_statement" && node.namedChildCount === 1 && node.namedChild(0)?.type === "string";
const isComment = (node: Node): boolean => node.type === "comment" || node.type === "hash_bang_line";

/** Imports of a file's head, as its language and style have them. */
function isImport(node: Node, style: Tracker["style"]): boolean {
  if (style === "commonjs")
    return (
      /^(lexical_declaration|variable_declaration)$/.test(node.type) &&
      /\brequire\(\s*["'`][^"'`]*["'`]\s*\)/.test(node.text) &&
      !/=>|function/.test(node.text)
    );
  return /^(import_statement|import_from_statement|future_import_statement)$/.test(node.type);
}

const importText = ({ module, style }: Tracker, quote: string, semicolon: string): string =>
  style === "python"
    ? `from ${module} import ${TRACKER}`
    : style === "esm"
      ? `import { ${TRACKER} } from ${literal(module, quote, "script")}${semicolon}`
      : `const { ${TRACKER} } = require(${literal(module, quote, "script")})${semicolon}`;

/** The statement that imports the tracker, where there is one. */
function ownImport(module: ParsedModule): Node | undefined {
  return statements(module).find((node) =>
    new RegExp(
      `^(?:from \\S+ import ${TRACKER}|import \\{ ${TRACKER} \\} from .*|const \\{ ${TRACKER} \\} = require\\(.*\\));?$`,
    ).test(node.text),
  );
}

const statements = (module: ParsedModule): Node[] =>
  (module.sections[0]?.root.namedChildren ?? []).filter((node): node is Node => node !== null);
const endOfLineOf = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");

/** Adds the import among the file's own ones; without any, after its docstring or directives, else before its first statement. */
export function addImport(module: ParsedModule, text: string, tracker: Tracker): TextEdit[] {
  if (importsTracker(module)) return [];
  const eol = endOfLineOf(text);
  const all = statements(module);
  const { at, before, after } = placeOf(all, text, tracker, eol);
  const imports = all.filter((node) => isImport(node, tracker.style));
  const quote = quoteOf(imports.length > 0 ? imports : all);
  const semicolon = needsSemicolon(all, tracker.style, text.slice(at)) ? ";" : "";
  return [{ start: at, end: at, text: `${before}${importText(tracker, quote, semicolon)}${after}` }];
}

function placeOf(all: readonly Node[], text: string, tracker: Tracker, eol: string): Insertion {
  const head = leading(all, tracker.style);
  const imports = head.filter((node) => !isPrologue(node));
  if (tracker.style === "python" && imports.length > 0) return placeAmong(imports, text, tracker, eol);
  const last = head.at(-1);
  if (last !== undefined)
    return { at: endOfLine(text, last.endIndex), before: isPrologue(last) ? `${eol}${eol}` : eol, after: "" };
  const first = all.find((node) => !isComment(node));
  return { at: first === undefined ? text.length : first.startIndex, before: "", after: `${eol}${eol}` };
}

/** As the file's other statements end; one that the next line would otherwise go on with ends anyway. */
function needsSemicolon(all: readonly Node[], style: Tracker["style"], following: string): boolean {
  if (style === "python") return false;
  const statementTexts = all.filter(
    (node) => /statement|declaration/.test(node.type) && !/function|class|interface|block/.test(node.type),
  );
  return (
    statementTexts.length === 0 ||
    statementTexts.some((node) => node.text.endsWith(";")) ||
    (style === "commonjs" && /^\s*[([`+/-]/.test(following))
  );
}

/** Removes the import, and with it exactly what adding it brought. */
export function removeImport(module: ParsedModule, text: string, style: Tracker["style"]): TextEdit[] {
  const own = ownImport(module);
  if (own === undefined) return [];
  const eol = endOfLineOf(text);
  const all = statements(module);
  const [before, after] = [text.slice(0, own.startIndex), text.slice(own.endIndex)];
  const hasHead = leading(all, style).some((node) => node.endIndex <= own.startIndex);
  const next = all.find((node) => node.startIndex === own.endIndex + eol.length && isImport(node, style));
  const [gapBefore, gapAfter] =
    next !== undefined
      ? ["", eol]
      : hasHead
        ? [before.endsWith(`${eol}${eol}`) ? `${eol}${eol}` : eol, ""]
        : ["", after.startsWith(`${eol}${eol}`) ? `${eol}${eol}` : eol];
  return [
    {
      start: own.startIndex - (before.endsWith(gapBefore) ? gapBefore.length : 0),
      end: own.endIndex + (after.startsWith(gapAfter) ? gapAfter.length : 0),
      text: "",
    },
  ];
}

/** The statements of a file's head: prologue, then imports. What stands between imports belongs to the head too. */
function leading(all: readonly Node[], style: Tracker["style"]): Node[] {
  const code = all.filter((node) => !isComment(node));
  const prologue = code.slice(
    0,
    Math.max(
      0,
      code.findIndex((node) => !isPrologue(node)),
    ),
  );
  const isStringAlone = code.length > 0 && code.every(isPrologue);
  const head: Node[] = isStringAlone ? [...code] : [...prologue];
  for (const node of code.slice(head.length)) {
    if (!isImport(node, style)) break;
    head.push(node);
  }
  return head;
}
