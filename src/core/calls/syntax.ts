import { Language as Grammar, type Node, Parser, Query, type Tree } from "web-tree-sitter";
import type { Language } from "./languages/language";

/** Where the WASM files of tree-sitter and its grammars lie. */
export interface GrammarFiles {
  runtime: string;
  grammar(name: string): string;
}

/** A language whose grammar is loaded. */
export interface LoadedLanguage {
  language: Language;
  /** Parses a text; with the tree before an edit, only what changed. */
  parse(text: string, before?: Tree): Tree | null;
  query: Query;
}

/** Loads grammars when a file first needs them. */
export class Grammars {
  private started: Promise<void> | undefined;
  private readonly loaded = new Map<string, Promise<LoadedLanguage>>();

  constructor(private readonly files: GrammarFiles) {}

  load(language: Language): Promise<LoadedLanguage> {
    let loading = this.loaded.get(language.grammar);
    if (loading === undefined) {
      loading = this.start(language);
      this.loaded.set(language.grammar, loading);
    }
    return loading;
  }

  private async start(language: Language): Promise<LoadedLanguage> {
    this.started ??= Parser.init({ locateFile: () => this.files.runtime });
    await this.started;
    const grammar = await Grammar.load(this.files.grammar(language.grammar));
    const parser = new Parser();
    parser.setLanguage(grammar);
    return { language, parse: (text, before) => parser.parse(text, before), query: new Query(grammar, language.query) };
  }
}

/** A node's named children; missing ones (the grammar's guess at what a person will type) left out. */
export function children(node: Node): Node[] {
  return node.namedChildren.filter(
    (child): child is Node => child !== null && !child.isMissing && child.type !== "comment",
  );
}

export function field(node: Node, name: string): Node | null {
  const child = node.childForFieldName(name);
  return child === null || child.isMissing ? null : child;
}

/** The nodes around a node, the nearest first. */
export function* ancestors(node: Node): Generator<Node> {
  for (let at = node.parent; at !== null; at = at.parent) yield at;
}
