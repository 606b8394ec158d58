import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { root } from "../support";

/** What a file imports of ours: all of it, and what is left of that once types are gone. */
export interface Imports {
  all: string[];
  values: string[];
}

/** Our source files, by their paths from the root, with `/`. */
export const sourceFiles = (): string[] =>
  readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".d.ts"))
    .map((file) => path.posix.join("src", file.replaceAll(path.sep, "/")));

/** @param folder that the files' paths begin from. */
export function importsOf(files: readonly string[], folder = root): Map<string, Imports> {
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const imports: Imports = { all: [], values: [] };
      const add = (specifier: ts.Node | undefined, isType: boolean): void => {
        if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith(".")) return;
        const bare = path.posix.join(path.posix.dirname(file), specifier.text);
        const found = [`${bare}.ts`, `${bare}.tsx`].find((one) => known.has(one));
        if (found === undefined) return;
        imports.all.push(found);
        if (!isType) imports.values.push(found);
      };
      const visit = (node: ts.Node): void => {
        if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node.importClause));
        else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeExport(node));
        else if (ts.isImportTypeNode(node))
          add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
        else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
          add(node.arguments[0], false);
        ts.forEachChild(node, visit);
      };
      visit(ts.createSourceFile(file, readFileSync(path.join(folder, file), "utf8"), ts.ScriptTarget.Latest));
      return [file, imports];
    }),
  );
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.every((one) => one.isTypeOnly)
  );
}

const isTypeExport = ({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean =>
  isTypeOnly ||
  (exportClause !== undefined &&
    ts.isNamedExports(exportClause) &&
    exportClause.elements.every((one) => one.isTypeOnly));

/** The files that can be reached from themselves, by circles (strongly connected components, Tarjan 1972). */
export function cycles(files: readonly string[], next: (file: string) => readonly string[]): string[][] {
  const found: string[][] = [];
  const [indexes, lowest, trail] = [new Map<string, number>(), new Map<string, number>(), new Set<string>()];
  const visit = (file: string): number => {
    const index = indexes.size;
    indexes.set(file, index);
    lowest.set(file, index);
    trail.add(file);
    for (const other of next(file)) {
      const reached = !indexes.has(other) ? visit(other) : trail.has(other) ? (indexes.get(other) ?? index) : index;
      lowest.set(file, Math.min(lowest.get(file) ?? index, reached));
    }
    const low = lowest.get(file) ?? index;
    if (low === index) {
      const all = [...trail];
      const circle = all.slice(all.indexOf(file));
      for (const one of circle) trail.delete(one);
      if (circle.length > 1 || next(file).includes(file)) found.push(circle);
    }
    return low;
  };
  for (const file of files) if (!indexes.has(file)) visit(file);
  return found;
}
